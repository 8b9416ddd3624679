"""What the codes mean, for people. Short, plain, in English; pages translate them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DISCLAIMER: Final = "This is an explanation from public sources, not a decision."
WHO_DECIDES: Final = "Only the competent body, the school or the employer in the other country decides."

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "automatic_recognition": "An agreement says that this must be recognised; only formal checks are left.",
        "full_recognition_expected": "Full recognition can be expected unless a substantial difference is shown.",
        "level_recognition": "The level can be expected to be recognised; admission and access to work are separate.",
        "conditional_recognition": "Recognition can be expected once conditions are met.",
        "partial_recognition": "Partial recognition can be expected, with the differences listed.",
        "alternative_recognition": "Recognition at another level or for another title can be expected.",
        "comparability_statement": "A statement can be had of what it compares to; it advises and does not decide.",
        "background_statement": "A statement on the background can be had after an interview; it recognises nothing.",
        "no_formal_recognition_needed": "Where the work is not regulated, the employer decides.",
        "refer_to_authority": "No rule was found in the data; ask the competent body.",
        "insufficient_evidence": "There is a way, but evidence is missing. This is not a refusal.",
        "excluded_from_scheme": "The usual scheme does not take this kind of learning; another door is open.",
        "not_verified": "What was handed in could not be verified, so nothing is said about recognition.",
        "binding_by_treaty": "Rests on a binding text.",
        "authority_decision": "An authority decides.",
        "advisory": "Advice; others decide.",
        "information": "Information only.",
        "in_effect": "In effect on that day.",
        "applies": "This applies.",
        "applies_evidence_missing": "This applies once the missing evidence is there.",
        "out_of_scope": "Looked at; it is not made for this purpose, occupation or kind of learning.",
        "scope_unknown": "Looked at; whether it fits depends on the occupation, which was not told.",
        "not_ratified": "Looked at; a country has signed and not ratified, so it is not bound.",
        "provisional": "Looked at; a country is only a provisional member.",
        "unconfirmed": "Looked at; whether a country takes part is not confirmed.",
        "not_yet_in_effect": "Looked at; it was not yet in effect on that day.",
        "ended": "Looked at; it had ended by that day.",
        "condition_not_met": "Looked at; a condition is not met.",
        "eases_and_grants_nothing": "It can ease the later procedure; by itself it grants nothing.",
        "assessed_without_documents": "Refugees are to be assessed even without documents.",
        "open": "This procedure is open.",
        "met": "Met.",
        "not_met": "Not met.",
        "unknown": "Not known.",
        "offset_by_experience": "Different, and offset by attested experience.",
        "comparable": "Sources compare these levels; this does not guarantee recognition.",
        "no_comparable_level": "Sources say that no level compares.",
        "not_endorsed": "Levels were put side by side, but this may not be used for recognition.",
    }
)


def get_sentence(code: str) -> str:
    """The sentence for `code`; a code that has none is its own words."""
    return SENTENCES.get(code) or code.replace("_", " ").capitalize() + "."

"""What the codes mean, for people. Short, plain, in English; pages translate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from skillcred.recognition.phrases import PHRASES
from skillcred.recognition.records import Vouching

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
        "excluded_from_scheme": "The usual scheme does not take this kind of learning; ask for its validation first.",
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
        "different": "Different.",
        "offset_by_training": "Different, and offset by training that was checked.",
        "credential_verified": "Proof, form, validity and status were checked and hold.",
        "credential_not_verified": "It could not be verified, so it does not count.",
        "issuer_authorised": "The issuer was authorised for it by an enrolled national body.",
        "issuer_not_authorised": "The issuer was not authorised for it, so it does not count.",
        "issuer_authorised_now": "The issuer is authorised for it now.",
        "issuer_not_authorised_any_more": "The issuer is not authorised for it any more; the award counts as it was.",
        "issuer_standing_now_unknown": "Whether the issuer is authorised now is not known.",
        "issuer_standing_unknown": "Whether the issuer was authorised for it is not known; nothing is automatic.",
        "read_from_credential": "What the credential shows.",
        "same_field": "It is in the field that is asked about.",
        "same_broad_field": "It is in the same broad field as what is asked about; whoever decides looks closer.",
        "another_field": "It is in another field than what is asked about; whoever decides looks at what was learned.",
        "field_not_shown": "It does not show its field.",
        "same_holder": "The credentials name the same holder and are looked at together.",
        "same_holder_not_established": "Not shown to be of one person, so each piece of evidence stands for itself.",
        "not_for_this_nationality": "Looked at; its own text is for other nationalities.",
        "opens_after_a_notice": "It opens once a notice lists the differences.",
        "other_means_without_documents": "Skills can be shown by other means where papers are missing.",
        "employer_decides": "Where the work is not regulated, the employer decides.",
        "counts": "Counts.",
        "statement_is_no_qualification": "A statement about qualifications is not a qualification; it does not count.",
        "kind_of_learning_not_known": "It does not show what was learned or done, so it does not count.",
        "another_door": "The scheme that usually compares does not take this; learning has to be validated first.",
        "experience_in_another_occupation": "Counts as evidence, and not as experience in this occupation.",
        "awarded": "Awarded by a body.",
        "attested": "Attested by an employer or an authority.",
        "self_declared": "Said by the holder alone.",
        "listed_in_public_sources": "Listed in public sources; nobody asked them.",
        "as_stated": "As the table states it.",
        "alternatives": "The table names several; which one is not settled.",
        "hedged": "The table says only what is usual; it may be otherwise.",
        "at_least": "The table says at least this.",
        "in_parts": "The table says it for parts of the qualification.",
        "individual": "The table says that each case is looked at by itself.",
        "evidence_of_level": "Evidence of the level.",
        "evidence_of_workload": "Evidence of the workload: years, hours or credits.",
        "evidence_of_quality": "Evidence that the institution and programme are recognised and quality-assured.",
        "evidence_of_profile": "Evidence of the profile: what the qualification is made for.",
        "evidence_of_learning_outcomes": "Evidence of the learning outcomes, for example a transcript or syllabus.",
        "issuer_standing_at_award": "Proof that the issuer was authorised when it was awarded.",
        "confirmation_that_it_is_in_force": "Confirmation that the agreement is in force.",
        "compensation_measure": "A measure that makes up for the differences: adaptation period, test or course.",
        "credential_that_verifies": "A credential that can be verified.",
        "validation_of_prior_learning": "Validation of prior learning, so that there is a certificate.",
        "any_evidence_of_learning": "Any evidence of learning or work.",
        "occupation_told": "Telling the occupation.",
        "nationality_of_a_country_of_the_scheme": "Nationality of a country of the scheme; its own text asks for it.",
        "whether_the_profession_is_regulated": "Whether the work is regulated there is not in the data.",
        "no_national_procedure_in_the_data": "No procedure of that country is in the data.",
        "country_of_award": "The country of the award is not stated.",
        "level": "The level.",
        "workload": "The workload.",
        "quality": "The quality.",
        "profile": "The profile.",
        "learning_outcomes": "The learning outcomes.",
        "structured_interview": "A structured interview.",
    }
)


def get_sentence(code: str) -> str:
    """The sentence for `code`; a code that has none is its own words."""
    return SENTENCES.get(code) or PHRASES.get(code) or code.replace("_", " ").capitalize() + "."


def tell_standing(as_of: str, vouchings: Sequence[Vouching] = ()) -> str:
    """Who stands behind a rule: a body that signed it, or public sources of a day."""
    if not vouchings:
        return f"From public sources, as of {as_of}."
    names = ", ".join(vouching.by_name for vouching in vouchings)
    return f"From public sources, as of {as_of}; vouched for by {names}."

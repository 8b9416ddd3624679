"""What a holder may leave out where the issuer has not said it: what is about the person, never what limits or
identifies what was awarded."""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list, pointer_token

DISCLOSABLE_OF_CREDENTIAL: Final = frozenset({"evidence", "image", "endorsement", "endorsementJwt"})
"""What supports a credential and does not limit it: work samples, a picture, what others say of it."""
DISCLOSABLE_OF_SUBJECT: Final = frozenset(
    {
        "name",
        "nameTranslations",
        "identifier",
        "image",
        "narrative",
        "narrativeTranslations",
        "result",
        "source",
    }
)
"""Who the person is beside its identifier, and how well it has done."""
_NEVER_CHOSEN: Final = frozenset({"@context", "id", "type", "proof"})
"""`@context`, `id` and `type` are in every selection."""


def default_mandatory_pointers(document: JsonObject) -> tuple[str, ...]:
    """JSON pointers to all that must be shown of `document`, a credential without its proof.

    Everything is mandatory but the members listed above, so that what we do not know is shown: issuer, validity,
    status, terms of use, schema and refreshing, the achievement as a whole (level, field, country and criteria are
    what the issuer's authority is judged by), places and periods of work and training. A result is mandatory too
    where one has a `status`, because it can be `Failed` or `Withdrawn`; so is the only thing that names the person.
    Several subjects are shown together or not at all.
    """
    pointers = [
        f"/{pointer_token(name)}"
        for name in document
        if name not in _NEVER_CHOSEN | DISCLOSABLE_OF_CREDENTIAL | {"credentialSubject"}
    ]
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict):
        return (*pointers, "/credentialSubject") if subject is not None else tuple(pointers)
    chosen = [name for name in subject if name not in _NEVER_CHOSEN and _is_mandatory(name, subject)]
    if "id" in subject and not chosen:
        chosen = ["id"]
    return (*pointers, *(f"/credentialSubject/{pointer_token(name)}" for name in chosen))


def default_disclosable_pointers(document: JsonObject) -> tuple[str, ...]:
    """JSON pointers to what is not mandatory by the same rule; each may be shown or withheld by itself."""
    pointers = [f"/{pointer_token(name)}" for name in document if name in DISCLOSABLE_OF_CREDENTIAL]
    subject = document.get("credentialSubject")
    if isinstance(subject, dict):
        pointers += [
            f"/credentialSubject/{pointer_token(name)}"
            for name in subject
            if name not in _NEVER_CHOSEN and not _is_mandatory(name, subject)
        ]
    return tuple(pointers)


def _is_mandatory(name: str, subject: JsonObject) -> bool:
    if name == "result":
        return any(_has_status(result) for result in as_list(subject[name]))
    if name == "identifier":
        return "id" not in subject
    return name not in DISCLOSABLE_OF_SUBJECT


def _has_status(result: JsonValue) -> bool:
    return not isinstance(result, dict) or "status" in result

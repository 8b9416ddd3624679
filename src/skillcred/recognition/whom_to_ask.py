"""Bodies that public sources name and that one may ask. Being listed gives no trust, and none of them was asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from skillcred.recognition.case import Question
from skillcred.recognition.records import Contact, Purpose, RecognitionData

_CENTRE: Final = "national-information-centre"
_PROCEDURE: Final = "recognition-procedure"
_PRIOR_LEARNING: Final = ("tvet-authority", "nqf-authority")
_ROLES: Final = {
    Purpose.REGULATED_PROFESSION: ("professional-regulator", _PROCEDURE, _CENTRE),
    Purpose.NON_REGULATED_WORK: (_PROCEDURE, _CENTRE),
    Purpose.STUDY: (_CENTRE,),
    Purpose.IMMIGRATION: (_PROCEDURE, _CENTRE),
    Purpose.CREDIT: (_CENTRE, *_PRIOR_LEARNING),
}
_ENGINEERING: Final = ("214", "215", "311")
MAX_CONTACTS: Final = 8
"""Most bodies that are named in an answer."""


def find_contacts(
    data: RecognitionData, question: Question, prior_learning_from: Collection[str | None]
) -> tuple[Contact, ...]:
    """Bodies of the destination for the purpose, and for learning outside formal schooling also those that validate
    it, there and at home."""
    roles = list(_ROLES[question.purpose])
    if question.occupation is not None and question.occupation.startswith(_ENGINEERING):
        roles.append("engineering-accreditation")
    if prior_learning_from:
        roles.extend(role for role in _PRIOR_LEARNING if role not in roles)
    found = _with_roles(data, question.destination, roles)
    for country in sorted(code for code in prior_learning_from if code is not None):
        if country != question.destination:
            found.extend(_with_roles(data, country, _PRIOR_LEARNING))
    return tuple(found[:MAX_CONTACTS])


def list_contacts(data: RecognitionData, country: str) -> tuple[Contact, ...]:
    """All bodies of `country` that recognise, inform or regulate."""
    return tuple(
        _with_roles(data, country, (_PROCEDURE, _CENTRE, "professional-regulator", *_PRIOR_LEARNING))
    )


def _with_roles(data: RecognitionData, country: str, roles: Collection[str]) -> list[Contact]:
    listed = data.contacts.get(country, ())
    return [contact for role in roles for contact in listed if contact.role == role]

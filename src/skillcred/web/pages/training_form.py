"""The form for a training: what it asks, the claims that come of it, and where in it a fault lies."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.profiles.codes import COUNTRIES, ISCED_F, load_codes
from skillcred.services.records import Organisation
from skillcred.web.pages.languages import Language

_SUBJECT: Final = "/credentialSubject"
_ACHIEVEMENT: Final = "/credentialSubject/achievement"
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CertificateOfCompletion": "Certificate of completion",
        "Certificate": "Certificate",
        "Course": "Course",
        "LearningProgram": "Programme",
        "MicroCredential": "Micro-credential",
        "Certification": "Certification",
        "License": "Licence",
        "Badge": "Badge",
    }
)
"""The kinds of achievement that the profile allows."""


class FieldKind(StrEnum):
    """How something is filled in."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """Something that is filled in, and the members of the credential that it becomes."""

    name: str
    label: str
    kind: FieldKind
    pointers: tuple[str, ...]
    hint: str | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Option:
    """One of several to choose from. `lang` where the text is not in the language of the page."""

    value: str
    text: str
    lang: str | None = None


FIELDS: Final = (
    Field(
        "person",
        "Name of the person",
        FieldKind.LINE,
        (_SUBJECT + "/name",),
        "As it stands in their papers, in any script.",
    ),
    Field("title", "Name of the training", FieldKind.LINE, ("/name", _ACHIEVEMENT + "/name")),
    Field("kind", "Kind of achievement", FieldKind.CHOICE, (_ACHIEVEMENT + "/achievementType",)),
    Field(
        "description",
        "What was learned",
        FieldKind.TEXT,
        (_ACHIEVEMENT + "/description",),
        "Say it so that somebody in another country understands it.",
    ),
    Field(
        "criteria",
        "What had to be shown",
        FieldKind.TEXT,
        (_ACHIEVEMENT + "/criteria",),
        "For instance attendance, a test, a piece of work.",
    ),
    Field("hours", "Hours of training", FieldKind.NUMBER, (_ACHIEVEMENT + "/workload",)),
    Field(
        "field",
        "Field of training",
        FieldKind.CHOICE,
        (_ACHIEVEMENT + "/alignment",),
        "As the international classification of fields (ISCED-F 2013) has it.",
    ),
    Field("start", "Started", FieldKind.DATE, (_SUBJECT + "/activityStartDate",), required=False),
    Field("end", "Ended", FieldKind.DATE, (_SUBJECT + "/activityEndDate",), required=False),
    Field("awarded", "Awarded on", FieldKind.DATE, ("/awardedDate",)),
    Field("country", "Country of award", FieldKind.CHOICE, ("/countryOfAward",)),
    Field(
        "language",
        "Language of award",
        FieldKind.CHOICE,
        ("/languageOfAward",),
        "The language of what you have written above.",
    ),
)


def start_values(organisation: Organisation, language: Language, today: date) -> dict[str, str]:
    """What the form holds before anybody has filled it in."""
    return {
        "kind": "CertificateOfCompletion",
        "awarded": today.isoformat(),
        "country": organisation.country,
        "language": language.code,
    }


def build_options(language: Language) -> dict[str, tuple[Option, ...]]:
    """What can be chosen, by field. Names of countries and languages are those of the page's language; the names of
    fields are English, because the classification has no others here."""
    fields = load_codes(ISCED_F.codes_file or "")
    tongues = {code: str(name) for code, name in language.locale.languages.items() if len(code) == 2}
    return {
        "kind": tuple(Option(value, language.text(text)) for value, text in KINDS.items()),
        "field": tuple(Option(code, name, "en") for code, name in fields.items() if len(code) == 4),
        "country": _by_name({code: language.country(code) for code in load_codes(COUNTRIES)}),
        "language": _by_name(tongues),
    }


def _by_name(names: Mapping[str, str]) -> tuple[Option, ...]:
    found = sorted(names.items(), key=lambda item: (item[1].casefold(), item[0]))
    return tuple(Option(code, name) for code, name in found)


def build_claims(entered: Mapping[str, str], organisation: Organisation) -> JsonObject:
    """The credential as it was filled in; what was left out is left out, for the profile to say so.

    The achievement is named by what it says and who says it, so that everybody who did the same training has the same
    one, and sending a form twice says the same.
    """
    achievement: JsonObject = {"type": ["Achievement"], "learningSetting": "non-formal"}
    for member, name in (("achievementType", "kind"), ("name", "title"), ("description", "description")):
        if name in entered:
            achievement[member] = entered[name]
    if "criteria" in entered:
        achievement["criteria"] = {"narrative": entered["criteria"]}
    if "hours" in entered:
        achievement["workload"] = {"type": ["Workload"], "workloadHours": entered["hours"]}
    if "field" in entered:
        achievement["alignment"] = [_field(entered["field"])]
    named = organisation.did.encode("utf-8") + b" " + encode_jcs(achievement)
    achievement["id"] = uuid.uuid5(uuid.NAMESPACE_URL, named.hex()).urn
    subject: JsonObject = {"type": ["AchievementSubject"], "achievement": achievement}
    claims: JsonObject = {"credentialSubject": subject}
    for place, member, name in (
        (subject, "name", "person"),
        (claims, "name", "title"),
        (claims, "languageOfAward", "language"),
        (claims, "countryOfAward", "country"),
    ):
        if name in entered:
            place[member] = entered[name]
    for place, member, name in (
        (subject, "activityStartDate", "start"),
        (subject, "activityEndDate", "end"),
        (claims, "awardedDate", "awarded"),
    ):
        if name in entered:
            place[member] = f"{entered[name]}T00:00:00Z"
    return claims


def _field(code: str) -> JsonObject:
    return {
        "type": ["Alignment"],
        "targetFramework": ISCED_F.framework,
        "targetCode": code,
        "targetName": load_codes(ISCED_F.codes_file or "").get(code, code),
        "targetUrl": f"http://{ISCED_F.url_base}{code}",
        "targetType": "CFItem",
    }


def find_field(pointer: str | None) -> str | None:
    """The field that a place in the credential comes from."""
    for field in FIELDS:
        for own in field.pointers:
            if pointer is not None and (pointer == own or pointer.startswith(own + "/")):
                return field.name
    return None

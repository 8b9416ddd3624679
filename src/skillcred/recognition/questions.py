"""Questions from JSON that their author vouches for: worked cases, tests, cases that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.profiles import Level
from skillcred.recognition.case import (
    ELEMENTS,
    Answer,
    Fact,
    Grade,
    Held,
    Kind,
    Period,
    Question,
)
from skillcred.recognition.records import Purpose

_Choice = TypeVar("_Choice", bound=StrEnum)


class QuestionError(InputError):
    """A question is not well-formed; `pointer` says where."""

    default_code = "recognition_question_malformed"


def read_question(document: Mapping[str, Any]) -> Question:
    """A question of JSON. Raises `QuestionError`.

    What strangers send is read by the services, which take credentials as verification left them.
    """
    return Question(
        held=tuple(_held(item, f"/held/{n}") for n, item in enumerate(document.get("held", []))),
        destination=_text(document, "destination", ""),
        purpose=read_choice(Purpose, document.get("purpose"), "/purpose"),
        occupation=document.get("occupation"),
        at=read_day(document.get("at"), "/at"),
        facts=tuple(
            Fact(
                _text(item, "code", f"/facts/{n}"),
                read_choice(Answer, item.get("answer"), f"/facts/{n}/answer"),
                read_choice(Grade, item.get("grade"), f"/facts/{n}/grade"),
            )
            for n, item in enumerate(document.get("facts", []))
        ),
        nationality=document.get("nationality"),
        elements=read_elements(document.get("elements", {})),
        level_sought=None
        if document.get("level_sought") is None
        else _level(document["level_sought"], "/level_sought"),
        hours_sought=document.get("hours_sought"),
        field_sought=document.get("field_sought"),
    )


def build_question_json(question: Question) -> JsonObject:
    """The question as JSON that `read_question` gives back as it was."""
    sought = question.level_sought
    return {
        "held": [_held_json(item) for item in question.held],
        "destination": question.destination,
        "purpose": question.purpose.value,
        "occupation": question.occupation,
        "at": question.at.isoformat(),
        "facts": [
            {"code": fact.code, "answer": fact.answer.value, "grade": fact.grade.value}
            for fact in question.facts
        ],
        "nationality": question.nationality,
        "elements": {name: answer.value for name, answer in question.elements.items()},
        "level_sought": None if sought is None else _level_json(sought),
        "hours_sought": question.hours_sought,
        "field_sought": question.field_sought,
    }


def read_day(value: object, pointer: str) -> date:
    """A day as `2026-03-01`. Raises `QuestionError`."""
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise QuestionError("A day like 2026-03-01 is expected.", pointer=pointer) from None


def read_choice(kind: type[_Choice], value: object, pointer: str) -> _Choice:
    """A value of `kind`. Raises `QuestionError`."""
    try:
        return kind(value if isinstance(value, str) else "")
    except ValueError:
        raise QuestionError("This value is not one of those allowed here.", pointer=pointer) from None


def read_elements(item: Mapping[str, Any]) -> Mapping[str, Answer]:
    """Findings on the five elements. Raises `QuestionError`."""
    for element in item:
        if element not in ELEMENTS:
            raise QuestionError("There is no such element.", pointer="/elements")
    return MappingProxyType({name: read_choice(Answer, value, "/elements") for name, value in item.items()})


def _held(item: Mapping[str, Any], pointer: str) -> Held:
    return Held(
        id=_text(item, "id", pointer),
        verified=item.get("verified") is True,
        kind=read_choice(Kind, item.get("kind"), f"{pointer}/kind"),
        country=item.get("country"),
        awarded=None if item.get("awarded") is None else read_day(item["awarded"], f"{pointer}/awarded"),
        issuer_then=read_choice(Answer, item.get("issuer_then", "unknown"), f"{pointer}/issuer_then"),
        issuer_now=read_choice(Answer, item.get("issuer_now", "unknown"), f"{pointer}/issuer_now"),
        levels=tuple(_level(level, f"{pointer}/levels") for level in item.get("levels", [])),
        isco=tuple(item.get("isco", ())),
        grade=read_choice(Grade, item.get("grade", "awarded"), f"{pointer}/grade"),
        holder=item.get("holder"),
        title=MappingProxyType(dict(item.get("title", {}))),
        fields=tuple(item.get("fields", ())),
        hours=item.get("hours"),
        periods=tuple(_period(period, f"{pointer}/periods") for period in item.get("periods", [])),
        skills=tuple(item.get("skills", ())),
        sha256=item.get("sha256"),
    )


def _period(item: Mapping[str, Any], pointer: str) -> Period:
    end, attested = item.get("end"), item.get("attested")
    return Period(
        start=read_day(item.get("start"), f"{pointer}/start"),
        end=None if end is None else read_day(end, f"{pointer}/end"),
        hours_per_week=item.get("hours_per_week"),
        attested=None if attested is None else read_day(attested, f"{pointer}/attested"),
    )


def _level(item: Mapping[str, Any], pointer: str) -> Level:
    return Level(_text(item, "framework", pointer), _text(item, "code", pointer))


def _held_json(item: Held) -> JsonObject:
    return {
        "id": item.id,
        "verified": item.verified,
        "kind": item.kind.value,
        "country": item.country,
        "awarded": None if item.awarded is None else item.awarded.isoformat(),
        "issuer_then": item.issuer_then.value,
        "issuer_now": item.issuer_now.value,
        "levels": [_level_json(level) for level in item.levels],
        "isco": [*item.isco],
        "grade": item.grade.value,
        "holder": item.holder,
        "title": dict(item.title),
        "fields": [*item.fields],
        "hours": item.hours,
        "periods": [
            {
                "start": period.start.isoformat(),
                "end": None if period.end is None else period.end.isoformat(),
                "hours_per_week": period.hours_per_week,
                "attested": None if period.attested is None else period.attested.isoformat(),
            }
            for period in item.periods
        ],
        "skills": [*item.skills],
        "sha256": item.sha256,
    }


def _level_json(level: Level) -> JsonObject:
    return {"framework": level.framework, "code": level.code}


def _text(item: Mapping[str, Any], name: str, pointer: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise QuestionError("A text is expected.", pointer=f"{pointer}/{name}")
    return value

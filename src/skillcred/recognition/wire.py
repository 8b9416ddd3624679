"""Questions and results as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError
from skillcred.profiles import Level
from skillcred.recognition.case import (
    ELEMENTS,
    Answer,
    Fact,
    Grade,
    Held,
    Kind,
    LevelFinding,
    Line,
    Question,
    RecognitionResult,
)
from skillcred.recognition.records import Procedure, Purpose, Source, TimeLimit
from skillcred.recognition.wording import DISCLAIMER, WHO_DECIDES, get_sentence

FORMAT: Final = "skillcred-recognition-1"
_Choice = TypeVar("_Choice", bound=StrEnum)


class QuestionError(InputError):
    """A question is not well-formed; `pointer` says where."""

    default_code = "recognition_question_malformed"


def read_question(document: Mapping[str, Any]) -> Question:
    """A question of JSON that its author vouches for: worked cases, tests. Raises `QuestionError`.

    What strangers send is read by the services, which take credentials as verification left them.
    """
    return Question(
        held=tuple(_held(item, f"/held/{n}") for n, item in enumerate(document.get("held", []))),
        destination=_text(document, "destination", ""),
        purpose=_choice(Purpose, document.get("purpose"), "/purpose"),
        occupation=document.get("occupation"),
        at=read_day(document.get("at"), "/at"),
        facts=tuple(
            Fact(
                _text(item, "code", f"/facts/{n}"),
                _choice(Answer, item.get("answer"), f"/facts/{n}/answer"),
                _choice(Grade, item.get("grade"), f"/facts/{n}/grade"),
            )
            for n, item in enumerate(document.get("facts", []))
        ),
        nationality=document.get("nationality"),
        elements=_elements(document.get("elements", {})),
        level_sought=None
        if "level_sought" not in document
        else _level(document["level_sought"], "/level_sought"),
    )


def read_day(value: object, pointer: str) -> date:
    """A day as `2026-03-01`. Raises `QuestionError`."""
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise QuestionError("A day like 2026-03-01 is expected.", pointer=pointer) from None


def build_result_json(result: RecognitionResult) -> JsonObject:
    """The result with a sentence beside each code; sentences are English and codes are stable."""
    return {
        "format": FORMAT,
        "outcome": result.outcome.value,
        "sentence": get_sentence(result.outcome.value),
        "nature": result.nature.value,
        "nature_sentence": get_sentence(result.nature.value),
        "disclaimer": DISCLAIMER,
        "who_decides": WHO_DECIDES,
        "basis": result.basis,
        "destination": result.destination,
        "purpose": result.purpose.value,
        "at": result.at.isoformat(),
        "bring": _coded(result.bring),
        "differences": _coded(result.differences),
        "would_change": _coded(result.would_change),
        "uncertain": _coded(result.uncertain),
        "procedures": [build_procedure_json(procedure) for procedure in result.procedures],
        "levels": [_finding_json(found) for found in result.levels],
        "lines": [_line_json(line) for line in result.lines],
        "data_release": result.data_release,
    }


def build_procedure_json(procedure: Procedure) -> JsonObject:
    """How recognition is asked for, with who decides and by when."""
    return {
        "id": procedure.id,
        "version": procedure.version,
        "name": procedure.name,
        "competent_body": procedure.competent_body,
        "legal_basis": procedure.legal_basis,
        "nature": procedure.nature.value,
        "steps": _coded(procedure.steps),
        "alternatives": _coded(procedure.alternatives),
        "acknowledge_within": _limit(procedure.acknowledge),
        "decide_within": _limit(procedure.decide),
        "appeal": procedure.appeal,
        "sources": build_sources_json(procedure.sources),
        "as_of": procedure.as_of,
    }


def build_sources_json(sources: tuple[Source, ...]) -> list[JsonValue]:
    """Where facts were read."""
    return [{"title": source.title, "address": source.address} for source in sources]


def _coded(codes: tuple[str, ...]) -> list[JsonValue]:
    return [{"code": code, "sentence": get_sentence(code)} for code in codes]


def _limit(limit: TimeLimit | None) -> JsonObject | None:
    return None if limit is None else {"count": limit.count, "unit": limit.unit}


def _finding_json(found: LevelFinding) -> JsonObject:
    return {
        "held": {"framework": found.held.framework, "code": found.held.code},
        "framework": found.framework,
        "level": found.level,
        "relation": found.relation,
        "sentence": get_sentence(found.relation),
        "chained": found.chained,
        "sources": build_sources_json(found.sources),
        "as_of": found.as_of,
    }


def _line_json(line: Line) -> JsonObject:
    return {
        "rule_id": line.rule_id,
        "version": line.version,
        "step": line.step,
        "result": line.result,
        "sentence": get_sentence(line.result),
        "inputs": dict(line.inputs),
        "sources": build_sources_json(line.sources),
        "as_of": line.as_of,
    }


def _held(item: Mapping[str, Any], pointer: str) -> Held:
    return Held(
        id=_text(item, "id", pointer),
        verified=item.get("verified") is True,
        kind=_choice(Kind, item.get("kind"), f"{pointer}/kind"),
        country=item.get("country"),
        awarded=None if "awarded" not in item else read_day(item["awarded"], f"{pointer}/awarded"),
        issuer_then=_choice(Answer, item.get("issuer_then", "unknown"), f"{pointer}/issuer_then"),
        issuer_now=_choice(Answer, item.get("issuer_now", "unknown"), f"{pointer}/issuer_now"),
        levels=tuple(_level(level, f"{pointer}/levels") for level in item.get("levels", [])),
        isco=tuple(item.get("isco", ())),
        grade=_choice(Grade, item.get("grade", "awarded"), f"{pointer}/grade"),
    )


def _level(item: Mapping[str, Any], pointer: str) -> Level:
    return Level(_text(item, "framework", pointer), _text(item, "code", pointer))


def _elements(item: Mapping[str, Any]) -> Mapping[str, Answer]:
    for element in item:
        if element not in ELEMENTS:
            raise QuestionError("There is no such element.", pointer="/elements")
    return MappingProxyType({name: _choice(Answer, value, "/elements") for name, value in item.items()})


def _text(item: Mapping[str, Any], name: str, pointer: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise QuestionError("A text is expected.", pointer=f"{pointer}/{name}")
    return value


def _choice(kind: type[_Choice], value: object, pointer: str) -> _Choice:
    try:
        return kind(value if isinstance(value, str) else "")
    except ValueError:
        raise QuestionError("This value is not one of those allowed here.", pointer=pointer) from None

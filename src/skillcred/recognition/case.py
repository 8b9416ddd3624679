"""What is asked, and what is answered. Plain values; nothing of a person that no rule needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from skillcred.profiles import Level
from skillcred.recognition.records import Nature, Outcome, Procedure, Purpose, Source

ELEMENTS: Final = ("level", "workload", "quality", "profile", "learning_outcomes")
"""What is compared (the Lisbon logic). Experience may offset the last two only."""
OFFSET_BY_EXPERIENCE: Final = frozenset({"profile", "learning_outcomes"})


class Grade(StrEnum):
    """Who stands behind a piece of evidence."""

    AWARDED = "awarded"
    ATTESTED = "attested"
    SELF_DECLARED = "self_declared"


class Answer(StrEnum):
    """Whether something holds. Unknown is an answer of its own and never counts as a no."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What kind of learning or standing a credential shows."""

    HIGHER = "higher"
    VOCATIONAL = "vocational"
    SCHOOL = "school"
    FORMAL = "formal"
    NON_FORMAL = "non_formal"
    INFORMAL = "informal"
    EXPERIENCE = "experience"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Held:
    """A credential as verification left it. `verified` says that its verdict was valid; `issuer_then` and
    `issuer_now`, whether the issuer was authorised for it at the award and is today."""

    id: str
    verified: bool
    kind: Kind
    country: str | None
    awarded: date | None
    issuer_then: Answer = Answer.UNKNOWN
    issuer_now: Answer = Answer.UNKNOWN
    levels: tuple[Level, ...] = ()
    isco: tuple[str, ...] = ()
    grade: Grade = Grade.AWARDED


@dataclass(frozen=True, slots=True)
class Fact:
    """The answer to a condition of an agreement, and who says so."""

    code: str
    answer: Answer
    grade: Grade


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `elements` are findings of a comparison somebody made: `NOT_MET` is a substantial
    difference. `nationality` is read by agreements only whose own text uses it."""

    held: tuple[Held, ...]
    destination: str
    purpose: Purpose
    occupation: str | None
    at: date
    facts: tuple[Fact, ...] = ()
    nationality: str | None = None
    elements: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    level_sought: Level | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the explanation: which rule, on what inputs, with what result, by which source, of which day."""

    rule_id: str
    version: int
    step: str
    result: str
    inputs: Mapping[str, str]
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class LevelFinding:
    """What a level is next to another framework. `chained`: found through a framework in between."""

    held: Level
    framework: str
    level: str | None
    relation: str
    chained: bool
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """What is to be expected, and why. The engine explains; the competent body decides.

    `basis` is the id of the rule that the outcome rests on; `bring` and `differences` are codes; `data_release` names
    the data it was reached with.
    """

    outcome: Outcome
    nature: Nature
    basis: str | None
    destination: str
    purpose: Purpose
    at: date
    lines: tuple[Line, ...]
    levels: tuple[LevelFinding, ...]
    bring: tuple[str, ...]
    differences: tuple[str, ...]
    would_change: tuple[str, ...]
    procedures: tuple[Procedure, ...]
    uncertain: tuple[str, ...]
    data_release: str

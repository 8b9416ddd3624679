"""What is asked, and what is answered. Plain values; nothing of a person that no rule needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from skillcred.profiles import Level
from skillcred.recognition.records import (
    Contact,
    Nature,
    Outcome,
    Procedure,
    Purpose,
    Source,
    TitleComparison,
    Vouching,
)

ELEMENTS: Final = ("level", "workload", "quality", "profile", "learning_outcomes")
"""What is compared (the Lisbon logic)."""
OFFSET_BY_EXPERIENCE: Final = frozenset({"profile", "learning_outcomes"})
"""What experience or validated training may make up for; never the level, unless a rule says so."""


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
    STATEMENT = "statement"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Period:
    """A time of work. No `end`: it went on when it was attested, and counts up to `attested`."""

    start: date
    end: date | None
    hours_per_week: float | None = None
    attested: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A credential as verification left it. `verified` says that its proof, form, validity and status were checked
    and hold; `issuer_then` and `issuer_now`, whether the issuer was authorised for it at the award and is today.
    `holder` is the identifier of its subject: only credentials of the same one count together. `hours` is the
    workload that it states, `fields` are ISCED-F codes, `skills` ESCO URIs, `sha256` is the
    digest of the document (hex)."""

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
    holder: str | None = None
    title: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fields: tuple[str, ...] = ()
    hours: int | None = None
    periods: tuple[Period, ...] = ()
    skills: tuple[str, ...] = ()
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """The answer to a condition of an agreement, and who says so."""

    code: str
    answer: Answer
    grade: Grade


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `elements` are findings of a comparison somebody made: `NOT_MET` is a substantial
    difference. `nationality` is read by agreements only whose own text uses it. `field_sought` is a code of
    ISCED-F, which is told beside those of the credentials and decides nothing."""

    held: tuple[Held, ...]
    destination: str
    purpose: Purpose
    occupation: str | None
    at: date
    facts: tuple[Fact, ...] = ()
    nationality: str | None = None
    elements: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    level_sought: Level | None = None
    hours_sought: int | None = None
    field_sought: str | None = None


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
    """What a level is next to another framework. `chained`: found through a framework in between, which sources do
    not say by themselves. `one_of_several`: sources name more than one. `steps` is how far it is from the level
    that is sought in that framework (0 the same, 1 one higher), where one is sought and the order is known."""

    held: Level
    framework: str
    level: str | None
    relation: str
    chained: bool
    sources: tuple[Source, ...]
    as_of: str
    caveats: tuple[str, ...] = ()
    one_of_several: bool = False
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class ElementFinding:
    """One of the five elements: `result` is `met`, `different`, `unknown`, `offset_by_experience` or
    `offset_by_training`; `weight`, how much it counts for the purpose; `evidence`, the credentials it rests on."""

    element: str
    result: str
    weight: str
    rests_on: str
    evidence: tuple[str, ...]
    chained: bool
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class EvidenceFinding:
    """A credential among the evidence: its grade, whether it counts and if not why, and the years of work that it
    attests for the occupation."""

    credential: str
    kind: Kind
    grade: Grade
    counts: bool
    reason: str
    issuer_then: Answer
    issuer_now: Answer
    years: float | None
    country: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """What would be told if the work were regulated, or were not."""

    assumed: Purpose
    outcome: Outcome
    nature: Nature
    basis: str | None
    bring: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """What is to be expected, and why. The engine explains; the competent body decides.

    `basis` is the id of the rule that the outcome rests on; `bring` and `differences` are codes; `data_release` names
    the data it was reached with. `caveats` are what the source of the basis says against relying on it too far.
    `elements` is empty where nothing is compared. `branches` is told where nobody knows whether the work is regulated;
    `vouchings`, who signed which of the rules.
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
    elements: tuple[ElementFinding, ...] = ()
    evidence: tuple[EvidenceFinding, ...] = ()
    titles: tuple[TitleComparison, ...] = ()
    contacts: tuple[Contact, ...] = ()
    branches: tuple[Branch, ...] = ()
    caveats: tuple[str, ...] = ()
    vouchings: tuple[Vouching, ...] = ()

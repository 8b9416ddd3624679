"""Recognition data as records: agreements with their parties, procedures, frameworks, comparisons. Facts with sources.

Codes of levels are texts with an order, not numbers: the Netherlands have `4` and `4+`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What recognition is wanted for."""

    REGULATED_PROFESSION = "regulated_profession"
    NON_REGULATED_WORK = "non_regulated_work"
    STUDY = "study"
    IMMIGRATION = "immigration"
    CREDIT = "credit"


class Nature(StrEnum):
    """What an outcome rests on."""

    BINDING_BY_TREATY = "binding_by_treaty"
    AUTHORITY_DECISION = "authority_decision"
    ADVISORY = "advisory"
    INFORMATION = "information"


class Outcome(StrEnum):
    """What is to be expected. None of them is a decision."""

    AUTOMATIC = "automatic_recognition"
    FULL_EXPECTED = "full_recognition_expected"
    LEVEL = "level_recognition"
    CONDITIONAL = "conditional_recognition"
    PARTIAL = "partial_recognition"
    ALTERNATIVE = "alternative_recognition"
    COMPARABILITY = "comparability_statement"
    BACKGROUND = "background_statement"
    NO_RECOGNITION_NEEDED = "no_formal_recognition_needed"
    REFER = "refer_to_authority"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    EXCLUDED = "excluded_from_scheme"
    NOT_VERIFIED = "not_verified"


class PartyState(StrEnum):
    """Whether a party is bound. Only `in_effect` makes an agreement apply."""

    IN_EFFECT = "in_effect"
    NOT_RATIFIED = "not_ratified"
    PROVISIONAL = "provisional"
    UNCONFIRMED = "unconfirmed"


class Standing(StrEnum):
    """What a comparison of two levels may be used for."""

    AGREED = "agreed"
    NOT_ENDORSED = "not_endorsed"
    NO_COMPARABLE_LEVEL = "no_comparable_level"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read."""

    title: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Applies:
    """For what a record is made. `isco` are beginnings of ISCO-08 codes; `None` is no limit."""

    purposes: frozenset[Purpose]
    isco: tuple[str, ...] | None
    isco_excluded: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Party:
    """A country in an agreement. `since` may be a year, a month or a day, or not known."""

    country: str
    state: PartyState
    side: str
    since: str | None
    region: str | None
    condition: str | None
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement and the rule that it makes. `uses_nationality`: its own text asks for it."""

    id: str
    version: int
    name: str
    kind: str
    status: str
    signed: str | None
    in_force: str | None
    until: str | None
    applies: Applies
    conditions: tuple[str, ...]
    outcome: Outcome
    nature: Nature
    procedure_id: str | None
    uses_nationality: bool
    parties: tuple[Party, ...]
    sources: tuple[Source, ...]
    as_of: str

    @property
    def automatic(self) -> bool:
        """Whether who has met its conditions is recognised without being compared."""
        return self.kind.startswith("automatic_")


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """`unit` is `month` or `working_day`."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """How recognition is asked for. `agreement_only`: open only where an agreement leads to it."""

    id: str
    version: int
    country: str | None
    agreement_only: bool
    name: str
    competent_body: str
    legal_basis: str | None
    applies: Applies
    excludes: frozenset[str]
    steps: tuple[str, ...]
    outcomes: tuple[str, ...]
    acknowledge: TimeLimit | None
    decide: TimeLimit | None
    nature: Nature
    appeal: str | None
    alternatives: tuple[str, ...]
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class FrameworkLevel:
    """A level; `eqf` only where a source says it, never inferred from an equal number."""

    code: str
    eqf: str | None
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class Framework:
    """A qualifications framework."""

    id: str
    version: int
    name: str
    country: str | None
    levels: tuple[FrameworkLevel, ...]
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two frameworks say of two levels. No level on one side: there is none that compares."""

    id: str
    version: int
    from_framework: str
    from_level: str | None
    to_framework: str
    to_level: str | None
    standing: Standing
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class RecognitionData:
    """A release of the data, indexed for reading. Never changed after it was loaded."""

    release: str
    agreements: Mapping[str, Agreement]
    procedures: Mapping[str, Procedure]
    frameworks: Mapping[str, Framework]
    comparisons: tuple[Comparison, ...]

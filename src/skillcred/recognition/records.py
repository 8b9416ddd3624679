"""Recognition data as records: agreements with their parties, procedures, frameworks, comparisons. Facts with
sources.

Codes of levels are texts with an order, not numbers: the Netherlands have `4` and `4+`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


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
    role: str
    caveats: tuple[str, ...]
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: what is looked at (`criterion`), what must hold of it, and what kind of evidence shows it.
    `value` is in years where the criterion counts years."""

    code: str
    criterion: str
    operator: str
    value: int | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement and the rule that it makes. `uses_nationality`: its own text asks for it. `burden_of_proof` is
    `authority` where recognition is due unless a substantial difference is shown; `offsets_level`: experience may
    stand for the level, because the rule itself says so. `effects` and `caveats` are codes."""

    id: str
    version: int
    name: str
    kind: str
    scope: str
    sectors: tuple[str, ...]
    status: str
    signed: str | None
    in_force: str | None
    until: str | None
    applies: Applies
    conditions: tuple[Condition, ...]
    effects: tuple[str, ...]
    caveats: tuple[str, ...]
    outcome: Outcome
    nature: Nature
    burden_of_proof: str | None
    offsets_level: bool
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
    """How recognition is asked for. `agreement_only`: open only where an agreement leads to it. `follows` names the
    procedure whose notice opens it. `origin` says where the evidence comes from, `origins` and `nationalities` are
    limits that its own text sets. `excludes` are kinds of learning, `exclusions` what else the source leaves out."""

    id: str
    version: int
    country: str | None
    agreement_only: bool
    follows: str | None
    origin: str
    origins: frozenset[str] | None
    nationalities: frozenset[str] | None
    name: str
    competent_body: str
    legal_basis: str | None
    applies: Applies
    covers: tuple[str, ...]
    excludes: frozenset[str]
    exclusions: tuple[str, ...]
    steps: tuple[str, ...]
    documents: tuple[str, ...]
    alternatives: tuple[str, ...]
    outcomes: tuple[str, ...]
    acknowledge: TimeLimit | None
    decide: TimeLimit | None
    fast_track: TimeLimit | None
    extensions: int | None
    nature: Nature
    remarks: tuple[str, ...]
    appeal: str | None
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class FrameworkLevel:
    """A level. `rank` is its place from the lowest up, and levels whose order their codes do not tell share one;
    `eqf` only where a source says it, never inferred from an equal number."""

    code: str
    rank: int
    label: str
    eqf: str | None
    isced_2011: str | None
    qualification: str | None
    uri: str | None
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class Framework:
    """A qualifications framework; `levels` from the lowest up."""

    id: str
    version: int
    name: str
    acronym: str | None
    scope: str
    country: str | None
    lead_body: str | None
    referenced_to: str | None
    referenced_when: str | None
    uri: str | None
    notes: str | None
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
    caveats: tuple[str, ...]
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class Principle:
    """A rule of the procedure itself. `weights` says for each purpose how much an element counts."""

    id: str
    version: int
    name: str
    weights: Mapping[Purpose, Mapping[str, str]]
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A body of a country that public sources name, and whom one may ask. Being listed gives no trust."""

    id: str
    country: str
    name: str
    role: str
    website: str | None
    confirm_first: bool
    sources: tuple[Source, ...]
    as_of: str | None


@dataclass(frozen=True, slots=True)
class TitleComparison:
    """What somebody compares a named qualification to, from a table that this deployment imported. `alternatives` are
    all that the source names, `hedge` is how sure it is; they are never made into one."""

    id: str
    table: str
    origin: str
    title: str
    destination: str
    statement: str
    alternatives: tuple[str, ...]
    hedge: str
    levels: tuple[str, ...]
    framework: str | None
    sources: tuple[Source, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class Vouching:
    """Who signed a record of these data as right, by its digest."""

    record_id: str
    by_did: str
    by_name: str
    since: str


@dataclass(frozen=True, slots=True)
class RecognitionData:
    """A release of the data, indexed for reading. Never changed after it was loaded. `titles` and `vouchings` are
    what a deployment adds to it."""

    release: str
    agreements: Mapping[str, Agreement]
    procedures: Mapping[str, Procedure]
    frameworks: Mapping[str, Framework]
    comparisons: tuple[Comparison, ...]
    principles: Mapping[str, Principle]
    contacts: Mapping[str, tuple[Contact, ...]]
    titles: Mapping[tuple[str, str], tuple[TitleComparison, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    vouchings: Mapping[str, tuple[Vouching, ...]] = field(default_factory=lambda: MappingProxyType({}))

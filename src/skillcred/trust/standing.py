"""Was an accreditation in force at an instant, and does its scope cover a credential?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from skillcred.profiles import CredentialFacts
from skillcred.trust.accreditation import AccreditationScope, AccreditationStatement, ScopeLevel
from skillcred.trust.extract import ExtractedEvent


class Standing(StrEnum):
    """State of an accreditation at one instant."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


_AFTER_EVENT = {
    "suspended": Standing.SUSPENDED,
    "reinstated": Standing.IN_FORCE,
    "ended": Standing.ENDED,
    "withdrawn": Standing.WITHDRAWN,
}
_FINAL = (Standing.ENDED, Standing.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class StandingSince:
    """A state and, where an event or a date of the accreditation began it, since when."""

    standing: Standing
    since: datetime | None


def standing_at(
    statement: AccreditationStatement, events: Sequence[ExtractedEvent], instant: datetime
) -> StandingSince:
    """The state at `instant`: the events by their effective date decide; ended and withdrawn are final."""
    if instant < statement.valid_from:
        return StandingSince(Standing.NOT_YET, None)
    state = StandingSince(Standing.IN_FORCE, statement.valid_from)
    for event in sorted(events, key=lambda event: (event.effective_at, event.recorded_at)):
        if event.effective_at <= instant and state.standing not in _FINAL:
            state = StandingSince(_AFTER_EVENT[event.kind], event.effective_at)
    if state.standing in _FINAL:
        return state
    if statement.valid_until is not None and instant > statement.valid_until:
        return StandingSince(Standing.EXPIRED, statement.valid_until)
    return state


class Coverage(StrEnum):
    """Whether a scope covers a credential. Unknown: the credential does not say enough to tell."""

    COVERED = "covered"
    UNKNOWN = "unknown"
    NOT_COVERED = "not_covered"


_ENDINGS = ((Coverage.NOT_COVERED, "out_of_scope"), (Coverage.UNKNOWN, "not_determinable"))


@dataclass(frozen=True, slots=True)
class CoverageResult:
    """The coverage and, where it is not covered, the stable codes of the limits that speak against it."""

    coverage: Coverage
    limits: tuple[str, ...] = ()


def scope_coverage(scopes: Iterable[AccreditationScope], facts: CredentialFacts) -> CoverageResult:
    """The best coverage that any of `scopes` gives."""
    results = [_one_scope(scope, facts) for scope in scopes]
    if not results:
        return CoverageResult(Coverage.NOT_COVERED, ("nothing_may_be_issued",))
    order = (Coverage.COVERED, Coverage.UNKNOWN, Coverage.NOT_COVERED)
    return min(results, key=lambda result: order.index(result.coverage))


def _one_scope(scope: AccreditationScope, facts: CredentialFacts) -> CoverageResult:
    checks = {
        "profile": _profile(scope, facts),
        "field": _fields(scope, facts),
        "level": _levels(scope.max_level, facts),
        "country": _country(scope, facts),
    }
    for wanted, ending in _ENDINGS:
        limits = tuple(f"{name}_{ending}" for name, coverage in checks.items() if coverage is wanted)
        if limits:
            return CoverageResult(wanted, limits)
    return CoverageResult(Coverage.COVERED)


def _profile(scope: AccreditationScope, facts: CredentialFacts) -> Coverage:
    if facts.profile_id is None:
        return Coverage.UNKNOWN
    return Coverage.COVERED if facts.profile_id in scope.profiles else Coverage.NOT_COVERED


def _fields(scope: AccreditationScope, facts: CredentialFacts) -> Coverage:
    """Every field that the credential claims must be covered; a longer code is part of a shorter one."""
    if not scope.isced_fields:
        return Coverage.COVERED
    if not facts.isced_fields:
        return Coverage.UNKNOWN
    outcomes = {_field(code, scope.isced_fields) for code in facts.isced_fields}
    return next(c for c in (Coverage.NOT_COVERED, Coverage.UNKNOWN, Coverage.COVERED) if c in outcomes)


def _field(code: str, allowed: Sequence[str]) -> Coverage:
    if any(code.startswith(prefix) for prefix in allowed):
        return Coverage.COVERED
    if any(prefix.startswith(code) for prefix in allowed):
        return Coverage.UNKNOWN  # the credential names a broader field than the scope
    return Coverage.NOT_COVERED


def _levels(maximum: ScopeLevel | None, facts: CredentialFacts) -> Coverage:
    """Levels compare only within one framework; the number of another framework says nothing."""
    if maximum is None:
        return Coverage.COVERED
    comparable = [level.code for level in facts.levels if level.framework == maximum.framework]
    if not comparable or not all(code.isdecimal() for code in (*comparable, maximum.level)):
        exact = bool(comparable) and all(code == maximum.level for code in comparable)
        return Coverage.COVERED if exact else Coverage.UNKNOWN
    within = all(int(code) <= int(maximum.level) for code in comparable)
    return Coverage.COVERED if within else Coverage.NOT_COVERED


def _country(scope: AccreditationScope, facts: CredentialFacts) -> Coverage:
    if not scope.countries:
        return Coverage.COVERED
    if facts.country is None:
        return Coverage.UNKNOWN
    return Coverage.COVERED if facts.country in scope.countries else Coverage.NOT_COVERED

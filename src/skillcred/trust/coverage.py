"""Does the scope of an accreditation cover a credential? What the credential does not say is unknown, never covered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from skillcred.encoding.base64url import encode_base64url
from skillcred.profiles import PROFILES, CredentialFacts
from skillcred.trust.scope import (
    LISTED_LIMITS,
    AccreditationScope,
    Action,
    Covers,
    SchemaPin,
    ScopeLevel,
    begins,
    is_level_within,
)


class Coverage(StrEnum):
    """Whether a scope covers a credential. Unknown: the credential does not say enough to tell."""

    COVERED = "covered"
    UNKNOWN = "unknown"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class CoverageResult:
    """The coverage and, where it is not covered, the stable codes of the limits that speak against it."""

    coverage: Coverage
    limits: tuple[str, ...] = ()


COVERED: Final = CoverageResult(Coverage.COVERED)
_WORST_FIRST: Final = (Coverage.NOT_COVERED, Coverage.UNKNOWN, Coverage.COVERED)
_BEST_FIRST: Final = tuple(reversed(_WORST_FIRST))
_ENDINGS: Final = ((Coverage.NOT_COVERED, "out_of_scope"), (Coverage.UNKNOWN, "not_determinable"))
_SHA2_256: Final = bytes((0x12, 32))
"""Head of a multihash of SHA-256."""
NOTHING_ALLOWED: Final = CoverageResult(Coverage.NOT_COVERED, ("nothing_may_be_issued",))


def scope_coverage(
    scopes: Iterable[AccreditationScope], facts: CredentialFacts, action: Action = Action.ISSUE
) -> CoverageResult:
    """The best coverage that any of `scopes` gives under `action`."""
    best: CoverageResult | None = None
    for scope in scopes:
        if scope.action is not action:
            continue
        result = _one_scope(scope, facts)
        if result.coverage is Coverage.COVERED:
            return result
        if best is None or _BEST_FIRST.index(result.coverage) < _BEST_FIRST.index(best.coverage):
            best = result
    return best or NOTHING_ALLOWED


def is_covered(scopes: Iterable[AccreditationScope], facts: CredentialFacts, action: Action) -> bool:
    """Whether `scope_coverage` would say covered; quicker, because most scopes differ in what is looked at first."""
    for scope in scopes:
        if (
            scope.action is action
            and facts.profile_id in scope.profiles
            and (not scope.listed or _all_listed(scope, facts))
            and (scope.max_level is None or _level(scope.max_level, facts) is Coverage.COVERED)
            and (not scope.schemas or _schemas(scope.schemas, facts) is Coverage.COVERED)
        ):
            return True
    return False


def _all_listed(scope: AccreditationScope, facts: CredentialFacts) -> bool:
    for member, allowed, covers in scope.listed:
        stated = _stated(facts, member)
        if not stated:
            return False
        for value in stated:
            if value not in allowed and not (
                value.startswith(allowed) if covers is begins else any(covers(one, value) for one in allowed)
            ):
                return False
    return True


def profile_pin(profile_id: str) -> SchemaPin | None:
    """The schema of a profile as an accreditation pins it; `None` for no profile of ours."""
    return _profile_pins().get(profile_id)


def _one_scope(scope: AccreditationScope, facts: CredentialFacts) -> CoverageResult:
    found = [("profile", _profile(scope, facts))]
    for name, member, covers in LISTED_LIMITS:
        allowed: tuple[str, ...] = getattr(scope, member)
        if allowed:
            found.append((name, _listed(allowed, _stated(facts, member), covers)))
    if scope.max_level is not None:
        found.append(("level", _level(scope.max_level, facts)))
    if scope.schemas:
        found.append(("schema", _schemas(scope.schemas, facts)))
    if all(coverage is Coverage.COVERED for _, coverage in found):
        return COVERED
    for wanted, ending in _ENDINGS:
        limits = tuple(f"{name}_{ending}" for name, coverage in found if coverage is wanted)
        if limits:
            return CoverageResult(wanted, limits)
    return COVERED


def _stated(facts: CredentialFacts, member: str) -> tuple[str, ...]:
    if member == "countries":
        return () if facts.country is None else (facts.country,)
    stated: tuple[str, ...] = getattr(facts, member)
    return stated


def _profile(scope: AccreditationScope, facts: CredentialFacts) -> Coverage:
    if facts.profile_id is None:
        return Coverage.UNKNOWN
    return Coverage.COVERED if facts.profile_id in scope.profiles else Coverage.NOT_COVERED


def _listed(allowed: Sequence[str], stated: Sequence[str], covers: Covers) -> Coverage:
    """Everything that the credential claims must be covered."""
    if not stated:
        return Coverage.UNKNOWN
    outcomes = {_entry(value, allowed, covers) for value in stated}
    return next(coverage for coverage in _WORST_FIRST if coverage in outcomes)


def _entry(value: str, allowed: Sequence[str], covers: Covers) -> Coverage:
    if any(covers(entry, value) for entry in allowed):
        return Coverage.COVERED
    if any(covers(value, entry) for entry in allowed):
        return Coverage.UNKNOWN  # the credential names something broader than the scope
    return Coverage.NOT_COVERED


def _level(maximum: ScopeLevel, facts: CredentialFacts) -> Coverage:
    """Every level that the credential claims in the framework of the scope must be within it."""
    within = [
        is_level_within(ScopeLevel(level.framework, level.code), maximum)
        for level in facts.levels
        if level.framework == maximum.framework
    ]
    if not within or None in within:
        return Coverage.UNKNOWN
    return Coverage.COVERED if all(within) else Coverage.NOT_COVERED


def _schemas(pins: Iterable[SchemaPin], facts: CredentialFacts) -> Coverage:
    """A pin on the schema of the credential's own profile is kept by the profile check, which fails the credential
    otherwise; pins on the schemas of other profiles are about other credentials. No other schema is fetched."""
    ours = _profile_pins()
    own = None if facts.profile_id is None else ours.get(facts.profile_id)
    others = {pin.id for profile, pin in ours.items() if profile != facts.profile_id}
    return Coverage.COVERED if all(pin == own or pin.id in others for pin in pins) else Coverage.UNKNOWN


@cache
def _profile_pins() -> dict[str, SchemaPin]:
    return {
        profile.id: SchemaPin(
            profile.schema_id, "u" + encode_base64url(_SHA2_256 + bytes.fromhex(profile.sha256))
        )
        for profile in PROFILES.values()
    }

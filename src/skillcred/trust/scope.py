"""What an accreditation allows, and whether one scope stays inside another.

Every limit narrows; a limit that is absent limits nothing. Each step of a chain may only narrow the one above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """What a recognised entity may do: award credentials, or accredit others within its own scope."""

    ISSUE = "issue"
    ACCREDIT = "accredit"


@dataclass(frozen=True, slots=True)
class ScopeLevel:
    """The highest level that may be awarded: framework code (`EQF`, `PH-PQF`) and level in that framework."""

    framework: str
    level: str


@dataclass(frozen=True, slots=True, order=True)
class SchemaPin:
    """A JSON Schema that what is issued must satisfy: its URL, and the multibase multihash of its bytes."""

    id: str
    digest_multibase: str


def begins(prefix: str, code: str) -> bool:
    """Whether a code stands for, or above, another in a system whose longer codes are parts of shorter ones."""
    return code.startswith(prefix)


def language_covers(broader: str, tag: str) -> bool:
    """Whether `fr` covers `fr-CA` (RFC 4647 section 3.3.1, basic filtering)."""
    wide, narrow = broader.lower(), tag.lower()
    return narrow == wide or narrow.startswith(wide + "-")


def equals(allowed: str, value: str) -> bool:
    """Whether two codes are the same; nothing is above anything else."""
    return allowed == value


Covers = Callable[[str, str], bool]

LISTED_LIMITS: Final[tuple[tuple[str, str, Covers], ...]] = (
    ("field", "isced_fields", begins),
    ("occupation", "occupations", begins),
    ("country", "countries", equals),
    ("language", "languages", language_covers),
    ("campus", "campuses", equals),
    ("programme", "programmes", equals),
)
"""The limits that are lists: name in reason codes, member that holds them, and how one entry covers another."""


@dataclass(frozen=True, slots=True)
class AccreditationScope:
    """What may be issued, or accredited, under one action.

    `profiles` is never empty. `isced_fields` are ISCED-F 2013 codes and `occupations` ISCO-08 codes; both cover the
    codes that they begin. `languages` are BCP 47 tags and cover their subtags. `countries` are ISO 3166-1 alpha-2 codes
    of where awards may be made, `campuses` identifiers of awarding bodies or sites, `programmes` programme codes.
    Empty means no limit, and so does no `max_level`. `schemas` must all be satisfied.
    """

    profiles: tuple[str, ...]
    isced_fields: tuple[str, ...] = ()
    max_level: ScopeLevel | None = None
    countries: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    campuses: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    schemas: tuple[SchemaPin, ...] = ()
    action: Action = Action.ISSUE
    listed: tuple[tuple[str, tuple[str, ...], Covers], ...] = field(init=False, repr=False, compare=False)
    """Those of the lists that limit anything: their member, their entries, and how one entry covers another."""

    def __post_init__(self) -> None:
        limits = tuple(
            (member, allowed, covers)
            for _, member, covers in LISTED_LIMITS
            if (allowed := getattr(self, member))
        )
        object.__setattr__(self, "listed", limits)


def is_level_within(level: ScopeLevel, maximum: ScopeLevel) -> bool | None:
    """Whether `level` is not above `maximum`; `None` where that cannot be told.

    Levels compare only within one framework, and only numbers have an order that is known here: the number of another
    framework says nothing, and `4+` is not a number.
    """
    if level.framework != maximum.framework:
        return None
    if level.level == maximum.level:
        return True
    if not (level.level.isdecimal() and maximum.level.isdecimal()):
        return None
    return int(level.level) <= int(maximum.level)


def find_widenings(child: AccreditationScope, parent: AccreditationScope) -> tuple[str, ...]:
    """The names of the limits in which `child` goes beyond `parent`, or may do; empty if it only narrows.

    `parent` has the action `accredit`: who may only issue passes nothing on.
    """
    found = [] if parent.action is Action.ACCREDIT else ["action"]
    if not set(child.profiles) <= set(parent.profiles):
        found.append("profile")
    for name, member, covers in LISTED_LIMITS:
        if not _list_within(getattr(child, member), getattr(parent, member), covers):
            found.append(name)
    if parent.max_level is not None and not (
        child.max_level is not None and is_level_within(child.max_level, parent.max_level)
    ):
        found.append("level")
    if not set(parent.schemas) <= set(child.schemas):
        found.append("schema")
    return tuple(found)


def find_narrowest_excess(
    child: Iterable[AccreditationScope], parents: Sequence[AccreditationScope]
) -> tuple[str, ...]:
    """The limits in which some scope of `child` goes beyond every one of `parents`; empty if each fits into one."""
    for scope in child:
        if not parents:
            return ("action",)
        excess = min((find_widenings(scope, parent) for parent in parents), key=len)
        if excess:
            return excess
    return ()


def _list_within(child: Sequence[str], parent: Sequence[str], covers: Covers) -> bool:
    if not parent:
        return True
    return bool(child) and all(any(covers(allowed, value) for allowed in parent) for value in child)

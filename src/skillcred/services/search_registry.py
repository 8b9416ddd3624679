"""Anybody searches the registry by country, name in any script, identifier, role, and what may be awarded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from skillcred.errors import InputError
from skillcred.services.listed_rows import MAX_LIST_ROWS
from skillcred.services.names import build_skeleton
from skillcred.services.registry_entries import (
    EntryKind,
    RegistryEntry,
    entry_of_body,
    entry_of_listed,
)
from skillcred.services.registry_reading import OpenRegistry, RegistryReader
from skillcred.trust import AccreditationScope
from skillcred.trust.scope import begins

MAX_PAGE: Final = 100
"""Most entries of one page."""
NAMES_REMEMBERED: Final = 25 * MAX_LIST_ROWS
"""Of how many names it is remembered what they look like: those of a large registry and some lists beside it."""

_skeleton = lru_cache(maxsize=NAMES_REMEMBERED)(build_skeleton)


@dataclass(frozen=True, slots=True)
class RegistrySearch:
    """What to look for. `profile`, `field` (ISCED-F 2013) and `occupation` (ISCO-08): who has one scope, as it was
    signed, that covers all of them, to accredit or to issue; whether it is in force, the history of the entry says. A
    scope with a shorter code covers a longer one, and one without fields, or without occupations, covers all."""

    country: str | None = None
    name: str | None = None
    identifier: str | None = None
    role: str | None = None
    profile: str | None = None
    kind: EntryKind | None = None
    field: str | None = None
    occupation: str | None = None

    @property
    def asks_for_scope(self) -> bool:
        """Whether it asks what may be awarded."""
        return (self.profile, self.field, self.occupation) != (None, None, None)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of the entries that were found, of `total`."""

    entries: tuple[RegistryEntry, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SearchRegistry:
    """The use case."""

    registry: OpenRegistry

    def __call__(self, search: RegistrySearch, *, offset: int = 0, limit: int = MAX_PAGE) -> SearchPage:
        """The entries found, enrolled bodies first, then by country and name.

        Raises `InputError`: `name_empty` where the name has no letter or digit, `search_too_wide` where too many
        providers would have to be read.
        """
        skeleton = None
        if search.name is not None:
            skeleton = build_skeleton(search.name)
            if not skeleton:
                raise InputError("The name has no letter or digit.", code="name_empty")
        with self.registry() as registry:
            found = [entry for entry in _entries(registry, search) if _matches(entry, search, skeleton)]
            if search.asks_for_scope:
                found = _of_scope(registry, found, search)
        order = list(EntryKind)
        found.sort(key=lambda entry: (order.index(entry.kind), entry.country or "", entry.name, entry.id))
        return SearchPage(tuple(found[offset : offset + min(limit, MAX_PAGE)]), len(found))


def _entries(registry: RegistryReader, search: RegistrySearch) -> Iterator[RegistryEntry]:
    if search.kind in (None, EntryKind.ENROLLED):
        yield from map(entry_of_body, registry.list_bodies())
    if search.kind in (None, EntryKind.PROVIDER):
        yield from registry.list_providers()
    if search.kind in (None, EntryKind.LISTED):
        yield from map(entry_of_listed, registry.list_listed(search.country))


def _matches(entry: RegistryEntry, search: RegistrySearch, skeleton: str | None) -> bool:
    if search.country not in (None, entry.country, *entry.countries) or search.role not in (None, entry.role):
        return False
    if search.identifier not in (None, entry.id, entry.identifier, entry.website):
        return False
    return (
        skeleton is None
        or skeleton in _skeleton(entry.name)
        or (entry.acronym is not None and skeleton == _skeleton(entry.acronym))
    )


def _of_scope(
    registry: RegistryReader, entries: list[RegistryEntry], search: RegistrySearch
) -> list[RegistryEntry]:
    """Those who have a scope that covers what is asked for. Nobody knows the scope of a listed body; an enrolled one
    without scopes has no limit."""
    received = registry.list_scopes([entry.id for entry in entries if entry.kind is EntryKind.PROVIDER])

    def covers_it(entry: RegistryEntry) -> bool:
        if entry.kind is EntryKind.ENROLLED:
            return not entry.scopes or _covers(entry.scopes, search)
        return entry.kind is EntryKind.PROVIDER and _covers(received.get(entry.id, ()), search)

    return [entry for entry in entries if covers_it(entry)]


def _covers(scopes: Sequence[AccreditationScope], search: RegistrySearch) -> bool:
    return any(
        (search.profile is None or search.profile in scope.profiles)
        and _is_within(search.field, scope.isced_fields)
        and _is_within(search.occupation, scope.occupations)
        for scope in scopes
    )


def _is_within(code: str | None, allowed: Sequence[str]) -> bool:
    return code is None or not allowed or any(begins(entry, code) for entry in allowed)

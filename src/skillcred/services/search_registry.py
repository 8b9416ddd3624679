"""Anybody searches the registry by country, name in any script, identifier, role and kind of credential."""

from __future__ import annotations

from collections.abc import Iterator
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
from skillcred.trust import read_recorded_statement

MAX_PAGE: Final = 100
MAX_PROVIDERS_READ: Final = 200
"""Most entries of one page, and most providers whose accreditations one search reads."""

_skeleton = lru_cache(maxsize=4 * MAX_LIST_ROWS)(build_skeleton)


@dataclass(frozen=True, slots=True)
class RegistrySearch:
    """What to look for. `profile`: who may accredit for, or issue, that kind of credential as it was signed; whether it
    is in force, the history of the entry says."""

    country: str | None = None
    name: str | None = None
    identifier: str | None = None
    role: str | None = None
    profile: str | None = None
    kind: EntryKind | None = None


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
            if search.profile is not None:
                found = _of_profile(registry, found, search.profile)
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
    if search.country not in (None, entry.country) or search.role not in (None, entry.role):
        return False
    if search.identifier not in (None, entry.id, entry.identifier, entry.website):
        return False
    return (
        skeleton is None
        or skeleton in _skeleton(entry.name)
        or (entry.acronym is not None and skeleton == _skeleton(entry.acronym))
    )


def _of_profile(registry: RegistryReader, entries: list[RegistryEntry], profile: str) -> list[RegistryEntry]:
    """Those whose scope has the profile. Nobody knows the scope of a listed body."""
    providers = [entry for entry in entries if entry.kind is EntryKind.PROVIDER]
    if len(providers) > MAX_PROVIDERS_READ:
        raise InputError("Too many providers: name a country or a part of the name.", code="search_too_wide")
    found = [
        entry
        for entry in entries
        if entry.kind is EntryKind.ENROLLED
        and (not entry.scopes or any(profile in scope.profiles for scope in entry.scopes))
    ]
    for entry in providers:
        for accreditation in registry.list_accreditations(provider_did=entry.id):
            statement = read_recorded_statement(accreditation.content)
            if any(profile in scope.profiles for scope in statement.scopes):
                found.append(entry)
                break
    return found

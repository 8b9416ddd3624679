"""Entries of those who are known by what bodies said of them, and not by a row of their own.

They have the name under which they were accredited last. What was signed is read once and then remembered by the id of
the accreditation, because it never changes; a search over ten thousand of them could not read it each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.errors import SkillcredError
from skillcred.services.provider_names import read_named
from skillcred.services.registry_entries import EntryKind, RegistryEntry
from skillcred.trust import AccreditationScope, parse_accreditation, read_recorded_document
from skillcred.trust.chains import MAX_CHAIN_LINKS

MAX_REMEMBERED: Final = 150_000
"""Most accreditations of which it is remembered what they say: more than a search reads (`MAX_RECEIVED`)."""
READ_AT_ONCE: Final = 500
"""How many accreditations are in memory with all their bytes."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an accreditation says: the name that was used, if any, and the scopes."""

    name: str | None
    scopes: tuple[AccreditationScope, ...]


def read_said(content: bytes) -> Said:
    """What the signed bytes say. Accreditations are read when they are recorded; one that can no longer be read
    names nobody and covers nothing, and hides nobody else from a search; whoever asks for it gets the fault."""
    try:
        document = read_recorded_document(content)
    except SkillcredError:
        return Said(None, ())
    try:
        return Said(read_named(document), parse_accreditation(document).scopes)
    except SkillcredError:
        return Said(read_named(document), ())


class SaidMemory:
    """What accreditations say, by id. Thread-safe; beyond the limit the oldest makes room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Said] = {}
        self._scopes: dict[tuple[AccreditationScope, ...], tuple[AccreditationScope, ...]] = {}

    def recall(
        self, ids: Collection[str], read: Callable[[Collection[str]], Mapping[str, bytes]]
    ) -> dict[str, Said]:
        """What those accreditations say; `read` is asked for the bytes of the others, some at a time. Raises what it
        raises."""
        found = {name: said for name in ids if (said := self._held.get(name)) is not None}
        missing = [name for name in dict.fromkeys(ids) if name not in found]
        for start in range(0, len(missing), READ_AT_ONCE):
            with self._lock:  # whoever asks for the same meanwhile waits, rather than reading it too
                found |= self._read(missing[start : start + READ_AT_ONCE], read)
        return found

    def _read(
        self, ids: Collection[str], read: Callable[[Collection[str]], Mapping[str, bytes]]
    ) -> dict[str, Said]:
        found = {name: said for name in ids if (said := self._held.get(name)) is not None}
        for name, content in read([name for name in ids if name not in found]).items():
            said = read_said(content)
            if len(self._scopes) >= MAX_REMEMBERED:
                self._scopes.clear()
            found[name] = Said(said.name, self._scopes.setdefault(said.scopes, said.scopes))
            while len(self._held) >= MAX_REMEMBERED:
                del self._held[next(iter(self._held))]
            self._held[name] = found[name]
        return found


def entry_of_accredited(
    did: str, name: str, recorded_at: datetime, scopes: Iterable[AccreditationScope], above: frozenset[str]
) -> RegistryEntry:
    """Somebody of whom nothing is known but what bodies said. `scopes` are those of the accreditation recorded last,
    `above` the countries of the enrolled bodies above it.

    Its countries are those for which it was accredited last; without such a limit, those of the bodies above, as names
    are told apart by (`provider_names`). Its country is the only one of them, else none."""
    countries = frozenset(country for scope in scopes for country in scope.countries) or above
    country = next(iter(countries)) if len(countries) == 1 else None
    return RegistryEntry(
        EntryKind.PROVIDER,
        did,
        name,
        country,
        recorded_at,
        identifier=did,
        countries=tuple(sorted(countries)),
    )


class CountriesAbove:
    """The countries of the enrolled bodies above those who give accreditations, looked up for many at once."""

    def __init__(
        self,
        givers: Iterable[str],
        enrolled: Mapping[str, str],
        accreditors_of: Callable[[Collection[str]], Mapping[str, Collection[str]]],
    ) -> None:
        """`enrolled` has the country of each enrolled body."""
        self._enrolled = enrolled
        self._above: dict[str, Collection[str]] = {}
        self._known: dict[str, frozenset[str]] = {}
        level = set(givers) - enrolled.keys()
        for _ in range(MAX_CHAIN_LINKS):
            if not level:
                break
            found = accreditors_of(level)
            self._above |= found
            level = {did for group in found.values() for did in group} - enrolled.keys() - self._above.keys()

    def of(self, giver: str) -> frozenset[str]:
        """Its own country if it is enrolled, else those of the nearest enrolled bodies above it."""
        if giver not in self._known:
            self._known[giver] = self._find(giver)
        return self._known[giver]

    def _find(self, giver: str) -> frozenset[str]:
        """Whoever is met twice is not asked about twice, so loops end."""
        countries: set[str] = set()
        seen: set[str] = set()
        pending = [giver]
        while pending:
            did = pending.pop()
            if did in self._enrolled:
                countries.add(self._enrolled[did])
            elif did not in seen:
                seen.add(did)
                pending.extend(self._above.get(did, ()))
        return frozenset(countries)

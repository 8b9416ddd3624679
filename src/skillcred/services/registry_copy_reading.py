"""The verified copy of a published registry, read by those who ask about it rather than for verdicts."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final

from skillcred.errors import InputError, NotFoundError
from skillcred.services.accredited_entries import CountriesAbove, entry_of_accredited
from skillcred.services.checkpoints import parse_checkpoint
from skillcred.services.listed_records import ListedBody
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.provider_names import read_provider_name
from skillcred.services.publication_ports import LoadedCopy
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    AccreditationEventKind,
    BodyEvent,
    NationalBody,
)
from skillcred.services.registry_copy import CopiedRegistrySource
from skillcred.services.registry_entries import RegistryEntry
from skillcred.services.registry_reading import RegistryReader
from skillcred.trust import AccreditationScope, EnrolledBody, RegistryCopyInfo, read_recorded_statement
from skillcred.trust.published import PublishedStatement

MAX_READ: Final = 1_000
"""Most accreditations whose signed bytes one answer reads from the copy."""


@dataclass(frozen=True, slots=True)
class _Index:
    """What a loaded copy is looked up by: its statements by id, each once, and the ids of those that a body gave.
    `entries` holds those of providers that were asked for: names that only a signed credential has are read once."""

    loaded: LoadedCopy
    statements: dict[str, PublishedStatement]
    given: dict[str, list[str]]
    operator: str | None
    entries: dict[str, RegistryEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenCopiedRegistry:
    """`OpenRegistry` for the copy. Whether it may be used is judged by the present each time it is opened."""

    source: CopiedRegistrySource
    units: UnitOfWorkFactory
    clock: Clock
    _latest: list[_Index] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> AbstractContextManager[RegistryReader]:
        """A reader of the present copy; it stays with that one if an update replaces it meanwhile."""
        return self._open()

    @contextmanager
    def _open(self) -> Iterator[RegistryReader]:
        loaded = self.source.copy(self.clock.now())
        with self._lock:
            if not self._latest or self._latest[0].loaded is not loaded:
                self._latest[:] = [_build_index(loaded)]
            index = self._latest[0]
        yield CopiedRegistry(index, self.units)


def _build_index(loaded: LoadedCopy) -> _Index:
    """A statement that lies in two branches is one; it is shown with the longer of its histories, so that what one
    branch leaves out is not hidden."""
    statements: dict[str, PublishedStatement] = {}
    for group in loaded.snapshot.statements_about.values():
        for statement in group:
            known = statements.get(name := statement.edge.statement.credential_id)
            if known is None or len(known.edge.events) < len(statement.edge.events):
                statements[name] = statement
    given: dict[str, list[str]] = {}
    for name in sorted(statements, key=lambda name: statements[name].edge.recorded_at):
        given.setdefault(statements[name].edge.statement.body_did, []).append(name)
    checkpoint = loaded.state.checkpoint
    operator = None if checkpoint is None else parse_checkpoint(checkpoint).operator_did
    return _Index(loaded, statements, given, operator)


@dataclass(frozen=True, slots=True)
class CopiedRegistry:
    """`RegistryReader` over a copy. Events have no identifiers in a published registry; theirs are numbers made here.

    Whoever signs a branch vouches for its statements; one whose credential cannot be read, or says something else, is
    not shown. Reading signed bytes raises `RegistryCopyError` where an update has just replaced the copy."""

    _index: _Index
    _units: UnitOfWorkFactory

    @property
    def copy(self) -> RegistryCopyInfo | None:
        """See `RegistryReader`."""
        return self._index.loaded.state.info

    def is_operator(self, did: str) -> bool:
        """See `RegistryReader`: whoever signed the checkpoint of the log that was published with the registry."""
        return self._index.operator == did

    def find_name(self, did: str) -> str | None:
        """See `RegistryReader`."""
        return self._index.loaded.snapshot.names.get(did)

    def find_body(self, did: str) -> NationalBody | None:
        """See `RegistryReader`."""
        body = self.find_enrolled(did)
        return None if body is None else _body(body)

    def find_enrolled(self, did: str) -> EnrolledBody | None:
        """See `RegistryReader`."""
        return self._index.loaded.snapshot.bodies.get(did)

    def list_bodies(self) -> list[NationalBody]:
        """See `RegistryReader`."""
        bodies = map(_body, self._index.loaded.snapshot.bodies.values())
        return sorted(bodies, key=lambda body: (body.country, body.name))

    def list_body_events(self, body_did: str) -> list[BodyEvent]:
        """See `RegistryReader`."""
        body = self.find_enrolled(body_did)
        return [
            BodyEvent(
                f"{body_did}:{number}", body_did, AccreditationEventKind(event.kind), event.effective_at,
                event.recorded_at, event.reason, self._index.operator or "", event.successor,
            )
            for number, event in enumerate(() if body is None else body.events, start=1)
        ]  # fmt: skip

    def get_accreditation(self, accreditation_id: str) -> Accreditation:
        """See `RegistryReader`."""
        found = self._accreditation(self._statement(accreditation_id))
        if found is None:
            raise NotFoundError("There is no such accreditation.")
        return found

    def list_accreditations(
        self, *, provider_did: str | None = None, body_did: str | None = None
    ) -> list[Accreditation]:
        """See `RegistryReader`."""
        if provider_did is not None:
            names = self._received(provider_did)
        elif body_did is not None:
            names = self._index.given.get(body_did, [])
        else:
            names = [name for given in self._index.given.values() for name in given]
        found = [self._statement(name) for name in names]
        if body_did is not None:
            found = [statement for statement in found if statement.edge.statement.body_did == body_did]
        if len(found) > MAX_READ:
            raise InputError("There are too many: name a provider or a body.", code="search_too_wide")
        found.sort(key=lambda statement: statement.edge.recorded_at)
        return list(self._readable(found))

    def list_latest_given(self, body_did: str, limit: int) -> tuple[list[Accreditation], int]:
        """See `RegistryReader`."""
        given = self._index.given.get(body_did, [])
        return list(self._readable(map(self._statement, given[-limit:]))), len(given)

    def list_events(self, accreditation_id: str) -> list[AccreditationEvent]:
        """See `RegistryReader`."""
        statement = self._statement(accreditation_id)
        return [
            AccreditationEvent(
                f"{accreditation_id}:{number}", accreditation_id, AccreditationEventKind(event.kind),
                event.effective_at, event.recorded_at, event.reason, statement.edge.statement.body_did,
                event.successor,
            )
            for number, event in enumerate(statement.edge.events, start=1)
        ]  # fmt: skip

    def list_providers(self) -> list[RegistryEntry]:
        """See `RegistryReader`."""
        snapshot = self._index.loaded.snapshot
        return self._entries([did for did in snapshot.statements_about if did not in snapshot.bodies])

    def list_scopes(self, providers: Collection[str]) -> Mapping[str, Sequence[AccreditationScope]]:
        """See `RegistryReader`. All are in memory, as whoever signed the branches vouched for them."""
        return {
            did: [
                scope for name in self._received(did) for scope in self._statement(name).edge.statement.scopes
            ]
            for did in providers
        }

    def find_provider(self, did: str) -> RegistryEntry | None:
        """See `RegistryReader`."""
        return self._entries([did])[0] if did in self._index.loaded.snapshot.statements_about else None

    def list_listed(self, country: str | None = None) -> list[ListedBody]:
        """See `RegistryReader`."""
        with self._units(writes=False) as unit:
            return unit.listed_bodies.list_all(country=country)

    def find_listed(self, body_id: str) -> ListedBody | None:
        """See `RegistryReader`."""
        with self._units(writes=False) as unit:
            return unit.listed_bodies.find(body_id)

    def _entries(self, dids: Sequence[str]) -> list[RegistryEntry]:
        held = self._index.entries
        new = [did for did in dids if did not in held]
        if new:
            latest = {self._statement(self._received(did)[-1]).edge.statement.body_did for did in new}
            bodies = self._index.loaded.snapshot.bodies.values()
            above = CountriesAbove(latest, {body.did: body.country for body in bodies}, self._accreditors)
            held |= {did: self._make_entry(did, above) for did in new}
        return [held[did] for did in dids]

    def _make_entry(self, did: str, above: CountriesAbove) -> RegistryEntry:
        """Whoever publishes a registry publishes names that are registered with it, and no country with them."""
        received = self._received(did)
        first, latest = self._statement(received[0]).edge, self._statement(received[-1])
        name = self.find_name(did)
        if name is None:
            said = self._accreditation(latest)
            name = None if said is None else read_provider_name(said.content)
        stated = latest.edge.statement
        return entry_of_accredited(
            did, name or did, first.recorded_at, stated.scopes, above.of(stated.body_did)
        )

    def _accreditors(self, dids: Collection[str]) -> dict[str, set[str]]:
        about = self._index.loaded.snapshot.statements_about
        return {did: {one.edge.statement.body_did for one in about.get(did, ())} for did in dids}

    def _received(self, did: str) -> list[str]:
        about = self._index.loaded.snapshot.statements_about.get(did, ())
        ordered = sorted(about, key=lambda statement: statement.edge.recorded_at)
        return list(dict.fromkeys(statement.edge.statement.credential_id for statement in ordered))

    def _statement(self, accreditation_id: str) -> PublishedStatement:
        statement = self._index.statements.get(accreditation_id)
        if statement is None:
            raise NotFoundError("There is no such accreditation.")
        return statement

    def _readable(self, statements: Iterable[PublishedStatement]) -> Iterator[Accreditation]:
        for statement in statements:
            accreditation = self._accreditation(statement)
            if accreditation is not None:
                yield accreditation

    def _accreditation(self, statement: PublishedStatement) -> Accreditation | None:
        said = statement.edge.statement
        content = self._index.loaded.credential(statement)
        try:
            if read_recorded_statement(content) != said:
                return None
        except InputError:
            return None
        return Accreditation(
            said.credential_id,
            said.body_did,
            said.provider_did,
            content,
            statement.media_type,
            said.valid_from,
            said.valid_until,
            statement.edge.recorded_at,
        )


def _body(body: EnrolledBody) -> NationalBody:
    return NationalBody(
        body.did, body.name, body.country, body.enrolled_at, body.ended_at, scopes=body.scopes
    )

"""Anybody looks at an entry of the registry with its history: what was said of it, and what the registry said on a day.

Every statement has two times: from when it holds, and when it was recorded. `at` picks the first, `recorded_at` the
second: with both, the answer is what the registry would have said then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.errors import NotFoundError
from skillcred.services.ports import Clock
from skillcred.services.records import Accreditation
from skillcred.services.registry_entries import (
    EntryHistory,
    EntryKind,
    RegistryEntry,
    StatementState,
    entry_of_body,
    entry_of_listed,
)
from skillcred.services.registry_evidence import extracted_event
from skillcred.services.registry_reading import OpenRegistry, RegistryReader
from skillcred.trust import ExtractedEvent, read_recorded_statement
from skillcred.trust.records import EnrolledBody
from skillcred.trust.standing import body_standing_at, standing_at

MAX_STATEMENTS: Final = 200
"""Most accreditations that one answer holds."""


@dataclass(frozen=True, slots=True)
class GetRegistryEntry:
    """The use case."""

    registry: OpenRegistry
    clock: Clock

    def __call__(
        self, entry_id: str, *, at: datetime | None = None, recorded_at: datetime | None = None
    ) -> EntryHistory:
        """The entry with that DID, or that id of a listed body. Raises `NotFoundError`, also for what was not
        recorded yet."""
        now = self.clock.now()
        instant, known_by = at or now, recorded_at or now
        with self.registry() as registry:
            entry = _find(registry, entry_id)
            if entry is None or entry.recorded_at > known_by:
                raise NotFoundError("There is no such entry in the registry.")
            statements = (
                [] if entry.kind is EntryKind.LISTED else _statements(registry, entry, instant, known_by)
            )
        return EntryHistory(
            entry, instant, known_by, tuple(statements[:MAX_STATEMENTS]), len(statements) > MAX_STATEMENTS
        )


def _find(registry: RegistryReader, entry_id: str) -> RegistryEntry | None:
    body = registry.find_body(entry_id)
    if body is not None:
        return entry_of_body(body)
    provider = registry.find_provider(entry_id)
    if provider is not None:
        return provider
    listed = registry.find_listed(entry_id)
    return None if listed is None else entry_of_listed(listed)


def _statements(
    registry: RegistryReader, entry: RegistryEntry, at: datetime, known_by: datetime
) -> list[StatementState]:
    found = []
    if entry.kind is EntryKind.ENROLLED:
        body = registry.find_enrolled(entry.id)
        if body is not None:
            found.append(_enrolment(body, at, known_by))
    for accreditation in registry.list_accreditations(provider_did=entry.id)[: MAX_STATEMENTS + 1]:
        if accreditation.recorded_at <= known_by:
            events = [extracted_event(event) for event in registry.list_events(accreditation.id)]
            found.append(_accreditation(accreditation, _known(events, known_by), at))
    return found


def _enrolment(body: EnrolledBody, at: datetime, known_by: datetime) -> StatementState:
    events = _known(body.events, known_by)
    seen = EnrolledBody(
        body.did, body.name, body.country, body.enrolled_at, body.ended_at, body.scopes, events
    )
    return StatementState(
        None,
        None,
        body.enrolled_at,
        body.ended_at,
        body.enrolled_at,
        body_standing_at(seen, at),
        events,
        body.scopes,
    )


def _accreditation(
    accreditation: Accreditation, events: tuple[ExtractedEvent, ...], at: datetime
) -> StatementState:
    statement = read_recorded_statement(accreditation.content)
    return StatementState(
        accreditation.id,
        accreditation.body_did,
        accreditation.valid_from,
        accreditation.valid_until,
        accreditation.recorded_at,
        standing_at(statement, events, at),
        events,
        statement.scopes,
    )


def _known(events: Sequence[ExtractedEvent], known_by: datetime) -> tuple[ExtractedEvent, ...]:
    return tuple(event for event in events if event.recorded_at <= known_by)

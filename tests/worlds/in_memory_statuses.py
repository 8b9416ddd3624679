"""The fake of the storage of status lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.ports import Hold
from skillcred.services.records import (
    PublicationHead,
    StatusEvent,
    StatusEventKind,
    StatusListRecord,
    StatusPublication,
    StatusSlot,
    StatusView,
)

if TYPE_CHECKING:
    from worlds.in_memory import State


class InMemoryStatusRepository:
    def __init__(self, state: State) -> None:
        self._state = state

    def add_list(self, record: StatusListRecord) -> None:
        opened = record.closed_at is None and self.find_open_list(record.organisation_id) is not None
        if record.id in self._state.status_lists or opened:
            raise ConflictError("Taken.", code="status_list_taken")
        self._state.status_lists[record.id] = record

    def find_open_list(self, organisation_id: str, *, hold: Hold | None = None) -> StatusListRecord | None:
        return next((item for item in self.list_lists(organisation_id) if item.closed_at is None), None)

    def find_latest_list(self, organisation_id: str) -> StatusListRecord | None:
        return next(reversed(self.list_lists(organisation_id)), None)

    def find_list(self, list_id: str, *, hold: Hold | None = None) -> StatusListRecord | None:
        return self._state.status_lists.get(list_id)

    def list_lists(self, organisation_id: str | None = None) -> list[StatusListRecord]:
        return [i for i in self._state.status_lists.values() if organisation_id in (None, i.organisation_id)]

    def update_list(self, record: StatusListRecord) -> None:
        known = self._state.status_lists.get(record.id)
        if known is None:
            raise NotFoundError("There is no such status list.")
        changed = replace(known, allocated=record.allocated, events=record.events, closed_at=record.closed_at)
        self._state.status_lists[record.id] = changed

    def add_slots(self, slots: Sequence[StatusSlot]) -> None:
        taken = {(slot.credential_id, slot.copy) for slot in self._state.status_slots.values()}
        for slot in slots:
            copy = (slot.credential_id, slot.copy)
            if (slot.list_id, slot.index) in self._state.status_slots or copy in taken:
                raise ConflictError("Taken.", code="status_slot_taken")
            taken.add(copy)
            self._state.status_slots[slot.list_id, slot.index] = slot

    def find_slots(self, credential_ids: Collection[str]) -> dict[str, tuple[StatusSlot, ...]]:
        found: dict[str, list[StatusSlot]] = {}
        for slot in sorted(self._state.status_slots.values(), key=lambda slot: slot.copy):
            if slot.credential_id in credential_ids:
                found.setdefault(slot.credential_id, []).append(slot)
        return {credential_id: tuple(copies) for credential_id, copies in found.items()}

    def set_slot_states(self, list_id: str, indexes: Collection[int], state: StatusEventKind | None) -> None:
        for index in indexes:
            known = self._state.status_slots.get((list_id, index))
            if known is None:
                raise NotFoundError("There is no such entry.")
            self._state.status_slots[list_id, index] = replace(known, state=state)

    def list_states(self, list_id: str) -> dict[int, StatusEventKind]:
        return {slot.index: slot.state for slot in self.list_slots(list_id) if slot.state is not None}

    def list_slots(self, list_id: str) -> list[StatusSlot]:
        return [slot for slot in self._state.status_slots.values() if slot.list_id == list_id]

    def add_events(self, events: Sequence[StatusEvent]) -> None:
        for event in events:
            numbers = {i.sequence for i in self.list_events(event.list_id)}
            if event.id in self._state.status_events or event.sequence in numbers:
                raise ConflictError("Taken.", code="event_taken")
            self._state.status_events[event.id] = event

    def count_events(self, list_id: str) -> int:
        return len(self.list_events(list_id))

    def list_revocation_dates(self, list_id: str) -> dict[int, tuple[datetime, datetime]]:
        revoked = [event for event in self.list_events(list_id) if event.kind is StatusEventKind.REVOKED]
        return {event.index: (event.effective_at, event.recorded_at) for event in revoked}

    def list_values(self, list_id: str, kind: StatusEventKind) -> dict[int, int]:
        events = self.list_events(list_id)
        return {each.index: each.value for each in events if each.kind is kind and each.value is not None}

    def list_events(self, list_id: str, *, index: int | None = None) -> list[StatusEvent]:
        events = self._state.status_events.values()
        found = [i for i in events if i.list_id == list_id and index in (None, i.index)]
        return sorted(found, key=lambda event: event.sequence)

    def add_publication(self, publication: StatusPublication) -> None:
        key = (publication.list_id, publication.view, publication.version)
        if key in self._state.status_publications:
            raise ConflictError("Taken.", code="publication_taken")
        self._state.status_publications[key] = publication

    def find_publication(self, list_id: str, view: StatusView) -> StatusPublication | None:
        return max(self.list_publications(list_id, view), key=lambda item: item.version, default=None)

    def find_publication_at(self, list_id: str, view: StatusView, at: datetime) -> StatusPublication | None:
        early = [item for item in self.list_publications(list_id, view) if item.published_at <= at]
        return max(early, key=lambda item: item.version, default=None)

    def list_publications(self, list_id: str, view: StatusView) -> list[StatusPublication]:
        found = [
            item
            for item in self._state.status_publications.values()
            if (item.list_id, item.view) == (list_id, view)
        ]
        return sorted(found, key=lambda item: item.version)

    def list_publication_heads(self) -> list[PublicationHead]:
        latest: dict[tuple[str, StatusView], StatusPublication] = {}
        for item in sorted(self._state.status_publications.values(), key=lambda item: item.version):
            latest[item.list_id, item.view] = item
        return [
            PublicationHead(i.list_id, i.view, i.version, i.events, i.published_at, i.valid_until)
            for i in latest.values()
        ]

    def find_recording(self, list_id: str, sequence: int) -> datetime | None:
        found = (event.recorded_at for event in self.list_events(list_id) if event.sequence == sequence)
        return next(found, None)

    def find_seen(self, uri: str) -> datetime | None:
        return self._state.seen_status_lists.get(uri)

    def record_seen(self, uri: str, issued_at: datetime) -> None:
        known = self._state.seen_status_lists.get(uri)
        self._state.seen_status_lists[uri] = issued_at if known is None else max(known, issued_at)

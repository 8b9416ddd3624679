"""Status lists, their entries, their events, and what was published of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, Text, and_, cast, func, select, update

from skillcred.adapters.db.rows import (
    SeenStatusListRow,
    StatusEventRow,
    StatusListRow,
    StatusPublicationRow,
    StatusSlotRow,
)
from skillcred.adapters.db.schemes import decode_scheme, encode_scheme
from skillcred.adapters.db.statements import Statements
from skillcred.errors import NotFoundError
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

INDEXES_AT_ONCE: Final = 5_000
"""Entries that one statement names: far below the parameters that either database takes."""
SLOT_COLUMNS: Final = (
    StatusSlotRow.list_id,
    StatusSlotRow.list_index,
    StatusSlotRow.credential_id,
    StatusSlotRow.organisation_id,
    StatusSlotRow.allocated_at,
    StatusSlotRow.state,
    StatusSlotRow.copy,
)
"""What `build_slot` takes, in the order of `StatusSlot`."""


class SqlStatusRepository:
    """`StatusRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add_list(self, record: StatusListRecord) -> None:
        """Open a list. Raises `ConflictError` (`status_list_taken`)."""
        row = StatusListRow(**asdict(record) | {"scheme": encode_scheme(record.scheme)})
        self._statements.insert(row, taken="status_list_taken")

    def find_open_list(self, organisation_id: str, *, hold: Hold | None = None) -> StatusListRecord | None:
        """The list that entries are given out from."""
        query = select(StatusListRow).where(
            StatusListRow.organisation_id == organisation_id, StatusListRow.closed_at.is_(None)
        )
        row = self._statements.find(query, hold=hold)
        return None if row is None else _list(row)

    def find_latest_list(self, organisation_id: str) -> StatusListRecord | None:
        """The list that was opened last."""
        query = select(StatusListRow).where(StatusListRow.organisation_id == organisation_id)
        row = self._statements.find(query.order_by(StatusListRow.position.desc()).limit(1))
        return None if row is None else _list(row)

    def find_list(self, list_id: str, *, hold: Hold | None = None) -> StatusListRecord | None:
        """The list with that id."""
        row = self._statements.find(select(StatusListRow).where(StatusListRow.id == list_id), hold=hold)
        return None if row is None else _list(row)

    def list_lists(self, organisation_id: str | None = None) -> list[StatusListRecord]:
        """All lists, or those of one organisation, oldest first."""
        query = select(StatusListRow).order_by(StatusListRow.position)
        if organisation_id is not None:
            query = query.where(StatusListRow.organisation_id == organisation_id)
        return [_list(row) for row in self._statements.list_all(query)]

    def update_list(self, record: StatusListRecord) -> None:
        """Replace `allocated`, `events` and `closed_at`."""
        changed = self._statements.change(
            update(StatusListRow)
            .where(StatusListRow.id == record.id)
            .values(allocated=record.allocated, events=record.events, closed_at=record.closed_at)
        )
        if not changed:
            raise NotFoundError("There is no such status list.")

    def add_slots(self, slots: Sequence[StatusSlot]) -> None:
        """Give entries out. Raises `ConflictError` (`status_slot_taken`)."""
        rows = []
        for slot in slots:
            values = asdict(slot)
            index = values.pop("index")
            state = None if slot.state is None else slot.state.value
            rows.append(values | {"state": state, "list_index": index})
        self._statements.insert_many(StatusSlotRow, rows, taken="status_slot_taken")

    def find_slots(self, credential_ids: Collection[str]) -> dict[str, tuple[StatusSlot, ...]]:
        """The entries of credentials, by credential, in the order of their copies, as they are now."""
        query = (
            select(*SLOT_COLUMNS)
            .where(StatusSlotRow.credential_id.in_(credential_ids))
            .order_by(StatusSlotRow.copy)
        )
        found: dict[str, list[StatusSlot]] = {}
        for slot in map(build_slot, self._statements.list_tuples(query)):
            found.setdefault(slot.credential_id, []).append(slot)
        return {credential_id: tuple(slots) for credential_id, slots in found.items()}

    def set_slot_states(self, list_id: str, indexes: Collection[int], state: StatusEventKind | None) -> None:
        """Replace the state of entries."""
        wanted = sorted(set(indexes))
        for first in range(0, len(wanted), INDEXES_AT_ONCE):
            some = wanted[first : first + INDEXES_AT_ONCE]
            changed = self._statements.change(
                update(StatusSlotRow)
                .where(StatusSlotRow.list_id == list_id, StatusSlotRow.list_index.in_(some))
                .values(state=None if state is None else state.value)
            )
            if changed != len(some):
                raise NotFoundError("There is no such entry.")

    def list_states(self, list_id: str) -> dict[int, StatusEventKind]:
        """The entries of a list in which something holds."""
        indexes = func.aggregate_strings(
            cast(StatusSlotRow.list_index, Text), ","
        )  # one row, not one for each
        query = (
            select(StatusSlotRow.state, indexes)
            .where(StatusSlotRow.list_id == list_id, StatusSlotRow.state.is_not(None))
            .group_by(StatusSlotRow.state)
        )
        return {
            int(index): kind
            for state, joined in self._statements.list_tuples(query)
            for kind in (StatusEventKind(state),)
            for index in joined.split(",")
        }

    def list_slots(self, list_id: str) -> list[StatusSlot]:
        """All entries of a list that were given out, in that order."""
        query = select(*SLOT_COLUMNS).where(StatusSlotRow.list_id == list_id).order_by(StatusSlotRow.position)
        return [build_slot(found) for found in self._statements.list_tuples(query)]

    def add_events(self, events: Sequence[StatusEvent]) -> None:
        """Record events. Raises `ConflictError` (`event_taken`)."""
        rows = []
        for event in events:
            values = asdict(event)
            index = values.pop("index")
            rows.append(values | {"kind": event.kind.value, "list_index": index})
        self._statements.insert_many(StatusEventRow, rows, taken="event_taken")

    def count_events(self, list_id: str) -> int:
        """How many events of a list are recorded."""
        query = select(func.count()).select_from(StatusEventRow).where(StatusEventRow.list_id == list_id)
        [(count,)] = self._statements.list_tuples(query)
        return int(count)

    def list_revocation_dates(self, list_id: str) -> dict[int, tuple[datetime, datetime]]:
        """When each revocation of a list takes effect and when it was recorded, by index."""
        query = select(
            StatusEventRow.list_index, StatusEventRow.effective_at, StatusEventRow.recorded_at
        ).where(StatusEventRow.list_id == list_id, StatusEventRow.kind == StatusEventKind.REVOKED.value)
        return {
            index: (effective, recorded) for index, effective, recorded in self._statements.list_tuples(query)
        }

    def list_values(self, list_id: str, kind: StatusEventKind) -> dict[int, int]:
        """The last value of that kind of each entry that ever had one, by index."""
        row = StatusEventRow
        query = (
            select(row.list_index, row.value)
            .where(row.list_id == list_id, row.kind == kind.value)
            .order_by(row.sequence)
        )
        return dict(self._statements.list_tuples(query))  # of one index the last one counts

    def list_events(self, list_id: str, *, index: int | None = None) -> list[StatusEvent]:
        """Events of a list, or of one entry, in order of commit."""
        query = (
            select(StatusEventRow).where(StatusEventRow.list_id == list_id).order_by(StatusEventRow.sequence)
        )
        if index is not None:
            query = query.where(StatusEventRow.list_index == index)
        return [_event(row) for row in self._statements.list_all(query)]

    def add_publication(self, publication: StatusPublication) -> None:
        """Record a version. Raises `ConflictError` (`publication_taken`)."""
        self._statements.insert(
            StatusPublicationRow(**asdict(publication) | {"view": publication.view.value}),
            taken="publication_taken",
        )

    def find_publication(self, list_id: str, view: StatusView) -> StatusPublication | None:
        """The latest version."""
        query = _publications(list_id, view).order_by(StatusPublicationRow.version.desc())
        row = self._statements.find(query)
        return None if row is None else _publication(row)

    def find_publication_at(self, list_id: str, view: StatusView, at: datetime) -> StatusPublication | None:
        """The latest version that was published at or before `at`."""
        query = (
            _publications(list_id, view)
            .where(StatusPublicationRow.published_at <= at)
            .order_by(StatusPublicationRow.version.desc())
        )
        row = self._statements.find(query)
        return None if row is None else _publication(row)

    def list_publications(self, list_id: str, view: StatusView) -> list[StatusPublication]:
        """All versions, oldest first."""
        query = _publications(list_id, view).order_by(StatusPublicationRow.version)
        return [_publication(row) for row in self._statements.list_all(query)]

    def list_publication_heads(self) -> list[PublicationHead]:
        """The latest version of each view of each list that was ever published, without contents."""
        row = StatusPublicationRow
        latest = (
            select(row.list_id, row.view, func.max(row.version).label("version"))
            .group_by(row.list_id, row.view)
            .subquery()
        )
        query = select(
            row.list_id, row.view, row.version, row.events, row.published_at, row.valid_until
        ).join(
            latest,
            and_(
                row.list_id == latest.c.list_id,
                row.view == latest.c.view,
                row.version == latest.c.version,
            ),
        )
        return [
            PublicationHead(list_id, StatusView(view), *rest)
            for list_id, view, *rest in self._statements.list_tuples(query)
        ]

    def find_recording(self, list_id: str, sequence: int) -> datetime | None:
        """When the event with that number was recorded."""
        query = select(StatusEventRow.recorded_at).where(
            StatusEventRow.list_id == list_id, StatusEventRow.sequence == sequence
        )
        return next((instant for (instant,) in self._statements.list_tuples(query)), None)

    def find_seen(self, uri: str) -> datetime | None:
        """When the latest version of a foreign list that was seen was made."""
        row = self._statements.find(select(SeenStatusListRow).where(SeenStatusListRow.uri == uri))
        return None if row is None else row.issued_at

    def record_seen(self, uri: str, issued_at: datetime) -> None:
        """Remember a version, unless a later one was seen. Raises `ConflictError` (`seen_list_taken`)."""
        if self.find_seen(uri) is None:
            self._statements.insert(SeenStatusListRow(uri=uri, issued_at=issued_at), taken="seen_list_taken")
            return
        self._statements.change(
            update(SeenStatusListRow)
            .where(SeenStatusListRow.uri == uri, SeenStatusListRow.issued_at < issued_at)
            .values(issued_at=issued_at)
        )


def _publications(list_id: str, view: StatusView) -> Select[StatusPublicationRow]:
    return select(StatusPublicationRow).where(
        StatusPublicationRow.list_id == list_id, StatusPublicationRow.view == view.value
    )


def _list(row: StatusListRow) -> StatusListRecord:
    return StatusListRecord(
        id=row.id,
        organisation_id=row.organisation_id,
        length=row.length,
        permutation_key=row.permutation_key,
        allocated=row.allocated,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        events=row.events,
        scheme=decode_scheme(row.scheme),
    )


def build_slot(found: Sequence[Any]) -> StatusSlot:
    """The entry whose `SLOT_COLUMNS` were read."""
    list_id, index, credential_id, owner, allocated_at, state, copy = found
    kind = None if state is None else StatusEventKind(state)
    return StatusSlot(list_id, index, credential_id, owner, allocated_at, kind, copy)


def _event(row: StatusEventRow) -> StatusEvent:
    return StatusEvent(
        id=row.id,
        list_id=row.list_id,
        index=row.list_index,
        kind=StatusEventKind(row.kind),
        effective_at=row.effective_at,
        retroactive=row.retroactive,
        recorded_at=row.recorded_at,
        reason=row.reason,
        recorded_by=row.recorded_by,
        sequence=row.sequence,
        value=row.value,
    )


def _publication(row: StatusPublicationRow) -> StatusPublication:
    return StatusPublication(
        list_id=row.list_id,
        view=StatusView(row.view),
        version=row.version,
        events=row.events,
        content=row.content,
        media_type=row.media_type,
        published_at=row.published_at,
        valid_until=row.valid_until,
    )

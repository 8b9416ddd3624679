"""What status lists need of the storage; a part of `UnitOfWork`, under the same contract tests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

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


class StatusRepository(Protocol):
    """Status lists, their entries, what happened to them, and what was published of them."""

    def add_list(self, record: StatusListRecord) -> None:
        """Open a list. Raises `ConflictError` for a taken id, or if the organisation has an open list."""
        ...

    def find_open_list(self, organisation_id: str, *, hold: Hold | None = None) -> StatusListRecord | None:
        """The list that entries are given out from."""
        ...

    def find_latest_list(self, organisation_id: str) -> StatusListRecord | None:
        """The list of the organisation that was opened last."""
        ...

    def find_list(self, list_id: str, *, hold: Hold | None = None) -> StatusListRecord | None:
        """The list with that id."""
        ...

    def list_lists(self, organisation_id: str | None = None) -> list[StatusListRecord]:
        """All lists, or those of one organisation, oldest first."""
        ...

    def update_list(self, record: StatusListRecord) -> None:
        """Replace `allocated`, `events` and `closed_at`. Raises `NotFoundError`."""
        ...

    def add_slots(self, slots: Sequence[StatusSlot]) -> None:
        """Give entries out. Raises `ConflictError` if one was ever given out before, or the copy has one."""
        ...

    def find_slots(self, credential_ids: Collection[str]) -> dict[str, tuple[StatusSlot, ...]]:
        """The entries of credentials that have any, by credential, in the order of their copies, as they are now."""
        ...

    def set_slot_states(self, list_id: str, indexes: Collection[int], state: StatusEventKind | None) -> None:
        """Replace the state of entries. Raises `NotFoundError` if one is missing."""
        ...

    def list_states(self, list_id: str) -> dict[int, StatusEventKind]:
        """The entries of a list in which something holds, by index."""
        ...

    def list_slots(self, list_id: str) -> list[StatusSlot]:
        """All entries of a list that were given out, in that order."""
        ...

    def add_events(self, events: Sequence[StatusEvent]) -> None:
        """Record events. Raises `ConflictError` for a taken id, or a number that another event of the list has."""
        ...

    def count_events(self, list_id: str) -> int:
        """How many events of a list are recorded."""
        ...

    def list_revocation_dates(self, list_id: str) -> dict[int, tuple[datetime, datetime]]:
        """When each revocation of a list takes effect and when it was recorded, by index."""
        ...

    def list_values(self, list_id: str, kind: StatusEventKind) -> dict[int, int]:
        """The last value of that kind of each entry that ever had one, by index."""
        ...

    def list_events(self, list_id: str, *, index: int | None = None) -> list[StatusEvent]:
        """Events of a list, or of one entry, in order of commit."""
        ...

    def add_publication(self, publication: StatusPublication) -> None:
        """Record a version. Raises `ConflictError` if there is one of that number."""
        ...

    def find_publication(self, list_id: str, view: StatusView) -> StatusPublication | None:
        """The latest version."""
        ...

    def find_publication_at(self, list_id: str, view: StatusView, at: datetime) -> StatusPublication | None:
        """The latest version that was published at or before `at`."""
        ...

    def list_publications(self, list_id: str, view: StatusView) -> list[StatusPublication]:
        """All versions, oldest first."""
        ...

    def list_publication_heads(self) -> list[PublicationHead]:
        """The latest version of each view of each list that was ever published, without contents."""
        ...

    def find_recording(self, list_id: str, sequence: int) -> datetime | None:
        """When the event with that number was recorded."""
        ...

    def find_seen(self, uri: str) -> datetime | None:
        """When the latest version of a foreign list that was seen was made."""
        ...

    def record_seen(self, uri: str, issued_at: datetime) -> None:
        """Remember a version, unless a later one was seen. Raises `ConflictError` where another was faster."""
        ...

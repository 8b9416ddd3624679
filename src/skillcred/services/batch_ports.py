"""What batches of status changes need of the storage; a part of `UnitOfWork`, under the same contract tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from skillcred.services.batch_records import BatchItem, BatchSelection, ItemOutcome, StatusBatch
from skillcred.services.ports import Hold


class StatusBatchRepository(Protocol):
    """Batches and their items."""

    def add(self, batch: StatusBatch) -> None:
        """Record. Raises `ConflictError` (`batch_taken`) for a taken id or idempotency key."""
        ...

    def find(self, batch_id: str, *, hold: Hold | None = None) -> StatusBatch | None:
        """The batch with that id."""
        ...

    def find_by_key(self, organisation_id: str, idempotency_key: str) -> StatusBatch | None:
        """The batch of an organisation under an idempotency key."""
        ...

    def list_running(self, *, lease_before: datetime) -> list[StatusBatch]:
        """Batches that are not finished and whose lease, if any, ended at or before an instant; oldest first."""
        ...

    def update(self, batch: StatusBatch) -> None:
        """Replace state, total, progress, lease and end. Raises `NotFoundError`."""
        ...

    def add_items(self, batch_id: str, credential_ids: Sequence[str]) -> int:
        """Record listed credentials, numbered from 1; how many. Raises `ConflictError` for one that stands twice."""
        ...

    def select_items(self, batch_id: str, organisation_id: str, selection: BatchSelection) -> int:
        """Record the credentials that an organisation reserved and that meet the conditions, numbered from 1 in the
        order of their reservation; how many."""
        ...

    def list_items(self, batch_id: str, *, first: int, count: int) -> list[BatchItem]:
        """At most `count` items from number `first` on."""
        ...

    def record_outcomes(self, batch_id: str, numbers: Mapping[ItemOutcome, Sequence[int]]) -> None:
        """Say what became of items."""
        ...

    def list_failed(self, batch_id: str, *, count: int) -> list[BatchItem]:
        """At most `count` items that failed, in order."""
        ...

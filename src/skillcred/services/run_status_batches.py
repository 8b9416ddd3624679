"""Batches of status changes are carried out in chunks, each in one transaction with the cursor that says how far the
batch is (docs/adr/0010).

Whoever is killed leaves whole chunks behind; any process goes on from there. A chunk holds the row of its batch until
it is committed, so two processes at one batch take turns and none does a credential twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from skillcred.errors import NotFoundError
from skillcred.services.batch_records import BatchItem, BatchState, ItemOutcome, StatusBatch
from skillcred.services.ports import (
    Clock,
    CommitUnknownError,
    CrashPoint,
    Hold,
    UnitOfWork,
    UnitOfWorkFactory,
)
from skillcred.services.record_status import StatusChange, record_changes
from skillcred.services.records import AuditEntry
from skillcred.services.transactions import in_transaction

CHUNK: Final = 500
"""Credentials of one transaction: some tens of milliseconds in which nobody else writes to the lists concerned."""
LEASE: Final = timedelta(seconds=30)
"""How long others leave a batch alone after a sign of life of the process that works on it."""
PAUSE_SECONDS: Final = 0.01
"""Between two chunks, so that a waiting writer gets its turn."""


@dataclass(frozen=True, slots=True)
class RunStatusBatches:
    """The use case. `chunk` is in credentials."""

    units: UnitOfWorkFactory
    clock: Clock
    crash_point: CrashPoint
    chunk: int = CHUNK
    lease: timedelta = LEASE
    stopping: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> list[StatusBatch]:
        """Carry out all batches that nobody works on; as they are afterwards. Raises what the storage raises."""
        with self.units(writes=False) as unit:
            waiting = unit.batches.list_running(lease_before=self.clock.now())
        ended = []
        for batch in waiting:
            for last in self.run(batch.id):
                batch = last
            ended.append(batch)
        return ended

    def run(self, batch_id: str) -> Iterator[StatusBatch]:
        """Carry out one batch from where it is; the batch after each chunk. Raises `NotFoundError` and what the
        storage raises; then what was committed stays, and the next run goes on from there."""
        while not self.stopping.is_set():
            try:
                batch = in_transaction(self.units, lambda unit: self._chunk(unit, batch_id))
            except CommitUnknownError:
                continue  # the cursor tells, when it is read again, whether the chunk was recorded
            self.crash_point("after-batch-chunk-commit")
            yield batch
            if batch.state is not BatchState.RUNNING:
                return
            time.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """End after the chunk that is under way."""
        self.stopping.set()

    def _chunk(self, unit: UnitOfWork, batch_id: str) -> StatusBatch:
        batch = unit.batches.find(batch_id, hold=Hold.EXCLUSIVE)
        if batch is None:
            raise NotFoundError("There is no such batch.")
        if batch.state is not BatchState.RUNNING:
            return batch
        now = self.clock.now()
        items = unit.batches.list_items(batch_id, first=batch.next_number, count=self.chunk)
        change = StatusChange(batch.kind, batch.reason, batch.effective_at, batch.started_by)
        recorded = record_changes(
            unit, batch.organisation_id, [item.credential_id for item in items], change, now=now
        )
        numbers = _by_outcome(items, recorded.outcomes)
        unit.batches.record_outcomes(batch_id, numbers)
        done, already = len(numbers.get(ItemOutcome.DONE, ())), len(numbers.get(ItemOutcome.ALREADY, ()))
        next_number = batch.next_number + len(items)
        finished = next_number > batch.total
        changed = replace(
            batch,
            state=BatchState.FINISHED if finished else BatchState.RUNNING,
            next_number=next_number,
            done=batch.done + done,
            already=batch.already + already,
            failed=batch.failed + len(items) - done - already,
            lease_until=None if finished else now + self.lease,
            finished_at=now if finished else None,
        )
        unit.batches.update(changed)
        if finished:
            unit.audit.add(
                AuditEntry(now, batch.started_by, batch.organisation_id, "status_batch_finished", batch_id)
            )
        self.crash_point("before-batch-chunk-commit")
        return changed


def _by_outcome(items: list[BatchItem], outcomes: Mapping[str, ItemOutcome]) -> dict[ItemOutcome, list[int]]:
    numbers: dict[ItemOutcome, list[int]] = {}
    for item in items:
        numbers.setdefault(outcomes[item.credential_id], []).append(item.number)
    return numbers

"""The fake of the storage of batches of status changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.batch_records import BatchItem, BatchSelection, BatchState, ItemOutcome, StatusBatch
from skillcred.services.ports import Hold
from skillcred.services.records import Issuance, IssuancePurpose

if TYPE_CHECKING:
    from worlds.in_memory import State


class InMemoryStatusBatchRepository:
    def __init__(self, state: State) -> None:
        self._state = state
        self._all = state.status_batches

    def add(self, batch: StatusBatch) -> None:
        if batch.id in self._all or self.find_by_key(batch.organisation_id, batch.idempotency_key):
            raise ConflictError("Taken.", code="batch_taken")
        self._all[batch.id] = batch

    def find(self, batch_id: str, *, hold: Hold | None = None) -> StatusBatch | None:
        return self._all.get(batch_id)

    def find_by_key(self, organisation_id: str, idempotency_key: str) -> StatusBatch | None:
        wanted = (organisation_id, idempotency_key)
        found = (i for i in self._all.values() if (i.organisation_id, i.idempotency_key) == wanted)
        return next(found, None)

    def list_running(self, *, lease_before: datetime) -> list[StatusBatch]:
        return [
            item
            for item in self._all.values()
            if item.state is BatchState.RUNNING
            and (item.lease_until is None or item.lease_until <= lease_before)
        ]

    def update(self, batch: StatusBatch) -> None:
        if batch.id not in self._all:
            raise NotFoundError("There is no such batch.")
        self._all[batch.id] = batch

    def add_items(self, batch_id: str, credential_ids: Sequence[str]) -> int:
        if len(set(credential_ids)) != len(credential_ids):
            raise ConflictError("Taken.", code="batch_item_taken")
        for number, credential_id in enumerate(credential_ids, 1):
            self._state.status_batch_items[batch_id, number] = BatchItem(number, credential_id)
        return len(credential_ids)

    def select_items(self, batch_id: str, organisation_id: str, selection: BatchSelection) -> int:
        found = [
            issuance.credential_id
            for issuance in self._state.issuances.values()
            if issuance.organisation_id == organisation_id and _meets(issuance, selection)
        ]
        return self.add_items(batch_id, found)

    def list_items(self, batch_id: str, *, first: int, count: int) -> list[BatchItem]:
        items = self._state.status_batch_items
        return [items[batch_id, n] for n in range(first, first + count) if (batch_id, n) in items]

    def record_outcomes(self, batch_id: str, numbers: Mapping[ItemOutcome, Sequence[int]]) -> None:
        items = self._state.status_batch_items
        for outcome, which in numbers.items():
            for number in which:
                items[batch_id, number] = replace(items[batch_id, number], outcome=outcome)

    def list_failed(self, batch_id: str, *, count: int) -> list[BatchItem]:
        good = (None, ItemOutcome.DONE, ItemOutcome.ALREADY)
        items = self._state.status_batch_items.items()
        return [item for (owner, _), item in items if owner == batch_id and item.outcome not in good][:count]


def _meets(issuance: Issuance, wanted: BatchSelection) -> bool:
    return (
        issuance.purpose is IssuancePurpose.CREDENTIAL
        and issuance.idempotency_key.startswith(wanted.issued_under or "")
        and wanted.profile in (None, issuance.profile)
        and wanted.verification_method in (None, issuance.key_id)
        and (wanted.issued_from is None or issuance.reserved_at >= wanted.issued_from)
        and (wanted.issued_until is None or issuance.reserved_at < wanted.issued_until)
    )

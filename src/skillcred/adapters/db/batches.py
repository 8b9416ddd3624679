"""Batches of status changes, and the credentials that they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, literal, or_, select, update

from skillcred.adapters.db.rows import IssuanceRow, StatusBatchItemRow, StatusBatchRow
from skillcred.adapters.db.statements import Statements
from skillcred.errors import NotFoundError
from skillcred.services.batch_records import BatchItem, BatchSelection, BatchState, ItemOutcome, StatusBatch
from skillcred.services.ports import Hold
from skillcred.services.records import IssuancePurpose, StatusEventKind

_PROGRESS: Final = ("total", "next_number", "done", "already", "failed", "lease_until", "finished_at")


class SqlStatusBatchRepository:
    """`StatusBatchRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, batch: StatusBatch) -> None:
        """Record. Raises `ConflictError` (`batch_taken`)."""
        values = asdict(batch) | {"kind": batch.kind.value, "state": batch.state.value}
        self._statements.insert(StatusBatchRow(**values), taken="batch_taken")

    def find(self, batch_id: str, *, hold: Hold | None = None) -> StatusBatch | None:
        """The batch with that id."""
        row = self._statements.find(select(StatusBatchRow).where(StatusBatchRow.id == batch_id), hold=hold)
        return None if row is None else _batch(row)

    def find_by_key(self, organisation_id: str, idempotency_key: str) -> StatusBatch | None:
        """The batch of an organisation under an idempotency key."""
        row = self._statements.find(
            select(StatusBatchRow).where(
                StatusBatchRow.organisation_id == organisation_id,
                StatusBatchRow.idempotency_key == idempotency_key,
            )
        )
        return None if row is None else _batch(row)

    def list_running(self, *, lease_before: datetime) -> list[StatusBatch]:
        """Batches that are not finished and on which nobody says to be working; oldest first."""
        query = (
            select(StatusBatchRow)
            .where(
                StatusBatchRow.state == BatchState.RUNNING.value,
                or_(StatusBatchRow.lease_until.is_(None), StatusBatchRow.lease_until <= lease_before),
            )
            .order_by(StatusBatchRow.position)
        )
        return [_batch(row) for row in self._statements.list_all(query)]

    def update(self, batch: StatusBatch) -> None:
        """Replace state and progress. Raises `NotFoundError`."""
        values = {name: getattr(batch, name) for name in _PROGRESS} | {"state": batch.state.value}
        statement = update(StatusBatchRow).where(StatusBatchRow.id == batch.id).values(values)
        if not self._statements.change(statement):
            raise NotFoundError("There is no such batch.")

    def add_items(self, batch_id: str, credential_ids: Sequence[str]) -> int:
        """Record listed credentials. Raises `ConflictError` (`batch_item_taken`)."""
        rows = [
            {"batch_id": batch_id, "number": number, "credential_id": credential_id, "outcome": None}
            for number, credential_id in enumerate(credential_ids, 1)
        ]
        self._statements.insert_many(StatusBatchItemRow, rows, taken="batch_item_taken")
        return len(rows)

    def select_items(self, batch_id: str, organisation_id: str, selection: BatchSelection) -> int:
        """Record the credentials that meet the conditions, in one statement."""
        found = select(
            literal(batch_id),
            func.row_number().over(order_by=IssuanceRow.position),
            IssuanceRow.credential_id,
        ).where(
            IssuanceRow.organisation_id == organisation_id,
            IssuanceRow.purpose == IssuancePurpose.CREDENTIAL.value,
            *_conditions(selection),
        )
        self._statements.insert_selected(StatusBatchItemRow, ["batch_id", "number", "credential_id"], found)
        items = StatusBatchItemRow.batch_id == batch_id
        query = select(func.count()).select_from(StatusBatchItemRow).where(items)
        [(count,)] = self._statements.list_tuples(query)
        return int(count)

    def list_items(self, batch_id: str, *, first: int, count: int) -> list[BatchItem]:
        """At most `count` items from number `first` on."""
        row = StatusBatchItemRow
        query = (
            select(row.number, row.credential_id, row.outcome)
            .where(row.batch_id == batch_id, row.number >= first, row.number < first + count)
            .order_by(row.number)
        )
        return [_item(*found) for found in self._statements.list_tuples(query)]

    def record_outcomes(self, batch_id: str, numbers: Mapping[ItemOutcome, Sequence[int]]) -> None:
        """Say what became of items."""
        for outcome, which in numbers.items():
            self._statements.change(
                update(StatusBatchItemRow)
                .where(StatusBatchItemRow.batch_id == batch_id, StatusBatchItemRow.number.in_(which))
                .values(outcome=outcome.value)
            )

    def list_failed(self, batch_id: str, *, count: int) -> list[BatchItem]:
        """At most `count` items that failed, in order."""
        row = StatusBatchItemRow
        good = (ItemOutcome.DONE.value, ItemOutcome.ALREADY.value)
        query = (
            select(row.number, row.credential_id, row.outcome)
            .where(row.batch_id == batch_id, row.outcome.not_in(good))
            .order_by(row.number)
            .limit(count)
        )
        return [_item(*found) for found in self._statements.list_tuples(query)]


def _conditions(selection: BatchSelection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if selection.issued_under is not None:
        conditions.append(IssuanceRow.idempotency_key.startswith(selection.issued_under, autoescape=True))
        # LIKE does not tell large from small letters on SQLite
        length = len(selection.issued_under)
        conditions.append(func.substr(IssuanceRow.idempotency_key, 1, length) == selection.issued_under)
    if selection.profile is not None:
        conditions.append(IssuanceRow.profile == selection.profile)
    if selection.issued_from is not None:
        conditions.append(IssuanceRow.reserved_at >= selection.issued_from)
    if selection.issued_until is not None:
        conditions.append(IssuanceRow.reserved_at < selection.issued_until)
    if selection.verification_method is not None:
        conditions.append(IssuanceRow.key_id == selection.verification_method)
    return conditions


def _batch(row: StatusBatchRow) -> StatusBatch:
    return StatusBatch(
        id=row.id,
        organisation_id=row.organisation_id,
        idempotency_key=row.idempotency_key,
        request_sha256=row.request_sha256,
        kind=StatusEventKind(row.kind),
        reason=row.reason,
        effective_at=row.effective_at,
        selection=row.selection,
        state=BatchState(row.state),
        total=row.total,
        started_at=row.started_at,
        started_by=row.started_by,
        next_number=row.next_number,
        done=row.done,
        already=row.already,
        failed=row.failed,
        lease_until=row.lease_until,
        finished_at=row.finished_at,
    )


def _item(number: int, credential_id: str, outcome: str | None) -> BatchItem:
    return BatchItem(number, credential_id, None if outcome is None else ItemOutcome(outcome))

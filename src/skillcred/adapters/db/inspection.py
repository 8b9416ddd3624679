"""Reading the storage through in streams, for `skillcred fsck`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import aliased

from skillcred.adapters.db.classification_rows import ClassificationConceptRow
from skillcred.adapters.db.offer_rows import CredentialCopyRow
from skillcred.adapters.db.recognition_rows import RecognitionCaseDocumentRow, RecognitionCaseRow
from skillcred.adapters.db.rows import (
    CredentialRow,
    IssuanceRow,
    StatusBatchItemRow,
    StatusBatchRow,
    StatusEventRow,
    StatusPublicationRow,
    StatusSlotRow,
)
from skillcred.adapters.db.statements import Statements
from skillcred.adapters.db.statuses import SLOT_COLUMNS, build_slot
from skillcred.recognition.classification import ConceptKind
from skillcred.services.batch_records import BatchState, ItemOutcome
from skillcred.services.case_records import CaseDocument
from skillcred.services.fsck_ports import (
    BatchRead,
    CaseRead,
    CopiesRead,
    CredentialRead,
    EventRead,
    RenewalRead,
)
from skillcred.services.records import StatusEventKind, StatusPublication, StatusSlot, StatusView

_GOOD: Final = (ItemOutcome.DONE.value, ItemOutcome.ALREADY.value)


class SqlStorageInspection:
    """`StorageInspection` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def stream_slots(self, list_id: str) -> Iterator[StatusSlot]:
        """The entries of a list in the order in which they were given out."""
        query = select(*SLOT_COLUMNS).where(StatusSlotRow.list_id == list_id).order_by(StatusSlotRow.position)
        for found in self._statements.stream(query):
            yield build_slot(found)

    def stream_copies(self) -> Iterator[CopiesRead]:
        """All credentials with more than one entry, or none for the first copy."""
        row = StatusSlotRow
        states = func.count(row.state.distinct()) + func.max(case((row.state.is_(None), 1), else_=0))
        query = (
            select(
                row.credential_id,
                func.count(),
                func.max(row.copy),
                states,
                func.count(row.organisation_id.distinct()),
            )
            .group_by(row.credential_id)
            .having(func.max(row.copy) > 0)
            .order_by(func.min(row.position))
        )
        for found in self._statements.stream(query):
            yield CopiesRead(*found)

    def stream_events(self, list_id: str) -> Iterator[EventRead]:
        """The events of a list, by sequence."""
        row = StatusEventRow
        query = (
            select(row.sequence, row.list_index, row.kind, row.effective_at, row.recorded_at, row.value)
            .where(row.list_id == list_id)
            .order_by(row.sequence, row.position)
        )
        for sequence, index, kind, effective_at, recorded_at, value in self._statements.stream(query):
            yield EventRead(sequence, index, StatusEventKind(kind), effective_at, recorded_at, value)

    def stream_publications(self, list_id: str) -> Iterator[StatusPublication]:
        """All versions of all views of a list, by what they tell of."""
        row = StatusPublicationRow
        query = (
            select(
                row.list_id,
                row.view,
                row.version,
                row.events,
                row.content,
                row.media_type,
                row.published_at,
                row.valid_until,
            )
            .where(row.list_id == list_id)
            .order_by(row.events, row.view, row.version)
        )
        for owner, view, *rest in self._statements.stream(query):
            yield StatusPublication(owner, StatusView(view), *rest)

    def stream_credentials(self) -> Iterator[CredentialRead]:
        """All stored credentials and accreditations."""
        query = (
            select(
                CredentialRow.credential_id, CredentialRow.content, CredentialRow.sha256, IssuanceRow.prepared
            )
            .join(IssuanceRow, IssuanceRow.id == CredentialRow.issuance_id)
            .order_by(CredentialRow.position)
        )
        for found in self._statements.stream(query):
            yield CredentialRead(*found)
        copy = CredentialCopyRow
        copies = (
            select(copy.copy_id, copy.content, copy.sha256, IssuanceRow.prepared)
            .join(IssuanceRow, IssuanceRow.credential_id == copy.credential_id)
            .order_by(copy.position)
        )
        for copy_id, content, sha256, prepared in self._statements.stream(copies):
            yield CredentialRead(copy_id, content, sha256, prepared, is_copy=True)

    def stream_renewals(self) -> Iterator[RenewalRead]:
        """All renewals whose parent has a status."""
        parent, own = aliased(StatusSlotRow), aliased(StatusSlotRow)
        query = (
            select(IssuanceRow.credential_id, parent.state, own.state, own.credential_id)
            .join(parent, and_(parent.credential_id == IssuanceRow.renews, parent.copy == 0))
            .outerjoin(own, own.credential_id == IssuanceRow.credential_id)
            .order_by(IssuanceRow.position)
        )
        for credential_id, parent_state, state, own_id in self._statements.stream(query):
            yield RenewalRead(credential_id, _kind(parent_state), _kind(state), own_id is not None)

    def stream_cases(self) -> Iterator[CaseRead]:
        """All cases before authorities."""
        row, signed, slot = RecognitionCaseRow, CredentialRow, StatusSlotRow
        query = (
            select(
                row.id,
                row.state,
                row.progress,
                row.question,
                row.prepared,
                row.statement,
                row.statement_id,
                signed.content,
                slot.state,
            )
            .outerjoin(signed, signed.credential_id == row.statement_id)
            .outerjoin(slot, and_(slot.credential_id == row.statement_id, slot.copy == 0))
            .order_by(row.position)
        )
        for (
            case_id,
            state,
            progress,
            question,
            prepared,
            statement,
            statement_id,
            content,
            signed,
        ) in self._statements.stream(query):
            texts = (case_id, state, progress, question, prepared, statement, statement_id)
            yield CaseRead(*texts, signed=content, signed_state=_kind(signed))

    def stream_case_documents(self) -> Iterator[CaseDocument]:
        """All documents that were handed in with cases."""
        row = RecognitionCaseDocumentRow
        query = select(row.case_id, row.content, row.sha256, row.added_at).order_by(row.position)
        for found in self._statements.stream(query):
            yield CaseDocument(*found)

    def count_concepts(self) -> tuple[int, int]:
        """How many occupations and skills of a classification there are."""
        row = ClassificationConceptRow
        counted = dict(self._statements.list_tuples(select(row.kind, func.count()).group_by(row.kind)))
        return counted.get(ConceptKind.OCCUPATION.value, 0), counted.get(ConceptKind.SKILL.value, 0)

    def stream_batches(self) -> Iterator[BatchRead]:
        """All batches of status changes."""
        batch, item = StatusBatchRow, StatusBatchItemRow
        outcome = item.outcome
        query = (
            select(
                batch.id,
                batch.state,
                batch.total,
                batch.next_number - 1,
                batch.done,
                batch.already,
                batch.failed,
                func.count(item.number),
                func.count(outcome),
                func.count(case((outcome == ItemOutcome.DONE.value, 1))),
                func.count(case((outcome == ItemOutcome.ALREADY.value, 1))),
                func.count(case((outcome.not_in(_GOOD), 1))),
            )
            .outerjoin(item, item.batch_id == batch.id)
            .group_by(batch.position)
            .order_by(batch.position)
        )
        for batch_id, state, *numbers in self._statements.stream(query):
            stated, counted = tuple(numbers[:5]), tuple(numbers[5:])
            yield BatchRead(batch_id, state == BatchState.FINISHED.value, stated, counted)


def _kind(state: str | None) -> StatusEventKind | None:
    return None if state is None else StatusEventKind(state)

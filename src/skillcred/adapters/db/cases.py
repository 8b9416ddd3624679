"""Cases before an authority in SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from skillcred.adapters.db.recognition_rows import (
    RecognitionCaseDocumentRow,
    RecognitionCaseEventRow,
    RecognitionCaseRow,
)
from skillcred.adapters.db.statements import Statements
from skillcred.recognition.progress import read_progress, write_progress
from skillcred.recognition.workflow import CaseState
from skillcred.services.case_records import CaseDocument, CaseEvent, CaseEventKind, RecognitionCase


class SqlCaseRepository:
    """`CaseRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, case: RecognitionCase) -> None:
        """Record a new case. Raises `ConflictError` (`case_taken`)."""
        self._statements.insert(
            RecognitionCaseRow(id=case.id, submitted_by=case.submitted_by, **_columns(case)),
            taken="case_taken",
        )

    def find(self, case_id: str) -> RecognitionCase | None:
        """The case with that id."""
        row = self._statements.find(select(RecognitionCaseRow).where(RecognitionCaseRow.id == case_id))
        return None if row is None else _case(row)

    def replace(self, case: RecognitionCase, *, expected_version: int) -> bool:
        """Record the case as it is now; False where it is not at `expected_version` any more."""
        changed = self._statements.change(
            update(RecognitionCaseRow)
            .where(RecognitionCaseRow.id == case.id, RecognitionCaseRow.version == expected_version)
            .values(**_columns(case))
        )
        return changed == 1

    def list_for(self, authority_did: str, state: CaseState | None = None) -> list[RecognitionCase]:
        """The cases of an authority, or those in one state, in order of recording."""
        query = select(RecognitionCaseRow).where(RecognitionCaseRow.authority_did == authority_did)
        if state is not None:
            query = query.where(RecognitionCaseRow.state == state.value)
        rows = self._statements.list_all(query.order_by(RecognitionCaseRow.position))
        return [_case(row) for row in rows]

    def add_documents(self, documents: Sequence[CaseDocument]) -> None:
        """Record documents, in order."""
        for item in documents:
            self._statements.insert(
                RecognitionCaseDocumentRow(
                    case_id=item.case_id, content=item.content, sha256=item.sha256, added_at=item.added_at
                )
            )

    def list_documents(self, case_id: str) -> list[CaseDocument]:
        """The documents of a case, in order of recording."""
        rows = self._statements.list_all(
            select(RecognitionCaseDocumentRow)
            .where(RecognitionCaseDocumentRow.case_id == case_id)
            .order_by(RecognitionCaseDocumentRow.position)
        )
        return [CaseDocument(row.case_id, row.content, row.sha256, row.added_at) for row in rows]

    def erase_documents(self, case_id: str) -> int:
        """Delete the documents of a case; how many there were."""
        return self._statements.remove(
            RecognitionCaseDocumentRow, RecognitionCaseDocumentRow.case_id == case_id
        )

    def list_closed(
        self, states: Sequence[CaseState], *, before: datetime, count: int
    ) -> list[RecognitionCase]:
        """At most `count` cases in these states that were not changed since `before` and whose evidence was not erased
        yet, in order of recording."""
        erased = (
            select(RecognitionCaseEventRow.position)
            .where(
                RecognitionCaseEventRow.case_id == RecognitionCaseRow.id,
                RecognitionCaseEventRow.kind == CaseEventKind.EVIDENCE_ERASED.value,
            )
            .exists()
        )
        query = (
            select(RecognitionCaseRow)
            .where(
                RecognitionCaseRow.state.in_([state.value for state in states]),
                RecognitionCaseRow.updated_at < before,
                ~erased,
            )
            .order_by(RecognitionCaseRow.position)
            .limit(count)
        )
        return [_case(row) for row in self._statements.list_all(query)]

    def blank_documents(self, case_id: str) -> int:
        """Leave only the digests of the documents of a case; how many there are."""
        rows = RecognitionCaseDocumentRow
        return self._statements.change(update(rows).where(rows.case_id == case_id).values(content=b""))

    def add_event(self, event: CaseEvent) -> None:
        """Record what happened."""
        self._statements.insert(
            RecognitionCaseEventRow(
                case_id=event.case_id,
                at=event.at,
                actor=event.actor,
                kind=event.kind.value,
                note=event.note,
            )
        )

    def list_events(self, case_id: str) -> list[CaseEvent]:
        """What happened to a case, oldest first."""
        rows = self._statements.list_all(
            select(RecognitionCaseEventRow)
            .where(RecognitionCaseEventRow.case_id == case_id)
            .order_by(RecognitionCaseEventRow.position)
        )
        return [CaseEvent(row.case_id, row.at, row.actor, CaseEventKind(row.kind), row.note) for row in rows]


def _columns(case: RecognitionCase) -> dict[str, Any]:
    return {
        "authority_did": case.authority_did,
        "state": case.progress.state.value,
        "progress": json.dumps(write_progress(case.progress)),
        "question": case.question,
        "prepared": case.prepared,
        "version": case.version,
        "updated_at": case.updated_at,
        "statement": case.statement,
        "statement_id": case.statement_id,
    }


def _case(row: RecognitionCaseRow) -> RecognitionCase:
    return RecognitionCase(
        id=row.id,
        authority_did=row.authority_did,
        submitted_by=row.submitted_by,
        progress=read_progress(json.loads(row.progress)),
        question=row.question,
        prepared=row.prepared,
        version=row.version,
        updated_at=row.updated_at,
        statement=row.statement,
        statement_id=row.statement_id,
    )

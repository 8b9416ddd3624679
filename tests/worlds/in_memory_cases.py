"""The fake of the storage of cases before an authority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from skillcred.errors import ConflictError
from skillcred.recognition.workflow import CaseState
from skillcred.services.case_records import CaseDocument, CaseEvent, CaseEventKind, RecognitionCase


class InMemoryCaseRepository:
    def __init__(self, state: Any) -> None:
        self._cases: dict[str, RecognitionCase] = state.cases
        self._documents: list[CaseDocument] = state.case_documents
        self._events: list[CaseEvent] = state.case_events

    def add(self, case: RecognitionCase) -> None:
        if case.id in self._cases:
            raise ConflictError("There is such a case.", code="case_taken")
        self._cases[case.id] = case

    def find(self, case_id: str) -> RecognitionCase | None:
        return self._cases.get(case_id)

    def replace(self, case: RecognitionCase, *, expected_version: int) -> bool:
        known = self._cases.get(case.id)
        if known is None or known.version != expected_version:
            return False
        self._cases[case.id] = case
        return True

    def list_for(self, authority_did: str, state: CaseState | None = None) -> list[RecognitionCase]:
        return [
            case
            for case in self._cases.values()
            if case.authority_did == authority_did and state in (None, case.progress.state)
        ]

    def add_documents(self, documents: Sequence[CaseDocument]) -> None:
        self._documents.extend(documents)

    def list_documents(self, case_id: str) -> list[CaseDocument]:
        return [item for item in self._documents if item.case_id == case_id]

    def erase_documents(self, case_id: str) -> int:
        kept = [item for item in self._documents if item.case_id != case_id]
        erased = len(self._documents) - len(kept)
        self._documents[:] = kept
        return erased

    def list_closed(
        self, states: Sequence[CaseState], *, before: datetime, count: int
    ) -> list[RecognitionCase]:
        erased = {event.case_id for event in self._events if event.kind is CaseEventKind.EVIDENCE_ERASED}
        return [
            case
            for case in self._cases.values()
            if case.progress.state in states and case.updated_at < before and case.id not in erased
        ][:count]

    def blank_documents(self, case_id: str) -> int:
        found = [n for n, item in enumerate(self._documents) if item.case_id == case_id]
        for n in found:
            self._documents[n] = replace(self._documents[n], content=b"")
        return len(found)

    def add_event(self, event: CaseEvent) -> None:
        self._events.append(event)

    def list_events(self, case_id: str) -> list[CaseEvent]:
        return [event for event in self._events if event.case_id == case_id]

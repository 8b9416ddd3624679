"""What the services need to keep cases before an authority."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from skillcred.recognition.workflow import CaseState
from skillcred.services.case_records import CaseDocument, CaseEvent, RecognitionCase


class CaseRepository(Protocol):
    """Cases with their documents and events."""

    def add(self, case: RecognitionCase) -> None:
        """Record a new case. Raises `ConflictError` (`case_taken`)."""
        ...

    def find(self, case_id: str) -> RecognitionCase | None:
        """The case with that id."""
        ...

    def replace(self, case: RecognitionCase, *, expected_version: int) -> bool:
        """Record the case as it is now; False where it is not at `expected_version` any more."""
        ...

    def list_for(self, authority_did: str, state: CaseState | None = None) -> list[RecognitionCase]:
        """The cases of an authority, or those in one state, in order of recording."""
        ...

    def add_documents(self, documents: Sequence[CaseDocument]) -> None:
        """Record documents, in order."""
        ...

    def list_documents(self, case_id: str) -> list[CaseDocument]:
        """The documents of a case, in order of recording."""
        ...

    def list_closed(
        self, states: Sequence[CaseState], *, before: datetime, count: int
    ) -> list[RecognitionCase]:
        """At most `count` cases in these states that were not changed since `before` and whose evidence was not erased
        yet, in order of recording."""
        ...

    def erase_documents(self, case_id: str) -> int:
        """Delete the documents of a case; how many there were."""
        ...

    def blank_documents(self, case_id: str) -> int:
        """Leave only the digests of the documents of a case; how many there are."""
        ...

    def add_event(self, event: CaseEvent) -> None:
        """Record what happened."""
        ...

    def list_events(self, case_id: str) -> list[CaseEvent]:
        """What happened to a case, oldest first."""
        ...

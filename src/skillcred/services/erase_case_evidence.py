"""What was handed in with a case is erased a while after it was closed (SECURITY PR-07; docs/adr/0036).

The decision, what it rests on, what happened and the digests of the documents stay: they are the authority's record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from skillcred.recognition.workflow import CaseState
from skillcred.services.case_records import CaseEvent, CaseEventKind
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.recognition_cases import forget_holder
from skillcred.services.records import AuditEntry
from skillcred.services.transactions import in_transaction

CLOSED: Final = (CaseState.DECIDED, CaseState.ISSUED, CaseState.ANNULLED)
"""Nothing that was handed in is read again in these states. A withdrawn case has lost it already, and a provisional
decision is still open."""
AT_ONCE: Final = 50
"""Most cases of one transaction; the next round takes the next ones."""
SERVICE_ACTOR: Final = "service"
"""Stands for the API key where nobody asked."""


@dataclass(frozen=True, slots=True)
class EraseCaseEvidence:
    """The use case. Any process may run it, as often as it likes. `retention` counts from the last change of a case."""

    units: UnitOfWorkFactory
    clock: Clock
    retention: timedelta

    def __call__(self) -> int:
        """In how many cases something was erased. Raises what the storage raises."""
        now = self.clock.now()
        before = now - self.retention

        def work(unit: UnitOfWork) -> int:
            erased = 0
            for case in unit.cases.list_closed(CLOSED, before=before, count=AT_ONCE):
                rest = replace(forget_holder(case), version=case.version + 1)
                if not unit.cases.replace(rest, expected_version=case.version):
                    continue  # somebody changed it just now, so that it is not due any more
                unit.cases.blank_documents(case.id)
                unit.cases.add_event(
                    CaseEvent(case.id, now, SERVICE_ACTOR, CaseEventKind.EVIDENCE_ERASED, "")
                )
                unit.audit.add(
                    AuditEntry(
                        now, SERVICE_ACTOR, case.submitted_by, "recognition_case_evidence_erased", case.id
                    )
                )
                erased += 1
            return erased

        with self.units(writes=False) as unit:
            due = unit.cases.list_closed(CLOSED, before=before, count=1)
        return in_transaction(self.units, work) if due else 0

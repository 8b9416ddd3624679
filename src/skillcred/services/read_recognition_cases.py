"""Cases are looked at by those who work on them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from skillcred.encoding.json_types import JsonObject
from skillcred.recognition.deadlines import Deadlines, find_deadlines, find_procedure
from skillcred.recognition.progress import write_progress
from skillcred.recognition.workflow import CaseState
from skillcred.services.case_records import CaseDocument, CaseEvent, RecognitionCase
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.recognition import Recognition
from skillcred.services.recognition_cases import get_case, require_case_worker
from skillcred.services.records import Actor, Role


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its deadlines, what happened, and which documents it has."""

    case: RecognitionCase
    deadlines: Deadlines
    events: tuple[CaseEvent, ...]
    documents: tuple[CaseDocument, ...]


@dataclass(frozen=True, slots=True)
class ReadRecognitionCases:
    """The use cases."""

    units: UnitOfWorkFactory
    clock: Clock
    recognition: Recognition

    def get(self, actor: Actor, case_id: str) -> CaseView:
        """One case. Raises `NotFoundError`, `AuthorisationError`."""
        require_case_worker(actor)
        with self.units(writes=False) as unit:
            case = get_case(unit, actor, case_id)
            events = tuple(unit.cases.list_events(case_id))
            documents = tuple(unit.cases.list_documents(case_id))
        return CaseView(case, self.find_deadlines(case), events, documents)

    def list_all(
        self, actor: Actor, state: CaseState | None = None
    ) -> list[tuple[RecognitionCase, Deadlines]]:
        """The cases of the authority. Raises `AuthorisationError`."""
        require_role(actor, Role.BODY_ADMIN)
        with self.units(writes=False) as unit:
            cases = unit.cases.list_for(actor.organisation.did, state)
        return [(case, self.find_deadlines(case)) for case in cases]

    def find_deadlines(self, case: RecognitionCase) -> Deadlines:
        """By when the authority has to act, by the procedure that the prepared comparison rests on."""
        procedure = find_procedure(json.loads(case.prepared)["basis"], self.recognition.load())
        return find_deadlines(case.progress, procedure, self.clock.now().date())


def build_case_json(view: CaseView) -> JsonObject:
    """A case as JSON: where it stands, its deadlines, the prepared comparison, the decision, what happened."""
    return {
        **build_case_summary(view.case, view.deadlines),
        **{name: value for name, value in write_progress(view.case.progress).items() if name != "state"},
        "prepared": json.loads(view.case.prepared),
        "documents": [
            {"sha256": item.sha256, "added_at": item.added_at.isoformat(), "erased": item.is_erased}
            for item in view.documents
        ],
        "events": [
            {"at": event.at.isoformat(), "kind": event.kind.value, "by": event.actor, "note": event.note}
            for event in view.events
        ],
    }


def build_case_summary(case: RecognitionCase, deadlines: Deadlines) -> JsonObject:
    """A case in a list."""
    return {
        "id": case.id,
        "authority_did": case.authority_did,
        "state": case.progress.state.value,
        "version": case.version,
        "updated_at": case.updated_at.isoformat(),
        "statement_id": case.statement_id,
        "deadlines": {
            "procedure_id": deadlines.procedure_id,
            "acknowledge_by": _day(deadlines.acknowledge_by),
            "decide_by": _day(deadlines.decide_by),
            "final_by": _day(deadlines.final_by),
            "overdue": [*deadlines.overdue],
        },
    }


def _day(day: object) -> str | None:
    return None if day is None else str(day)

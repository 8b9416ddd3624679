"""An authority works on a case: takes it, asks for more, records findings, decides, annuls; applicants withdraw."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import pointer_token
from skillcred.errors import InputError
from skillcred.recognition.case import ELEMENTS, Answer, Fact, Grade
from skillcred.recognition.deadlines import is_managed
from skillcred.recognition.known_codes import require_conditions
from skillcred.recognition.progress import write_decision
from skillcred.recognition.statement import build_subject
from skillcred.recognition.workflow import (
    CaseState,
    Decision,
    WorkflowError,
    annul,
    decide,
    request_evidence,
    take,
    withdraw,
)
from skillcred.services.case_records import CaseEventKind, RecognitionCase
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.recognition import Recognition
from skillcred.services.recognition_cases import (
    FINDINGS_NOTE,
    Change,
    ChangeCase,
    forget_holder,
    prepare,
    read_case_question,
    revoke_statements,
    with_progress,
    write_question,
)
from skillcred.services.record_status import check_reason
from skillcred.services.records import Actor


@dataclass(frozen=True, slots=True)
class AssessRecognitionCase:
    """The use cases. All but `withdraw` are the authority's own."""

    units: UnitOfWorkFactory
    clock: Clock
    recognition: Recognition

    def take(self, actor: Actor, case_id: str) -> RecognitionCase:
        """Take the case, which confirms its receipt. Raises `NotFoundError`, `WorkflowError`."""
        return self._change(
            actor,
            case_id,
            CaseEventKind.TAKEN,
            lambda _, case, now: with_progress(case, take(case.progress, now)),
        )

    def request_evidence(self, actor: Actor, case_id: str, items: Sequence[str]) -> RecognitionCase:
        """Ask for more; until it comes no time limit runs. Raises also `DecisionError`."""
        return self._change(
            actor,
            case_id,
            CaseEventKind.EVIDENCE_REQUESTED,
            lambda _, case, __: with_progress(case, request_evidence(case.progress, items)),
            note=json.dumps([*items], ensure_ascii=False),
        )

    def record_findings(
        self,
        actor: Actor,
        case_id: str,
        *,
        elements: Mapping[str, Answer],
        conditions: Mapping[str, Answer],
    ) -> RecognitionCase:
        """Record what the authority found on the five elements and on conditions, and prepare the comparison anew.
        Findings on what is named replace earlier ones. Raises also `InputError` (`unknown_element`,
        `recognition_unknown_condition`)."""
        unknown = [name for name in elements if name not in ELEMENTS]
        if unknown:
            raise InputError("There is no such element.", code="unknown_element", pointer="/elements")

        data = self.recognition.load()
        require_conditions(((f"/conditions/{pointer_token(code)}", code) for code in conditions), data)

        def change(_: UnitOfWork, case: RecognitionCase, __: datetime) -> RecognitionCase:
            if case.progress.state is not CaseState.UNDER_REVIEW:
                raise WorkflowError("Findings are recorded while the case is under review.")
            question = read_case_question(case)
            kept = tuple(
                fact
                for fact in question.facts
                if fact.grade is not Grade.ATTESTED or fact.code not in conditions
            )
            found = tuple(Fact(code, answer, Grade.ATTESTED) for code, answer in conditions.items())
            question = replace(question, elements={**question.elements, **elements}, facts=(*kept, *found))
            prepared = prepare(question, data)[1]
            return replace(case, question=write_question(question), prepared=prepared)

        return self._change(actor, case_id, CaseEventKind.FINDINGS_RECORDED, change, note=FINDINGS_NOTE)

    def decide(self, actor: Actor, case_id: str, decision: Decision) -> RecognitionCase:
        """Decide. What the statement will say is fixed here. Raises also `DecisionError`, `WorkflowError`
        (`case_stage` for a provisional decision where no managed agreement applies)."""

        data = self.recognition.load()

        def change(_: UnitOfWork, case: RecognitionCase, now: datetime) -> RecognitionCase:
            question = read_case_question(case)
            result, prepared = prepare(question, data)
            progress = decide(case.progress, decision, now, managed=is_managed(result, data))
            holders = {item.holder for item in question.held if item.verified and item.holder is not None}
            subject = build_subject(
                result,
                occupation=question.occupation,
                holder=holders.pop() if len(holders) == 1 else None,
                decision=decision,
                case_reference=case.id,
            )
            return replace(
                case,
                progress=progress,
                prepared=prepared,
                statement=encode_jcs(subject).decode("utf-8"),
            )

        note = json.dumps(write_decision(decision), ensure_ascii=False)
        return self._change(actor, case_id, CaseEventKind.DECIDED, change, note=note)

    def annul(self, actor: Actor, case_id: str, reason: str) -> RecognitionCase:
        """Set a decision aside. The statement that was issued of it is revoked in the same transaction."""
        why = check_reason(reason)

        def change(unit: UnitOfWork, case: RecognitionCase, now: datetime) -> RecognitionCase:
            progress = annul(case.progress)
            revoke_statements(unit, actor, case, why, now)
            return with_progress(case, progress)

        return self._change(actor, case_id, CaseEventKind.ANNULLED, change, note=why)

    def withdraw(self, actor: Actor, case_id: str) -> RecognitionCase:
        """Take a case back before it is decided. Its documents are erased; what happened stays recorded."""

        data = self.recognition.load()

        def change(unit: UnitOfWork, case: RecognitionCase, _: datetime) -> RecognitionCase:
            progress = withdraw(case.progress)
            unit.cases.erase_documents(case.id)
            forgotten = forget_holder(case)
            prepared = prepare(read_case_question(forgotten), data)[1]
            return replace(forgotten, progress=progress, prepared=prepared)

        return ChangeCase(self.units, self.clock)(
            actor, case_id, CaseEventKind.WITHDRAWN, change, by_authority=False
        )

    def _change(
        self, actor: Actor, case_id: str, kind: CaseEventKind, change: Change, *, note: str = ""
    ) -> RecognitionCase:
        return ChangeCase(self.units, self.clock)(actor, case_id, kind, change, note=note)

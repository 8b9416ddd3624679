"""What all use cases on cases before an authority share: who may see and change one, and how changes are recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.errors import AuthorisationError, ConflictError, NotFoundError
from skillcred.recognition.case import Question, RecognitionResult
from skillcred.recognition.engine import recognise
from skillcred.recognition.questions import build_question_json, read_question
from skillcred.recognition.records import RecognitionData
from skillcred.recognition.wire import build_result_json
from skillcred.recognition.workflow import Progress
from skillcred.services.case_records import CaseDocument, CaseEvent, CaseEventKind, RecognitionCase
from skillcred.services.permissions import is_operator, require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.record_status import StatusChange, record_changes
from skillcred.services.records import Actor, AuditEntry, Role, StatusEventKind
from skillcred.services.registry_evidence import find_enrolled_body
from skillcred.services.transactions import in_transaction
from skillcred.trust.standing import Standing, body_standing_at

Change = Callable[[UnitOfWork, RecognitionCase, datetime], RecognitionCase]


@dataclass(frozen=True, slots=True)
class Authority:
    """An enrolled body, for which country it decides."""

    did: str
    name: str
    country: str


def require_authority(unit: UnitOfWork, did: str, at: datetime) -> Authority:
    """The enrolled body with that DID. Raises `AuthorisationError` (`authority_not_enrolled`) where it is not
    enrolled now, or suspended."""
    body = find_enrolled_body(unit, did)
    if body is None or body_standing_at(body, at).standing is not Standing.IN_FORCE:
        raise AuthorisationError(
            "No body that is enrolled now has that DID, so it cannot decide.", code="authority_not_enrolled"
        )
    return Authority(body.did, body.name, body.country)


def get_case(unit: UnitOfWork, actor: Actor, case_id: str) -> RecognitionCase:
    """A case that `actor` may see: the authority's own, or one that its organisation submitted. Raises
    `NotFoundError`, also for those of others (SECURITY W-25)."""
    case = unit.cases.find(case_id)
    own = case is not None and (
        (actor.role is Role.BODY_ADMIN and actor.organisation.did == case.authority_did)
        or (is_operator(actor) and actor.organisation.id == case.submitted_by)
    )
    if case is None or not own:
        raise NotFoundError("There is no such case.", code="unknown_case")
    return case


def require_case_worker(actor: Actor) -> None:
    """Refuse whoever neither decides nor submits. Raises `AuthorisationError`."""
    if not is_operator(actor):
        require_role(actor, Role.BODY_ADMIN)


@dataclass(frozen=True, slots=True)
class ChangeCase:
    """Carries out one change of a case in a transaction, with its event and an audit entry."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(
        self,
        actor: Actor,
        case_id: str,
        kind: CaseEventKind,
        change: Change,
        *,
        note: str = "",
        by_authority: bool = True,
    ) -> RecognitionCase:
        """The case afterwards. Raises `NotFoundError`, `AuthorisationError`, `ConflictError` (`case_changed` where
        somebody else was faster), and what `change` raises."""
        if by_authority:
            require_role(actor, Role.BODY_ADMIN)
        else:
            require_case_worker(actor)

        def work(unit: UnitOfWork) -> RecognitionCase:
            now = self.clock.now()
            case = get_case(unit, actor, case_id)
            if by_authority:
                require_authority(unit, case.authority_did, now)
            changed = change(unit, case, now)
            if changed == case:
                return case
            changed = replace(changed, version=case.version + 1, updated_at=now)
            if not unit.cases.replace(changed, expected_version=case.version):
                raise ConflictError("Somebody else changed the case.", code="case_changed")
            record_event(unit, actor, case_id, kind, now, note)
            return changed

        return in_transaction(self.units, work)


def record_event(
    unit: UnitOfWork, actor: Actor, case_id: str, kind: CaseEventKind, at: datetime, note: str = ""
) -> None:
    """Record that something happened to a case."""
    unit.cases.add_event(CaseEvent(case_id, at, actor.api_key_id, kind, note))
    unit.audit.add(
        AuditEntry(at, actor.api_key_id, actor.organisation.id, f"recognition_case_{kind.value}", case_id)
    )


def build_documents(case_id: str, contents: Sequence[bytes], at: datetime) -> list[CaseDocument]:
    """Documents as they are kept."""
    return [CaseDocument(case_id, content, hashlib.sha256(content).hexdigest(), at) for content in contents]


def write_question(question: Question) -> str:
    """The question as text."""
    return json.dumps(build_question_json(question), ensure_ascii=False)


def forget_holder(case: RecognitionCase) -> RecognitionCase:
    """The case with a question that says nothing of a person."""
    question = replace(read_case_question(case), held=(), facts=(), nationality=None)
    return replace(case, question=write_question(question))


def read_case_question(case: RecognitionCase) -> Question:
    """The question of a case."""
    return read_question(json.loads(case.question))


def prepare(question: Question, data: RecognitionData) -> tuple[RecognitionResult, str]:
    """The prepared comparison, and as the text that is kept."""
    result = recognise(question, data)
    return result, json.dumps(build_result_json(result), ensure_ascii=False)


def statement_key(case: RecognitionCase) -> str:
    """The idempotency key under which the statement of the decision is issued: another decision has another."""
    digest = hashlib.sha256((case.statement or "").encode("utf-8")).hexdigest()
    return f"recognition-case-{case.id}-{digest[:16]}"


def revoke_statements(
    unit: UnitOfWork,
    actor: Actor,
    case: RecognitionCase,
    reason: str,
    now: datetime,
    *,
    keep: str | None = None,
) -> None:
    """Revoke what was signed for the case, also where its issuing was not seen to the end; not `keep`."""
    signed = {case.statement_id} if case.statement_id is not None else set()
    issuance = unit.issuances.find(actor.organisation.id, statement_key(case))
    if issuance is not None and unit.issuances.find_credential(issuance.credential_id) is not None:
        signed.add(issuance.credential_id)
    revoked = StatusChange(StatusEventKind.REVOKED, reason, None, actor.api_key_id)
    record_changes(unit, actor.organisation.id, sorted(signed - {keep}), revoked, now=now)


def with_progress(case: RecognitionCase, progress: Progress) -> RecognitionCase:
    """The case with new progress."""
    return replace(case, progress=progress)


FINDINGS_NOTE: Final = "Findings of the authority on elements and conditions."

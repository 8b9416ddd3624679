"""A recognition statement is signed: by the operator as advice, or by an authority as its decision on a case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.profiles.schemas import load_schema
from skillcred.profiles.statement import STATEMENT_SCHEMA
from skillcred.recognition.engine import recognise
from skillcred.recognition.statement import build_statement, build_subject
from skillcred.recognition.workflow import WorkflowError, issue
from skillcred.services.case_records import CaseEventKind, RecognitionCase
from skillcred.services.identities import STATEMENTS_PATH
from skillcred.services.issuing import DEFAULT_MECHANISM, IssuingMachine, IssuingOrder
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.recognition import Recognition, RecognitionRequest
from skillcred.services.recognition_cases import (
    ChangeCase,
    get_case,
    require_authority,
    revoke_statements,
    statement_key,
    with_progress,
)
from skillcred.services.records import Actor, IssuancePurpose, Role, StoredCredential

PROFILE: Final = "recognition-statement"
REPLACED: Final = "The final decision takes its place."


@dataclass(frozen=True, slots=True)
class IssueRecognitionStatement:
    """The use cases."""

    units: UnitOfWorkFactory
    clock: Clock
    recognition: Recognition
    issuing: IssuingMachine

    def advise(self, actor: Actor, request: RecognitionRequest, idempotency_key: str) -> StoredCredential:
        """Evaluate, and sign what comes out as advice, which can be revoked. Nothing of the credentials is kept but
        their digests.

        Raises `AuthorisationError` unless the operator asks, `RecognitionRequestError`, and what `IssuingMachine`
        says."""
        require_role(actor, Role.OPERATOR)
        question = self.recognition.build_question(request)
        result = recognise(question, self.recognition.load())
        holders = {item.holder for item in question.held if item.verified and item.holder is not None}
        subject = build_subject(
            result,
            occupation=request.occupation,
            holder=holders.pop() if len(holders) == 1 else None,
        )
        return self.issuing(self._order(actor, subject, idempotency_key))

    def decide(self, actor: Actor, case_id: str) -> tuple[RecognitionCase, StoredCredential]:
        """Sign the decision on a case, or give back what was signed. A provisional and the final decision each get a
        statement of their own, and the case names the latest.

        Raises `NotFoundError`, `AuthorisationError` (`authority_not_enrolled`), `WorkflowError`, and what
        `IssuingMachine` says.
        """
        require_role(actor, Role.BODY_ADMIN)
        with self.units(writes=False) as unit:
            case = get_case(unit, actor, case_id)
            require_authority(unit, case.authority_did, self.clock.now())
        issue(case.progress)
        if case.statement is None:
            raise WorkflowError("The case is not decided.")
        subject = parse_json_object(case.statement.encode("utf-8"))
        stored = self.issuing(self._order(actor, subject, statement_key(case)))

        def change(unit: UnitOfWork, found: RecognitionCase, now: datetime) -> RecognitionCase:
            if found.statement != case.statement:
                raise WorkflowError("The case was decided anew meanwhile.", code="case_changed")
            progress = issue(found.progress)
            if found.statement_id not in (None, stored.credential_id):
                revoke_statements(unit, actor, found, REPLACED, now, keep=stored.credential_id)
            return replace(with_progress(found, progress), statement_id=stored.credential_id)

        changed = ChangeCase(self.units, self.clock)(
            actor, case_id, CaseEventKind.ISSUED, change, note=stored.credential_id
        )
        return changed, stored

    def _order(self, actor: Actor, subject: JsonObject, key: str) -> IssuingOrder:
        return IssuingOrder(
            actor=actor,
            purpose=IssuancePurpose.STATEMENT,
            idempotency_key=key,
            request={"subject": subject},
            profile=PROFILE,
            profile_sha256=hashlib.sha256(encode_jcs(load_schema(STATEMENT_SCHEMA))).hexdigest(),
            mechanism=DEFAULT_MECHANISM,
            path=STATEMENTS_PATH,
            build=_builder(actor, subject),
            revocable=True,
        )


def _builder(actor: Actor, subject: JsonObject) -> Callable[[str, datetime], JsonObject]:
    issuer: JsonObject = {"id": actor.organisation.did, "name": actor.organisation.name}

    def build(credential_id: str, at: datetime) -> JsonObject:
        return build_statement(subject, credential_id=credential_id, issuer=issuer, at=at)

    return build

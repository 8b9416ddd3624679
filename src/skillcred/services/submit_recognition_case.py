"""A case is submitted to an authority, and more evidence is handed in later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.errors import ConflictError, InputError
from skillcred.recognition.workflow import CaseState, Progress, receive_evidence
from skillcred.services.case_records import CaseEventKind, RecognitionCase
from skillcred.services.identities import new_id
from skillcred.services.permissions import is_operator
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.recognition import Recognition, RecognitionRequest
from skillcred.services.recognition_cases import (
    ChangeCase,
    build_documents,
    get_case,
    prepare,
    read_case_question,
    record_event,
    require_authority,
    require_case_worker,
    write_question,
)
from skillcred.services.recognition_evidence import (
    MAX_CREDENTIALS,
    RecognitionRequestError,
    build_evidence,
    verify_evidence,
)
from skillcred.services.records import Actor
from skillcred.services.transactions import in_transaction

MAX_DOCUMENT_BYTES: Final = 1024 * 1024
"""Largest document that a case keeps."""


@dataclass(frozen=True, slots=True)
class SubmitRecognitionCase:
    """The use cases."""

    units: UnitOfWorkFactory
    clock: Clock
    recognition: Recognition

    def __call__(
        self, actor: Actor, request: RecognitionRequest, authority_did: str | None = None
    ) -> RecognitionCase:
        """Record a case with its documents and the prepared comparison. An authority submits to itself, the
        operator to any.

        Raises `AuthorisationError` (`authority_not_enrolled`), `InputError` (`authority_of_another_country`,
        `authority_missing`), and `RecognitionRequestError`.
        """
        require_case_worker(actor)
        did = authority_did or actor.organisation.did
        if did != actor.organisation.did and not is_operator(actor):
            raise InputError(
                "A body submits cases to itself only.", code="authority_of_others", pointer="/authority_did"
            )
        with self.units(writes=False) as unit:
            self._check(unit, did, request, self.clock.now())
        _check_sizes(request.documents)
        question = self.recognition.build_question(request)
        _, prepared = prepare(question, self.recognition.load())
        case_id = new_id()

        def work(unit: UnitOfWork) -> RecognitionCase:
            now = self.clock.now()
            self._check(unit, did, request, now)
            case = RecognitionCase(
                id=case_id,
                authority_did=did,
                submitted_by=actor.organisation.id,
                progress=Progress(CaseState.SUBMITTED, now),
                question=write_question(question),
                prepared=prepared,
                version=1,
                updated_at=now,
            )
            unit.cases.add(case)
            unit.cases.add_documents(build_documents(case_id, request.documents, now))
            record_event(unit, actor, case_id, CaseEventKind.SUBMITTED, now)
            return case

        return in_transaction(self.units, work)

    def add_evidence(self, actor: Actor, case_id: str, contents: Sequence[bytes]) -> RecognitionCase:
        """Hand in more documents; all of the case are verified again, and the comparison is prepared anew.

        Raises `NotFoundError`, `WorkflowError`, `RecognitionRequestError`.
        """
        require_case_worker(actor)
        if not contents:
            raise InputError(
                "No document was handed in.", code="case_evidence_missing", pointer="/credentials"
            )
        _check_sizes(contents)
        with self.units(writes=False) as unit:
            known = get_case(unit, actor, case_id)
            receive_evidence(known.progress, self.clock.now())
            earlier = [item.content for item in unit.cases.list_documents(case_id)]
        held = build_evidence(verify_evidence(self.recognition.verify_document, [*earlier, *contents]))
        question = replace(read_case_question(known), held=held)
        _, prepared = prepare(question, self.recognition.load())

        def change(unit: UnitOfWork, case: RecognitionCase, now: datetime) -> RecognitionCase:
            if case.version != known.version:
                raise ConflictError("Somebody else changed the case.", code="case_changed")
            unit.cases.add_documents(build_documents(case_id, contents, now))
            return replace(
                case,
                progress=receive_evidence(case.progress, now),
                question=write_question(question),
                prepared=prepared,
            )

        note = json.dumps({"documents": len(contents)})
        return ChangeCase(self.units, self.clock)(
            actor, case_id, CaseEventKind.EVIDENCE_RECEIVED, change, note=note, by_authority=False
        )

    def _check(self, unit: UnitOfWork, did: str, request: RecognitionRequest, now: datetime) -> None:
        authority = require_authority(unit, did, now)
        if authority.country != request.destination:
            raise InputError(
                "The authority is enrolled for another country than the destination.",
                code="authority_of_another_country",
                pointer="/destination",
            )


def _check_sizes(contents: Sequence[bytes]) -> None:
    if len(contents) > MAX_CREDENTIALS:
        raise RecognitionRequestError(
            "These are more credentials than are looked at together.", code="recognition_too_many_credentials"
        )
    for place, content in enumerate(contents):
        if len(content) > MAX_DOCUMENT_BYTES:
            raise InputError(
                "The document is too large.", code="document_too_large", pointer=f"/credentials/{place}"
            )

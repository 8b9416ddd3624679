"""Recognition statements: the operator signs advice and takes it back; whoever signed one gets it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from skillcred.services.identities import STATEMENTS_PATH
from skillcred.services.records import StatusEventKind
from skillcred.web.api.identifiers import Segment, identifier_of, path_of
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.api.recognition_requests import CreateRecognitionRequest
from skillcred.web.api.status_lists import ChangeStatusRequest, StatusEventResponse, build_event
from skillcred.web.bodies import JsonBody
from skillcred.web.dependencies import ActorDep, ApplicationDep, IdempotencyKey

router = APIRouter(tags=["recognition"])


@router.post(
    STATEMENTS_PATH.rstrip("/"),
    operation_id="issueAdvisoryStatement",
    summary="Issue a statement that advises on recognition",
    status_code=201,
    response_class=Response,
    responses={
        201: {
            "description": "The signed statement",
            "content": {"application/vc": {"schema": {"type": "object"}}},
        },
        **problem_responses(400, 401, 403, 409, 413, 415, 422, 503),
    },
    openapi_extra=json_request(CreateRecognitionRequest),
)
def issue_advisory_statement(
    application: ApplicationDep,
    actor: ActorDep,
    idempotency_key: IdempotencyKey,
    body: Annotated[CreateRecognitionRequest, Depends(JsonBody(CreateRecognitionRequest))],
) -> Response:
    """Signed by the operator. It decides nothing, and verifying it says so."""
    stored = application.issue_recognition_statement.advise(actor, body.build(), idempotency_key)
    location = path_of(stored.credential_id, application.settings.base_url, STATEMENTS_PATH)
    return Response(stored.content, 201, {"Location": location}, stored.media_type)


@router.get(
    STATEMENTS_PATH + "{statement_id}",
    operation_id="getRecognitionStatement",
    summary="Get an issued statement",
    response_class=Response,
    responses={
        200: {
            "description": "The signed statement",
            "content": {"application/vc": {"schema": {"type": "object"}}},
        },
        **problem_responses(401, 403, 404, 422),
    },
)
def get_recognition_statement(
    application: ApplicationDep, actor: ActorDep, statement_id: Segment
) -> Response:
    """The statement as it was handed out, if the caller's organisation issued it."""
    identifier = identifier_of(statement_id, application.settings.base_url, STATEMENTS_PATH)
    stored = application.get_credential(actor, identifier)
    return Response(stored.content, media_type=stored.media_type)


@router.post(
    STATEMENTS_PATH + "{statement_id}/status",
    operation_id="changeStatementStatus",
    summary="Revoke or suspend advice, or lift a suspension",
    status_code=201,
    responses=problem_responses(400, 401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(
        ChangeStatusRequest, revocation={"kind": "revoked", "reason": "It rested on a rule that was wrong."}
    ),
)
def change_statement_status(
    application: ApplicationDep,
    actor: ActorDep,
    statement_id: Segment,
    body: Annotated[ChangeStatusRequest, Depends(JsonBody(ChangeStatusRequest))],
) -> StatusEventResponse:
    """For advice of the operator. An authority annuls its decision instead, which revokes the statement."""
    event = application.change_status(
        actor,
        identifier_of(statement_id, application.settings.base_url, STATEMENTS_PATH),
        kind=StatusEventKind(body.kind),
        reason=body.reason,
        effective_at=body.effective_at,
    )
    return build_event(event)

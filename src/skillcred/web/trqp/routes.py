"""`POST /authorization` and `POST /recognition` (TRQP 2.0, HTTPS binding), at the root of the deployment."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from skillcred.errors import AuthenticationError
from skillcred.model.datetimes import format_instant
from skillcred.web.api.openapi import problem_responses
from skillcred.web.bodies import read_json_body
from skillcred.web.dependencies import ApplicationDep, limit_resolutions
from skillcred.web.middleware.requests import ECHOED_ID, REQUEST_ID_HEADER
from skillcred.web.trqp.messages import (
    REQUEST_SCHEMA,
    AuthorizationResponse,
    RecognitionResponse,
    parse_query,
    response_members,
)

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._\-]{1,128}", re.ASCII)
_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9_\-]{1,200})", re.ASCII | re.IGNORECASE)
_STATUSES: Final = (401, 408, 415, 429)


def echo_request_id(request: Request) -> None:
    """Answer under the id that the caller chose, if it is a plain one. Our log keeps our own."""
    chosen = request.headers.get(REQUEST_ID_HEADER, "")
    if _REQUEST_ID.fullmatch(chosen):
        setattr(request.state, ECHOED_ID, chosen)


def check_token(request: Request, application: ApplicationDep) -> None:
    """A token must be right where there is one, and be there where the operator wants it. Raises
    `AuthenticationError`."""
    header = request.headers.get("authorization")
    if header is None and not application.settings.trqp_requires_token:
        return
    match = _BEARER.fullmatch(header or "")
    if match is None:
        raise AuthenticationError("Send an API key as a bearer token.")
    actor = application.authenticate(match[1])
    request.state.api_key_id = actor.api_key_id
    request.state.organisation_id = actor.organisation.id


router = APIRouter(
    tags=["TRQP"], dependencies=[Depends(echo_request_id), Depends(check_token), Depends(limit_resolutions)]
)
JsonContent = Annotated[bytes, Depends(read_json_body)]


def _request(resource: str, action: str) -> dict[str, Any]:
    example = {
        "entity_id": "did:web:provider.example",
        "authority_id": "did:web:body.example",
        "action": action,
        "resource": resource,
        "context": {"time": "2026-03-03T12:00:00Z"},
    }
    content = {"schema": REQUEST_SCHEMA, "examples": {"query": {"value": example}}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


@router.post(
    "/authorization",
    operation_id="queryAuthorization",
    summary="May this entity do that, by this authority?",
    response_model=AuthorizationResponse,
    responses=problem_responses(*_STATUSES),
    openapi_extra=_request("training", "issue"),
)
async def query_authorization(application: ApplicationDep, content: JsonContent) -> Response:
    """TRQP authorization query. "Not listed" is an answer, not a fault."""
    query = parse_query(content)
    answer = await run_in_threadpool(application.answer_trust_query.authorization, query)
    members = response_members(content, query, answer, format_instant(answer.evaluated_at))
    return JSONResponse(members | {"authorized": answer.confirmed})


@router.post(
    "/recognition",
    operation_id="queryRecognition",
    summary="Does this authority recognise that authority?",
    response_model=RecognitionResponse,
    responses=problem_responses(*_STATUSES),
    openapi_extra=_request("qualification", "recognise-qualifications"),
)
async def query_recognition(application: ApplicationDep, content: JsonContent) -> Response:
    """TRQP recognition query."""
    query = parse_query(content)
    answer = await run_in_threadpool(application.answer_trust_query.recognition, query)
    members = response_members(content, query, answer, format_instant(answer.evaluated_at))
    return JSONResponse(members | {"recognized": answer.confirmed})

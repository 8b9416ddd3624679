"""Status: an issuer revokes or suspends a credential, and anybody may get the published lists.

Lists are public files: cacheable, readable from any page, without authentication. Nothing in a request for one tells
which credential is looked at.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from skillcred.errors import NotFoundError
from skillcred.securing.jose.status_list_token import STATUS_LIST_TOKEN
from skillcred.services.identities import CREDENTIALS_PATH, STATUS_LISTS_PATH
from skillcred.services.publish_status_list import TTL
from skillcred.services.records import StatusEvent, StatusEventKind, StatusPublication, StatusView
from skillcred.services.status_views import media_type_of
from skillcred.web.api.identifiers import Segment, identifier_of
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import Instant, JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep
from skillcred.web.media_types import CREDENTIAL, JSON, JSON_LD, choose_media_type
from skillcred.web.middleware.security_headers import PUBLIC_ARTEFACT_HEADERS

OFFERED: Final = (CREDENTIAL, JSON_LD, JSON)
"""The media types of a list that is a credential."""
LATEST_TIME: Final = 253_402_300_799
"""The last second of the year 9999."""

router = APIRouter(tags=["status"])


class ChangeStatusRequest(RequestModel):
    """Something that happened to a credential."""

    kind: Literal["suspended", "reinstated", "revoked"]
    reason: str = Field(min_length=1, max_length=1000)
    effective_at: Instant | None = Field(
        default=None,
        description="Now unless given; in the past where it should not have been relied on since then",
    )


class StatusEventResponse(BaseModel):
    """Something that happened to a credential."""

    id: str
    kind: str
    effective_at: datetime
    retroactive: bool
    recorded_at: datetime
    reason: str


@router.post(
    CREDENTIALS_PATH + "{credential_id}/status",
    operation_id="changeStatus",
    summary="Revoke or suspend a credential, or lift a suspension",
    status_code=201,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(
        ChangeStatusRequest, revocation={"kind": "revoked", "reason": "Issued to the wrong person."}
    ),
)
def change_status(
    application: ApplicationDep,
    actor: ActorDep,
    credential_id: Segment,
    body: Annotated[ChangeStatusRequest, Depends(JsonBody(ChangeStatusRequest))],
) -> StatusEventResponse:
    """Record it. The next time that somebody gets the list, it tells."""
    event = application.change_status(
        actor,
        identifier_of(credential_id, application.settings.base_url, CREDENTIALS_PATH),
        kind=StatusEventKind(body.kind),
        reason=body.reason,
        effective_at=body.effective_at,
    )
    return build_event(event)


def build_event(event: StatusEvent) -> StatusEventResponse:
    """What is answered to whoever changed a status."""
    return StatusEventResponse.model_validate(event, from_attributes=True)


def list_responses() -> dict[int | str, dict[str, Any]]:
    """What the routes of status lists answer, for the OpenAPI document."""
    schema = {"type": "object", "description": "A BitstringStatusListCredential"}
    token = {"type": "string", "description": "A status list token"}
    return {
        200: {
            "description": "The list",
            "content": {
                **{media_type: {"schema": schema} for media_type in OFFERED},
                STATUS_LIST_TOKEN: {"schema": token},
            },
        },
        304: {"description": "The client has it already"},
        **problem_responses(404, 406, 422, 503),
    }


@router.get(
    STATUS_LISTS_PATH + "{list_id}/{view}",
    operation_id="getStatusList",
    summary="Get a status list",
    response_class=Response,
    responses=list_responses(),
)
def get_status_list(
    request: Request,
    application: ApplicationDep,
    list_id: Segment,
    view: Segment,
    time: Annotated[
        int | None,
        Query(
            ge=0, le=LATEST_TIME, description="An instant in the past, in seconds since 1970: the list then"
        ),
    ] = None,
) -> Response:
    """The current version of a status list, signed by the issuer, or the one that held at `time`."""
    wanted = parse_view(view)
    media_type = choose_media_type(request, offered_types(wanted))
    if time is None:
        publication = application.publish_status_list(list_id, wanted)
    else:
        publication = application.get_past_status_list(list_id, wanted, datetime.fromtimestamp(time, UTC))
    return status_list_response(request, publication, media_type)


def parse_view(view: str) -> StatusView:
    """The view that a path names. Raises `NotFoundError`."""
    if view not in set(StatusView):
        raise NotFoundError("There is no such status list.")
    return StatusView(view)


def offered_types(view: StatusView) -> tuple[str, ...]:
    """The media types in which a view is handed out."""
    media_type = media_type_of(view)
    return (media_type,) if media_type == STATUS_LIST_TOKEN else OFFERED


def status_list_response(request: Request, publication: StatusPublication, media_type: str) -> Response:
    """A published list, for anybody and cacheable, or that the client has it already."""
    etag = f'"{publication.version}"'
    headers = {
        **PUBLIC_ARTEFACT_HEADERS,
        "Cache-Control": f"public, max-age={int(TTL.total_seconds())}",
        "ETag": etag,
        "Vary": "Accept",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(publication.content, headers=headers, media_type=media_type)

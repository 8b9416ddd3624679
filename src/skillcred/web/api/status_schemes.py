"""Messages and refreshing: what the next credentials of an organisation can tell, and what one of them tells."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from skillcred.services.identities import CREDENTIALS_PATH
from skillcred.status.scheme import MAX_MESSAGE_CHARACTERS, MAX_REFERENCES, MAX_SIZE, StatusScheme
from skillcred.web.api.identifiers import Segment, identifier_of
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep

PATH: Final = "/v1/status-scheme"

router = APIRouter(tags=["status"])


class StatusSchemeRequest(RequestModel):
    """What the next credentials can tell beside revocation and suspension."""

    messages: tuple[Annotated[str, Field(min_length=1, max_length=MAX_MESSAGE_CHARACTERS)], ...] = Field(
        default=(),
        max_length=1 << MAX_SIZE,
        strict=False,
        description="One for each value from 0 on: 2, 4, 8, 16, 32, 64, 128 or 256, or none",
    )
    references: tuple[Annotated[str, Field(max_length=2048)], ...] = Field(
        default=(), max_length=MAX_REFERENCES, strict=False, description="Web addresses that tell more"
    )
    refresh: bool = Field(default=False, description="Whether a newer version can be announced")


class StatusSchemeResponse(BaseModel):
    """What the next credentials can tell. `size` is in bits, `null` without messages."""

    messages: list[str]
    references: list[str]
    refresh: bool
    size: int | None


class StatusValueRequest(RequestModel):
    """What a credential tells from now on."""

    kind: Literal["message", "refresh"]
    value: int = Field(
        default=1, ge=0, lt=1 << MAX_SIZE, description="The number of the message; 1 for refresh"
    )
    reason: str = Field(min_length=1, max_length=1000)


class StatusValueResponse(BaseModel):
    """What a credential tells since then."""

    id: str
    kind: str
    value: int
    recorded_at: datetime
    reason: str


@router.get(
    PATH,
    operation_id="getStatusScheme",
    summary="See what the next credentials can tell",
    responses=problem_responses(401, 403),
)
def get_status_scheme(application: ApplicationDep, actor: ActorDep) -> StatusSchemeResponse:
    """The scheme of the caller's organisation."""
    return _scheme(application.status_schemes.get(actor))


@router.put(
    PATH,
    operation_id="setStatusScheme",
    summary="Settle what the next credentials can tell",
    responses=problem_responses(401, 403, 408, 415, 422, 503),
    openapi_extra=json_request(
        StatusSchemeRequest,
        course={"messages": ["In order.", "Renewal is due."], "references": [], "refresh": True},
    ),
)
def set_status_scheme(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[StatusSchemeRequest, Depends(JsonBody(StatusSchemeRequest))],
) -> StatusSchemeResponse:
    """What was issued before keeps the scheme that it was issued with."""
    scheme = application.status_schemes.set(
        actor, messages=body.messages, references=body.references, refresh=body.refresh
    )
    return _scheme(scheme)


@router.post(
    CREDENTIALS_PATH + "{credential_id}/status-values",
    operation_id="recordStatusValue",
    summary="Set the message of a credential, or announce a newer version",
    status_code=201,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(
        StatusValueRequest,
        message={"kind": "message", "value": 1, "reason": "The certificate is five years old."},
    ),
)
def record_status_value(
    application: ApplicationDep,
    actor: ActorDep,
    credential_id: Segment,
    body: Annotated[StatusValueRequest, Depends(JsonBody(StatusValueRequest))],
) -> StatusValueResponse:
    """Record it. Whether the credential is revoked or suspended stays as it is."""
    event = application.status_schemes.record_value(
        actor,
        identifier_of(credential_id, application.settings.base_url, CREDENTIALS_PATH),
        kind=body.kind,
        value=body.value,
        reason=body.reason,
    )
    return StatusValueResponse.model_validate(event, from_attributes=True)


def _scheme(scheme: StatusScheme) -> StatusSchemeResponse:
    return StatusSchemeResponse(
        messages=list(scheme.messages),
        references=list(scheme.references),
        refresh=scheme.refresh,
        size=scheme.size if scheme.messages else None,
    )

"""Asking for presentations from an employer's own system (OpenID4VP 1.0)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from skillcred.exchange.oid4vp.purposes import PURPOSES, build_purpose_query
from skillcred.services.create_presentation_request import LIFETIME_SECONDS, PresentationOrder
from skillcred.services.get_presentation_request import PresentationView
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep

PATH: Final = "/v1/presentation-requests"
PURPOSES_PATH: Final = "/v1/presentation-purposes"

router = APIRouter(tags=["presentations"])


class PresentationRequestRequest(RequestModel):
    """What to ask a holder for."""

    purpose: str | None = Field(
        default=None,
        max_length=64,
        description="One of `/v1/presentation-purposes`; it says what is asked for",
    )
    with_name: bool = Field(default=False, description="Whether the name of the person is asked for, too")
    formats: tuple[Literal["dc+sd-jwt", "ldp_vc", "jwt_vc_json", "vc+sd-jwt"], ...] | None = Field(
        default=None, min_length=1, max_length=4, strict=False, description="All unless given"
    )
    dcql_query: dict[str, Any] | None = Field(
        default=None, description="A query of one's own; only for the operator"
    )
    client_id_prefix: (
        Literal["decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri"] | None
    ) = Field(default=None, description="The best that there is unless given")
    response_mode: Literal["direct_post", "direct_post.jwt"] = "direct_post.jwt"
    request_method: Literal["get", "post", "value"] = Field(
        default="get", description="How the wallet gets the request; `value` goes with `redirect_uri` only"
    )
    redirect_uri: str | None = Field(
        default=None,
        max_length=2048,
        description="Where the wallet sends the person on the same device, with a `response_code`; the result is "
        "given out only for that code",
    )
    lifetime_seconds: int | None = Field(default=None, ge=LIFETIME_SECONDS[0], le=LIFETIME_SECONDS[1])


class PresentationRequestResponse(BaseModel):
    """A request and where it stands. `link` opens a wallet, as a link or a QR code, while one may answer."""

    id: str
    state: Literal["created", "fetched", "answered", "verified", "refused", "declined", "expired"]
    purpose: str | None
    client_id: str
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    link: str | None
    awaits_return: bool
    reason: str | None
    result: dict[str, Any] | None


class PurposeResponse(BaseModel):
    """A purpose and what is asked for."""

    id: str
    title: str
    reason: str
    shows: str
    dcql_query: dict[str, Any]


class PurposesResponse(BaseModel):
    """All purposes."""

    purposes: list[PurposeResponse]


@router.get(
    PURPOSES_PATH, operation_id="listPresentationPurposes", summary="See what can be asked for, and why"
)
def list_purposes() -> PurposesResponse:
    """What each purpose asks for, as DCQL. The name of the person is asked for only where a request says so."""
    return PurposesResponse(
        purposes=[
            PurposeResponse(
                id=purpose.id,
                title=purpose.title,
                reason=purpose.reason,
                shows=purpose.shows,
                dcql_query=build_purpose_query(purpose).build(),
            )
            for purpose in PURPOSES.values()
        ]
    )


@router.post(
    PATH,
    operation_id="createPresentationRequest",
    summary="Ask a holder for a presentation",
    status_code=201,
    responses=problem_responses(401, 403, 408, 413, 415, 422, 503),
    openapi_extra=json_request(
        PresentationRequestRequest,
        across_devices={"purpose": "qualification"},
        same_device={"purpose": "work-experience", "redirect_uri": "https://employer.example/wallet"},
    ),
)
def create_presentation_request(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[PresentationRequestRequest, Depends(JsonBody(PresentationRequestRequest))],
) -> PresentationRequestResponse:
    """The wallet has two minutes to fetch the request unless `lifetime_seconds` says otherwise, then five to answer."""
    order = PresentationOrder(
        purpose=body.purpose,
        with_name=body.with_name,
        formats=body.formats,
        query=body.dcql_query,
        client_id_prefix=body.client_id_prefix,
        response_mode=body.response_mode,
        request_method=body.request_method,
        redirect_uri=body.redirect_uri,
        lifetime_seconds=body.lifetime_seconds,
    )
    created = application.presenting.create_request(order, actor=actor)
    return _response(application.presenting.get_request(created.request.id, actor=actor))


@router.get(
    PATH + "/{request_id}",
    operation_id="getPresentationRequest",
    summary="See where a request stands, and the result",
    responses=problem_responses(401, 403, 404),
)
def get_presentation_request(
    application: ApplicationDep,
    actor: ActorDep,
    request_id: str,
    response_code: Annotated[
        str | None, Query(max_length=128, description="What the person came back with; good once")
    ] = None,
) -> PresentationRequestResponse:
    """A request of the caller's organisation. The result holds what was asked for and nothing else."""
    return _response(application.presenting.get_request(request_id, actor=actor, response_code=response_code))


@router.delete(
    PATH + "/{request_id}",
    operation_id="deletePresentationRequest",
    summary="Delete a request and its result",
    status_code=204,
    response_class=Response,
    responses=problem_responses(401, 403, 404),
)
def delete_presentation_request(application: ApplicationDep, actor: ActorDep, request_id: str) -> Response:
    """For when the result is not needed any more. What was shown was forgotten long before."""
    application.presenting.delete_request(actor, request_id)
    return Response(status_code=204)


def _response(view: PresentationView) -> PresentationRequestResponse:
    request = view.request
    return PresentationRequestResponse(
        id=request.id,
        state=view.state.value,
        purpose=request.purpose,
        client_id=request.client_id,
        created_at=request.created_at,
        expires_at=request.expires_at,
        answered_at=request.answered_at,
        link=view.link,
        awaits_return=view.awaits_return,
        reason=request.reason,
        result=view.result,
    )

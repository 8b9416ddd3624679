"""Offers: credentials that a provider has prepared for somebody's wallet."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.oid4vci.metadata import CredentialFormat
from skillcred.services.create_offer import DEFAULT_LIFETIME, OfferRequest
from skillcred.services.offer_records import OfferGrant
from skillcred.services.offers import MAX_LISTED, describe_offer
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep, IdempotencyKey

OFFERS: Final = "/v1/offers"
OFFER: Final = "/v1/offers/{offer_id}"
MAX_OFFSET: Final = 100_000

router = APIRouter(tags=["offers"])


class CreateOfferRequest(RequestModel):
    """A credential that is offered to the wallet of the person it is about."""

    profile: str = Field(max_length=64, description="Kind of credential", examples=["training"])
    credential: dict[str, Any] = Field(description="What the credential says, as for issuing")
    formats: list[str] = Field(
        default=[CredentialFormat.SD_JWT_VC.value],
        min_length=1,
        max_length=8,
        description="The formats that a wallet may choose from: " + ", ".join(CredentialFormat),
    )
    grants: list[str] = Field(
        default=[OfferGrant.PRE_AUTHORISED_CODE.value],
        min_length=1,
        max_length=2,
        description="How a wallet may take it up: " + ", ".join(OfferGrant),
    )
    tx_code: bool = Field(
        default=True, description="Whether the holder types a code that reaches her by another way"
    )
    revocable: bool = Field(default=True, description="Whether its status can be looked up and changed")
    deferred: bool = Field(default=False, description="Whether it is issued only after it was released")
    expires_in: int = Field(
        default=int(DEFAULT_LIFETIME.total_seconds()),
        ge=60,
        le=30 * 24 * 3600,
        description="How long it can be claimed, in seconds",
    )


_view: Final[dict[str, Any]] = {
    "description": "The offer as it stands",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


def _response(content: JsonObject, status: int = 200) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False).encode("utf-8"), status, media_type="application/json"
    )


@router.post(
    OFFERS,
    operation_id="createOffer",
    summary="Offer a credential to a wallet",
    status_code=201,
    response_class=Response,
    responses={201: _view, **problem_responses(401, 403, 408, 409, 415, 422)},
    openapi_extra=json_request(CreateOfferRequest),
)
def create_offer(
    application: ApplicationDep,
    actor: ActorDep,
    idempotency_key: IdempotencyKey,
    body: Annotated[CreateOfferRequest, Depends(JsonBody(CreateOfferRequest))],
) -> Response:
    """Prepare a credential for the holder to claim. Sending the same again under the same key gives the same offer."""
    wallet = application.wallet_issuing
    request = OfferRequest(
        profile=body.profile,
        claims=body.credential,
        formats=tuple(body.formats),
        grants=tuple(body.grants),
        tx_code=body.tx_code,
        revocable=body.revocable,
        deferred=body.deferred,
        lifetime=timedelta(seconds=body.expires_in),
    )
    offer = wallet.create_offer(actor, request, idempotency_key)
    response = _response(describe_offer(wallet.view_offers.get(actor, offer.id)), 201)
    response.headers["Location"] = f"{OFFERS}/{offer.id}"
    return response


@router.get(
    OFFERS,
    operation_id="listOffers",
    summary="List the latest offers of one's own organisation",
    response_class=Response,
    responses={200: _view, **problem_responses(401, 403, 422)},
)
def list_offers(
    application: ApplicationDep,
    actor: ActorDep,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = MAX_LISTED,
) -> Response:
    """Newest first, with what became of each."""
    views = application.wallet_issuing.view_offers.list_latest(actor, offset=offset, limit=limit)
    return _response({"offers": [describe_offer(view) for view in views]})


@router.get(
    OFFER,
    operation_id="getOffer",
    summary="Get an offer and its state",
    response_class=Response,
    responses={200: _view, **problem_responses(401, 403, 404, 422)},
)
def get_offer(application: ApplicationDep, actor: ActorDep, offer_id: Segment) -> Response:
    """An offer of one's own organisation: unclaimed, claimed, expired, withdrawn, or blocked by wrong codes."""
    return _response(describe_offer(application.wallet_issuing.view_offers.get(actor, offer_id)))


@router.post(
    OFFER + "/withdrawal",
    operation_id="withdrawOffer",
    summary="Take an offer back",
    response_class=Response,
    responses={200: _view, **problem_responses(401, 403, 404, 409, 422)},
)
def withdraw_offer(application: ApplicationDep, actor: ActorDep, offer_id: Segment) -> Response:
    """From now on nobody can claim it. A credential that was claimed is revoked instead."""
    wallet = application.wallet_issuing
    wallet.withdraw_offer(actor, offer_id)
    return _response(describe_offer(wallet.view_offers.get(actor, offer_id)))


@router.post(
    OFFER + "/release",
    operation_id="releaseOffer",
    summary="Let a deferred credential be issued",
    response_class=Response,
    responses={200: _view, **problem_responses(401, 403, 404, 409, 422)},
)
def release_offer(application: ApplicationDep, actor: ActorDep, offer_id: Segment) -> Response:
    """A wallet that waits for it gets it when it asks the next time."""
    wallet = application.wallet_issuing
    wallet.release_offer(actor, offer_id)
    return _response(describe_offer(wallet.view_offers.get(actor, offer_id)))

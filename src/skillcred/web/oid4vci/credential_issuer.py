"""The nonce, credential, deferred credential and notification endpoints."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from skillcred.exchange.nonces import NonceUse
from skillcred.services.wallet_messages import JSON, JWT, CredentialResponse, WalletMessage
from skillcred.web.api.identifiers import Segment
from skillcred.web.bodies import read_body
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.faults import UnsupportedMediaTypeError
from skillcred.web.media_types import content_type_of
from skillcred.web.oid4vci.oauth_route import (
    ResourceRoute,
    answer_preflight,
    limit_wallets,
    oauth_json,
    oauth_responses,
    read_presented_token,
)

NONCE: Final = "/issuers/{slug}/nonce"
CREDENTIAL: Final = "/issuers/{slug}/credential"
DEFERRED: Final = "/issuers/{slug}/deferred-credential"
NOTIFICATION: Final = "/issuers/{slug}/notification"

router = APIRouter(tags=["wallets"], route_class=ResourceRoute, dependencies=[Depends(limit_wallets)])


async def read_message(request: Request) -> WalletMessage:
    """The body and what it says to be. Whether it is accepted is told to those only who show an access token."""
    try:
        media_type, _ = content_type_of(request, (JSON, JWT))
    except UnsupportedMediaTypeError:
        media_type = None
    return WalletMessage(await read_body(request), media_type)


Message = Annotated[WalletMessage, Depends(read_message)]


def _object(description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": {"type": "object"}}}}


def _credentials(description: str) -> dict[str, Any]:
    content = {JSON: {"schema": {"type": "object"}}, JWT: {"schema": {"type": "string"}}}
    return {"description": description, "content": content}


def json_body(*required: str) -> dict[str, Any]:
    """The `requestBody` of an endpoint that reads a JSON object."""
    schema = {"type": "object", "required": list(required)}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def respond(answer: CredentialResponse) -> Response:
    """The response: 202 where the credential comes later (section 8.3)."""
    status = 202 if answer.is_deferred else 200
    return Response(answer.content, status, {"Cache-Control": "no-store"}, answer.media_type)


@router.post(
    NONCE,
    operation_id="getNonce",
    summary="Get a nonce for key proofs",
    response_class=Response,
    responses={200: _object("A fresh c_nonce"), **oauth_responses()},
)
def get_nonce(application: ApplicationDep, slug: Segment) -> Response:
    """OID4VCI 1.0 section 7. Nothing is stored."""
    wallet = application.wallet_issuing
    issuer = wallet.issuers.get(slug).issuer
    response = oauth_json({"c_nonce": wallet.proofs.build_nonce(issuer, NonceUse.CREDENTIAL)})
    response.headers["DPoP-Nonce"] = wallet.proofs.build_nonce(issuer, NonceUse.DPOP)
    return response


@router.post(
    CREDENTIAL,
    operation_id="getWalletCredential",
    summary="Get a credential into a wallet",
    response_class=Response,
    responses={
        200: _credentials("The credentials"),
        202: _credentials("The credential comes later"),
        **oauth_responses(401, 408),
    },
    openapi_extra=json_body(),
)
def issue_to_wallet(
    request: Request, application: ApplicationDep, slug: Segment, message: Message
) -> Response:
    """OID4VCI 1.0 section 8, with an access token for the credential and a proof of the key it shall be bound to."""
    presented = read_presented_token(request)
    return respond(application.wallet_issuing.issue_to_wallet(slug, presented, message))


@router.post(
    DEFERRED,
    operation_id="getDeferredCredential",
    summary="Get a credential that was to come later into a wallet",
    response_class=Response,
    responses={
        200: _credentials("The credentials"),
        202: _credentials("The credential is still to come"),
        **oauth_responses(401, 408),
    },
    openapi_extra=json_body("transaction_id"),
)
def collect_deferred(
    request: Request, application: ApplicationDep, slug: Segment, message: Message
) -> Response:
    """OID4VCI 1.0 section 9."""
    presented = read_presented_token(request)
    return respond(application.wallet_issuing.collect_deferred(slug, presented, message))


@router.post(
    NOTIFICATION,
    operation_id="notifyCredentialIssuer",
    summary="Tell what became of a credential in a wallet",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It is recorded"}, **oauth_responses(401, 408)},
    openapi_extra=json_body("notification_id", "event"),
)
def record_wallet_event(
    request: Request, application: ApplicationDep, slug: Segment, message: Message
) -> Response:
    """OID4VCI 1.0 section 11. Saying the same again changes nothing."""
    application.wallet_issuing.record_wallet_event(slug, read_presented_token(request), message)
    return Response(None, 204)


answer_preflight(router, NONCE, CREDENTIAL, DEFERRED, NOTIFICATION)

"""The token endpoint, and the one for pushed authorization requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from skillcred.exchange.errors import OAuthError
from skillcred.exchange.forms import parse_form
from skillcred.web.api.identifiers import Segment
from skillcred.web.bodies import read_body
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.faults import UnsupportedMediaTypeError
from skillcred.web.media_types import content_type_of
from skillcred.web.oid4vci.oauth_route import (
    OAuthRoute,
    answer_preflight,
    limit_wallets,
    oauth_json,
    oauth_responses,
    read_wallet_headers,
)

FORM: Final = "application/x-www-form-urlencoded"
PUSHED: Final = "/issuers/{slug}/par"
TOKEN: Final = "/issuers/{slug}/token"  # noqa: S105 - a path

router = APIRouter(tags=["wallets"], route_class=OAuthRoute, dependencies=[Depends(limit_wallets)])


async def read_parameters(request: Request) -> Mapping[str, str]:
    """The parameters in the body. Raises `OAuthError`."""
    try:
        content_type_of(request, (FORM,))
    except UnsupportedMediaTypeError as error:
        raise OAuthError("The request must be a form in UTF-8.") from error
    return parse_form(await read_body(request))


Parameters = Annotated[Mapping[str, str], Depends(read_parameters)]


def form_request(**members: str) -> dict[str, Any]:
    """The `requestBody` of an endpoint that reads a form with these members."""
    properties = {
        name.replace("__", "-"): {"type": "string", "description": text} for name, text in members.items()
    }
    schema = {"type": "object", "properties": properties}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


@router.post(
    TOKEN,
    operation_id="exchangeCode",
    summary="Exchange a code for an access token",
    response_class=Response,
    responses={
        200: {
            "description": "The access token",
            "content": {"application/json": {"schema": {"type": "object", "required": ["access_token"]}}},
        },
        **oauth_responses(401, 408),
    },
    openapi_extra=form_request(
        grant_type="How the wallet was authorised",
        pre__authorized_code="The code of an offer",
        tx_code="Told apart",
    ),
)
def exchange_code(
    request: Request, application: ApplicationDep, slug: Segment, parameters: Parameters
) -> Response:
    """OID4VCI 1.0 section 6, RFC 6749 section 4.1.3; with DPoP (RFC 9449) the token is bound to the wallet's key."""
    headers = read_wallet_headers(request)
    return oauth_json(application.wallet_issuing.exchange_code(slug, parameters, headers))


@router.post(
    PUSHED,
    operation_id="pushAuthorizationRequest",
    summary="Say what an authorization is wanted for",
    status_code=201,
    response_class=Response,
    responses={
        201: {
            "description": "What to send the holder to the authorization endpoint with",
            "content": {"application/json": {"schema": {"type": "object", "required": ["request_uri"]}}},
        },
        **oauth_responses(401, 408),
    },
    openapi_extra=form_request(
        response_type="code",
        client_id="Any name",
        redirect_uri="Where the code goes",
        code_challenge="S256",
        issuer_state="That of the offer",
        scope="The credentials",
    ),
)
def push_authorization_request(
    request: Request, application: ApplicationDep, slug: Segment, parameters: Parameters
) -> Response:
    """RFC 9126, with PKCE (RFC 7636); with DPoP the code is bound to the wallet's key."""
    headers = read_wallet_headers(request)
    wallet = application.wallet_issuing
    return oauth_json(wallet.push_authorization_request(slug, parameters, headers), 201)


answer_preflight(router, TOKEN, PUSHED)

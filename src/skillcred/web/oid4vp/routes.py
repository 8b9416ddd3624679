"""Where wallets fetch requests (OID4VP 1.0 sections 5.4 and 5.10) and answer them (section 8.2).

Who may call is whoever has the handle. Answers are JSON as OAuth has it, also where something is wrong: wallets do not
read problem documents.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.forms import parse_form
from skillcred.exchange.oid4vp.errors import AuthorizationResponseError
from skillcred.exchange.oid4vp.requests import REQUEST_OBJECT_TYPE
from skillcred.services.presentation_messages import REQUESTS_PATH, RESPONSES_PATH
from skillcred.web.bodies import read_body
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.faults import UnsupportedMediaTypeError
from skillcred.web.media_types import content_type_of
from skillcred.web.oid4vci.authorization_server import FORM
from skillcred.web.oid4vci.oauth_route import OAuthRoute, answer_preflight, limit_wallets, oauth_json

Handle = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

router = APIRouter(include_in_schema=False, route_class=OAuthRoute, dependencies=[Depends(limit_wallets)])


async def read_form(request: Request) -> bytes:
    """The form in the body, unread. Raises `AuthorizationResponseError` for another media type (SECURITY R-05)."""
    try:
        content_type_of(request, (FORM,))
    except UnsupportedMediaTypeError as error:
        raise AuthorizationResponseError(
            "The body must be application/x-www-form-urlencoded.", reason="response_malformed"
        ) from error
    return await read_body(request)


async def read_wallet_nonce(request: Request) -> str | None:
    """What a wallet says about itself; parameters that nobody knows are ignored, as section 5.10 demands."""
    body = await read_body(request)
    return parse_form(body).get("wallet_nonce") if body else None


@router.get(REQUESTS_PATH + "{handle}")
def get_request_object(application: ApplicationDep, handle: Handle) -> Response:
    """The signed request."""
    return _request_object(application.presenting.get_request_object(handle))


@router.post(REQUESTS_PATH + "{handle}")
def post_request_object(
    application: ApplicationDep,
    handle: Handle,
    wallet_nonce: Annotated[str | None, Depends(read_wallet_nonce)],
) -> Response:
    """The signed request, with the nonce of the wallet in it."""
    return _request_object(application.presenting.get_request_object(handle, wallet_nonce=wallet_nonce))


@router.post(RESPONSES_PATH + "{handle}")
def receive_presentation(
    application: ApplicationDep, handle: Handle, body: Annotated[bytes, Depends(read_form)]
) -> Response:
    """The answer of a wallet. The person is sent on only where whoever asked has said so."""
    received = application.presenting.receive(handle, body)
    answer: JsonObject = {} if received.redirect_uri is None else {"redirect_uri": received.redirect_uri}
    return oauth_json(answer)


def _request_object(token: bytes) -> Response:
    return Response(
        token, headers={"Cache-Control": "no-store"}, media_type=f"application/{REQUEST_OBJECT_TYPE}"
    )


answer_preflight(router, REQUESTS_PATH + "{handle}", RESPONSES_PATH + "{handle}")

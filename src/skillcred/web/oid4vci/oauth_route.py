"""How endpoints of OAuth 2.0 answer: errors in its own form, nonces for DPoP, and open to wallets that are web pages.

They take no cookies, so what another origin may read it could have asked for itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from skillcred.bootstrap import Application
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import SkillcredError
from skillcred.exchange.nonces import NonceUse
from skillcred.services.wallet_clients import WalletHeaders
from skillcred.services.wallet_tokens import PresentedToken
from skillcred.web.api.openapi import problem_responses
from skillcred.web.logs import Log, describe_fault
from skillcred.web.problems import build_oauth_error
from skillcred.web.rate_limit import RequestRateLimit

DPOP_HEADER: Final = "dpop"
CORS_HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "DPoP-Nonce, WWW-Authenticate",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT_HEADERS: Final = {
    **CORS_HEADERS,
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP, OAuth-Client-Attestation, "
    "OAuth-Client-Attestation-PoP",
    "Access-Control-Max-Age": "600",
}
ERROR_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Error response of OAuth 2.0 (RFC 6749 section 5.2)",
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
}


def oauth_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented errors of an endpoint of OAuth 2.0."""
    described = problem_responses(*statuses, 404, 429)
    for response in described.values():
        response["content"] = {"application/json": {"schema": ERROR_SCHEMA}}
    return described


def oauth_json(content: JsonObject, status: int = 200) -> Response:
    """A JSON answer that nobody keeps (RFC 6749 section 5.1)."""
    data = json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return Response(data, status, {"Cache-Control": "no-store"}, "application/json")


def read_presented_token(request: Request) -> PresentedToken:
    """The access token of a request. One in the query or the body is no token (SECURITY V-08)."""
    values = request.headers.getlist("authorization")
    dpop = tuple(request.headers.getlist(DPOP_HEADER))
    scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    if not token:
        return PresentedToken(None, None, dpop)
    return PresentedToken(scheme.lower(), token.strip(), dpop)


def read_wallet_headers(request: Request) -> WalletHeaders:
    """What a wallet says of itself in header fields."""
    return WalletHeaders(
        dpop=tuple(request.headers.getlist(DPOP_HEADER)),
        attestations=tuple(request.headers.getlist("oauth-client-attestation")),
        attestation_pops=tuple(request.headers.getlist("oauth-client-attestation-pop")),
    )


def limit_wallets(request: Request) -> None:
    """Count a request of a wallet. Raises `RateLimitError`."""
    cast(RequestRateLimit, request.app.state.wallet_rate_limit).check(request.scope)


class OAuthRoute(APIRoute):
    """A route whose faults are told as OAuth 2.0 tells them."""

    at_resource = False

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its faults turned into answers."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except (SkillcredError, RequestValidationError, HTTPException) as fault:
                response = self._refuse(request, fault)
            response.headers.update(CORS_HEADERS)
            issuing = "slug" in request.path_params
            if issuing and DPOP_HEADER in request.headers and response.status_code != HTTPStatus.NOT_FOUND:
                response.headers["DPoP-Nonce"] = _build_nonce(request)
            return response

        return answer

    def _refuse(self, request: Request, fault: Exception) -> Response:
        problem, body = build_oauth_error(fault, at_resource=self.at_resource)
        if problem.status >= 500:
            log: Log = request.app.state.log
            log(
                "fault",
                request_id=request.state.request_id,
                status=int(problem.status),
                **describe_fault(fault),
            )
        response = oauth_json(body, problem.status)
        response.headers.update(problem.headers)
        return response


class ResourceRoute(OAuthRoute):
    """The same for an endpoint that takes an access token."""

    at_resource = True


def answer_preflight(router: APIRouter, *paths: str) -> None:
    """Let web pages of other origins send to `paths` what wallets send."""

    def preflight() -> Response:
        return Response(None, 204, PREFLIGHT_HEADERS)

    for path in paths:
        router.add_api_route(path, preflight, methods=["OPTIONS"], include_in_schema=False)


def _build_nonce(request: Request) -> str:
    application = cast(Application, request.app.state.application)
    wallet = application.wallet_issuing
    issuer = wallet.issuers.issuer_of(str(request.path_params.get("slug", "")))
    return wallet.proofs.build_nonce(issuer, NonceUse.DPOP)

"""The authorization endpoint: the one place where the holder herself comes by, with a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from skillcred.exchange.errors import OAuthError
from skillcred.exchange.forms import parse_form
from skillcred.exchange.oid4vci.authorization_requests import redirect_source
from skillcred.services.authorize_wallet import AuthorizationQuestion
from skillcred.web.api.identifiers import Segment
from skillcred.web.bodies import read_body
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.media_types import content_type_of
from skillcred.web.middleware.security_headers import PAGE_POLICY
from skillcred.web.oid4vci.authorization_server import FORM
from skillcred.web.oid4vci.oauth_route import limit_wallets
from skillcred.web.pages.routes import PagesDep

AUTHORIZE: Final = "/issuers/{slug}/authorize"
MAX_PARAMETER_CHARACTERS: Final = 600

router = APIRouter(include_in_schema=False, dependencies=[Depends(limit_wallets)])
Parameter = Annotated[str | None, Query(max_length=MAX_PARAMETER_CHARACTERS)]


async def read_answer(request: Request) -> Mapping[str, str]:
    """The form that the holder sent. Raises `UnsupportedMediaTypeError`, `OAuthError`."""
    content_type_of(request, (FORM,))
    return parse_form(await read_body(request))


def _show(
    request: Request,
    pages: PagesDep,
    question: AuthorizationQuestion,
    request_uri: str | None,
    *,
    status: int = 200,
    wrong: bool = False,
) -> Response:
    """The page that asks for the transaction code. Its form may end at the wallet, and nowhere else."""
    target = redirect_source(question.authorization.redirect_uri)
    policy = PAGE_POLICY.replace("form-action 'self'", f"form-action 'self' {target}")
    return pages.render(
        request,
        "authorize.html",
        status=status,
        headers={"Content-Security-Policy": policy},
        question=question,
        request_uri=request_uri,
        target=target,
        wrong=wrong,
    )


def _refuse(request: Request, pages: PagesDep) -> Response:
    """Nobody is sent anywhere by a request that is not one of ours (SECURITY W-27)."""
    return pages.render(request, "authorize_over.html", status=400)


@router.get(AUTHORIZE)
def show_authorization(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    slug: Segment,
    client_id: Parameter = None,
    request_uri: Parameter = None,
) -> Response:
    """RFC 6749 section 4.1.1: on to the wallet at once, or the page that asks for the transaction code."""
    authorize = application.wallet_issuing.authorize_wallet
    try:
        question = authorize.find(slug, client_id, request_uri)
        if question.needs_tx_code:
            return _show(request, pages, question, request_uri)
        return RedirectResponse(authorize(slug, client_id, request_uri, None), 303)
    except OAuthError:
        return _refuse(request, pages)


@router.post(AUTHORIZE)
def answer_authorization(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    slug: Segment,
    form: Annotated[Mapping[str, str], Depends(read_answer)],
) -> Response:
    """The holder has typed her code: on to the wallet, or once more."""
    authorize = application.wallet_issuing.authorize_wallet
    client_id, request_uri = form.get("client_id"), form.get("request_uri")
    tx_code = form.get("tx_code", "").strip() or None
    try:
        return RedirectResponse(authorize(slug, client_id, request_uri, tx_code), 303)
    except OAuthError:
        try:  # as long as there is a question, it is asked again
            question = authorize.find(slug, client_id, request_uri)
        except OAuthError:
            return _refuse(request, pages)
        return _show(request, pages, question, request_uri, status=400, wrong=True)

"""The page on which somebody asks for a credential and sees what was shown (OpenID4VP 1.0, SECURITY R-03, R-12).

A request belongs to the browser that made it: its session is a random value in a cookie that no script reads. On the
same device the wallet sends the person back here with a code, and only then is anything shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from skillcred.exchange.oid4vp.purposes import PURPOSES
from skillcred.services.create_presentation_request import ID_PLACEHOLDER, PresentationOrder
from skillcred.services.get_presentation_request import PresentationView
from skillcred.services.presentation_secrets import new_secret
from skillcred.services.purge_presentations import PAGE_RETENTION
from skillcred.web.api.identifiers import Segment
from skillcred.web.dependencies import ApplicationDep, limit_verifications
from skillcred.web.middleware.security_headers import LIVE_POLICY
from skillcred.web.pages.ask_view import build_ask_view
from skillcred.web.pages.cookies import get_cookie, read_own_form, set_cookie
from skillcred.web.pages.routes import PagesDep

ASK_PATH: Final = "/ask"
COOKIE: Final = "skillcred-ask"

router = APIRouter(include_in_schema=False)


@router.get(ASK_PATH)
def show_purposes(request: Request, pages: PagesDep) -> Response:
    """What can be asked for, and why."""
    return _render_form(request, pages, missing=False)


@router.post(ASK_PATH, dependencies=[Depends(limit_verifications)])
def ask(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    form: Annotated[Mapping[str, str], Depends(read_own_form)],
) -> Response:
    """Make the request, and go to its page."""
    purpose = form.get("purpose")
    if purpose not in PURPOSES:
        return _render_form(request, pages, missing=True)
    base_url = application.settings.base_url
    same_device = form.get("device") == "same"
    session = get_cookie(request, COOKIE) or new_secret()
    order = PresentationOrder(
        purpose=purpose,
        with_name="with_name" in form,
        redirect_uri=f"{base_url}{ASK_PATH}/{ID_PLACEHOLDER}" if same_device else None,
    )
    created = application.presenting.create_request(order, actor=None, session=session)
    response = _redirect(request, pages, created.request.id)
    kept = int(PAGE_RETENTION.total_seconds())
    set_cookie(request, response, COOKIE, session, seconds=kept, same_site="lax")
    return response


@router.get(ASK_PATH + "/{request_id}")
def show_request(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    request_id: Segment,
    response_code: Annotated[str | None, Query(max_length=128)] = None,
) -> Response:
    """Where the request stands. Who comes back from the wallet goes on to the same page, without the code in its
    address."""
    found = _find(request, application, request_id, response_code)
    if response_code is not None:
        return _redirect(request, pages, request_id)
    language = pages.language_of(request)
    view = build_ask_view(found, language)
    return pages.render(
        request,
        "ask_state.html",
        headers={"Content-Security-Policy": LIVE_POLICY},
        view=view,
        host=_host(request),
    )


@router.get(ASK_PATH + "/{request_id}/state")
def get_state(request: Request, application: ApplicationDep, request_id: Segment) -> Response:
    """The state alone, for the script of the page."""
    return JSONResponse({"state": _find(request, application, request_id, None).state.value})


def _find(
    request: Request, application: ApplicationDep, request_id: str, response_code: str | None
) -> PresentationView:
    return application.presenting.get_request(
        request_id, session=get_cookie(request, COOKIE), response_code=response_code
    )


def _render_form(request: Request, pages: PagesDep, *, missing: bool) -> Response:
    return pages.render(
        request,
        "ask.html",
        status=422 if missing else 200,
        purposes=tuple(PURPOSES.values()),
        missing=missing,
    )


def _redirect(request: Request, pages: PagesDep, request_id: str) -> RedirectResponse:
    return RedirectResponse(f"{ASK_PATH}/{request_id}{pages.suffix_of(request)}", 303)


def _host(request: Request) -> str:
    base_url: str = request.app.state.application.settings.base_url
    return base_url.partition("://")[2]

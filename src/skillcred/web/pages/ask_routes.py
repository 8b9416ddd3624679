"""The page on which somebody asks for a credential and sees what was shown (OpenID4VP 1.0, SECURITY R-03, R-12).

A request belongs to the browser that made it: its session is a random value in a cookie that no script reads. On the
same device the wallet sends the person back here with a code, and only then is anything shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from skillcred.errors import AuthorisationError
from skillcred.exchange.forms import parse_form
from skillcred.exchange.oid4vp.purposes import PURPOSES
from skillcred.services.create_presentation_request import ID_PLACEHOLDER, PresentationOrder
from skillcred.services.get_presentation_request import PresentationView
from skillcred.services.presentation_secrets import new_secret
from skillcred.services.purge_presentations import PAGE_RETENTION
from skillcred.web.api.identifiers import Segment
from skillcred.web.bodies import read_body
from skillcred.web.dependencies import ApplicationDep, limit_verifications
from skillcred.web.media_types import content_type_of
from skillcred.web.middleware.security_headers import PAGE_POLICY
from skillcred.web.oid4vci.authorization_server import FORM
from skillcred.web.pages.ask_view import build_ask_view
from skillcred.web.pages.routes import PagesDep

ASK_PATH: Final = "/ask"
ASK_POLICY: Final = PAGE_POLICY + "; connect-src 'self'"
"""The script of the page looks for the state."""
COOKIE: Final = "skillcred-ask"

router = APIRouter(include_in_schema=False)


async def read_ask_form(request: Request) -> Mapping[str, str]:
    """The form, from this page only: no other site may start a request in somebody's session."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise AuthorisationError("The form was sent from another site.")
    content_type_of(request, (FORM,))
    return parse_form(await read_body(request))


@router.get(ASK_PATH)
def show_purposes(request: Request, pages: PagesDep) -> Response:
    """What can be asked for, and why."""
    return _render_form(request, pages, missing=False)


@router.post(ASK_PATH, dependencies=[Depends(limit_verifications)])
def ask(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    form: Annotated[Mapping[str, str], Depends(read_ask_form)],
) -> Response:
    """Make the request, and go to its page."""
    purpose = form.get("purpose")
    if purpose not in PURPOSES:
        return _render_form(request, pages, missing=True)
    base_url = application.settings.base_url
    same_device = form.get("device") == "same"
    session = _session(request) or new_secret()
    order = PresentationOrder(
        purpose=purpose,
        with_name="with_name" in form,
        redirect_uri=f"{base_url}{ASK_PATH}/{ID_PLACEHOLDER}" if same_device else None,
    )
    created = application.presenting.create_request(order, actor=None, session=session)
    response = _redirect(request, created.request.id)
    response.set_cookie(
        _cookie_name(request),
        session,
        max_age=int(PAGE_RETENTION.total_seconds()),
        httponly=True,
        secure=_is_https(request),
        samesite="lax",
    )
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
        return _redirect(request, request_id)
    language = pages.language_of(request)
    view = build_ask_view(found, language)
    return pages.render(
        request,
        "ask_state.html",
        headers={"Content-Security-Policy": ASK_POLICY},
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
        request_id, session=_session(request), response_code=response_code
    )


def _render_form(request: Request, pages: PagesDep, *, missing: bool) -> Response:
    return pages.render(
        request,
        "ask.html",
        status=422 if missing else 200,
        purposes=tuple(PURPOSES.values()),
        missing=missing,
    )


def _redirect(request: Request, request_id: str) -> RedirectResponse:
    language = request.query_params.get("lang")
    suffix = f"?lang={language}" if language in {"ar", "en"} else ""
    return RedirectResponse(f"{ASK_PATH}/{request_id}{suffix}", 303)


def _session(request: Request) -> str | None:
    return request.cookies.get(_cookie_name(request))


def _cookie_name(request: Request) -> str:
    """With the prefix that browsers guard, where it can be had (RFC 6265bis section 4.1.3)."""
    return f"__Host-{COOKIE}" if _is_https(request) else COOKIE


def _is_https(request: Request) -> bool:
    base_url: str = request.app.state.application.settings.base_url
    return base_url.startswith("https://")


def _host(request: Request) -> str:
    base_url: str = request.app.state.application.settings.base_url
    return base_url.partition("://")[2]

"""Signing in on the pages with an API key, and out again (ADR 34).

The key is looked at once and then forgotten: what stays is a sealed cookie that stands for it, for an hour at most and
as long as the key is not revoked. Nobody is ever sent anywhere else than to our own pages (SECURITY W-27).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from skillcred.errors import AuthenticationError
from skillcred.services.page_sessions import SESSION_LIFETIME, PageSession, SignedOutError
from skillcred.services.presentation_secrets import new_secret
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.pages.cookies import get_cookie, read_own_form, remove_cookie, set_cookie
from skillcred.web.pages.routes import PagesDep
from skillcred.web.pages.staff import STAFF_COOKIE, TOKEN_FIELD, StaffDep, is_token, read_staff_form
from skillcred.web.rate_limit import RequestRateLimit

SIGN_IN_PATH: Final = "/sign-in"
SIGN_OUT_PATH: Final = "/sign-out"
HOME_PATH: Final = "/offers"
"""Where somebody gets who has signed in; there is no way to ask for another place."""
VISITOR_COOKIE: Final = "skillcred-visitor"
VISIT_SECONDS: Final = 3600
"""How long the form for signing in may lie open."""
SIGN_INS_PER_MINUTE: Final = 30
"""Attempts to sign in from one client address in a minute. Keys have 256 random bits: this saves work, not keys."""
KEY_FIELD: Final = "api_key"
WRONG_KEY: Final = "This key is not valid. It may be mistyped, or it was revoked."
STALE_FORM: Final = "The page was open for too long, or the browser keeps no cookies. Please try again."
_VISITOR = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

router = APIRouter(include_in_schema=False)


def limit_sign_ins(request: Request) -> None:
    """Count an attempt to sign in. Raises `RateLimitError`."""
    cast(RequestRateLimit, request.app.state.sign_in_rate_limit).check(request.scope)


def _find_staff(request: Request, application: ApplicationDep) -> PageSession | None:
    try:
        return application.page_sessions.find(get_cookie(request, STAFF_COOKIE))
    except SignedOutError:
        return None


def _visitor(request: Request) -> str | None:
    visitor = get_cookie(request, VISITOR_COOKIE) or ""
    return visitor if _VISITOR.fullmatch(visitor) else None


def _show_form(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    *,
    status: int = 200,
    fault: str | None = None,
) -> Response:
    visitor = _visitor(request) or new_secret()
    response = pages.render(
        request,
        "sign_in.html",
        status=status,
        headers={"WWW-Authenticate": "Bearer"} if status == 401 else None,
        fault=fault,
        form_token=application.page_sessions.build_visitor_token(visitor),
    )
    set_cookie(request, response, VISITOR_COOKIE, visitor, seconds=VISIT_SECONDS, same_site="strict")
    return response


@router.get(SIGN_IN_PATH)
def show_sign_in(request: Request, pages: PagesDep, application: ApplicationDep) -> Response:
    """The form for the key; for somebody who is signed in, who that is."""
    staff = _find_staff(request, application)
    if staff is None:
        return _show_form(request, pages, application)
    return pages.render(request, "signed_in.html", staff=staff)


@router.post(SIGN_IN_PATH, dependencies=[Depends(limit_sign_ins)])
def sign_in(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    form: Annotated[Mapping[str, str], Depends(read_own_form)],
) -> Response:
    """Begin a session, and end the one that was there. The key goes no further than this."""
    sessions, visitor = application.page_sessions, _visitor(request)
    if visitor is None or not is_token(form.get(TOKEN_FIELD, ""), sessions.build_visitor_token(visitor)):
        return _show_form(request, pages, application, status=403, fault=STALE_FORM)
    try:
        session, cookie = sessions.begin(form.get(KEY_FIELD, "").strip())
    except AuthenticationError:
        return _show_form(request, pages, application, status=401, fault=WRONG_KEY)
    before = _find_staff(request, application)
    if before is not None:
        sessions.end(before)
    request.state.api_key_id = session.actor.api_key_id
    request.state.organisation_id = session.actor.organisation.id
    response = RedirectResponse(HOME_PATH + pages.suffix_of(request), 303)
    seconds = int(SESSION_LIFETIME.total_seconds())
    set_cookie(request, response, STAFF_COOKIE, cookie, seconds=seconds, same_site="strict")
    remove_cookie(request, response, VISITOR_COOKIE)
    return response


@router.post(SIGN_OUT_PATH, dependencies=[Depends(read_staff_form)])
def sign_out(request: Request, pages: PagesDep, application: ApplicationDep, staff: StaffDep) -> Response:
    """End the session everywhere: the cookie is good for nothing, also if somebody has a copy."""
    application.page_sessions.end(staff)
    response = RedirectResponse(SIGN_IN_PATH + pages.suffix_of(request), 303)
    remove_cookie(request, response, STAFF_COOKIE)
    return response

"""Cookies of the pages: names, and forms that come from our own pages only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from fastapi import Request
from starlette.responses import Response

from skillcred.errors import AuthorisationError
from skillcred.exchange.forms import parse_form
from skillcred.web.bodies import read_body
from skillcred.web.media_types import content_type_of
from skillcred.web.oid4vci.authorization_server import FORM


def is_https(request: Request) -> bool:
    """Whether people reach this deployment by https. Told by the settings, not by the request (SECURITY W-23)."""
    base_url: str = request.app.state.application.settings.base_url
    return base_url.startswith("https://")


def cookie_name(request: Request, name: str) -> str:
    """With the prefix that browsers guard, where it can be had (RFC 6265bis section 4.1.3)."""
    return f"__Host-{name}" if is_https(request) else name


def get_cookie(request: Request, name: str) -> str | None:
    """What the browser has under that name."""
    return request.cookies.get(cookie_name(request, name))


def set_cookie(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    seconds: int,
    same_site: Literal["lax", "strict"],
) -> None:
    """Leave something with the browser that no script reads and that only goes back to us."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds,
        httponly=True,
        secure=is_https(request),
        samesite=same_site,
    )


def remove_cookie(request: Request, response: Response, name: str) -> None:
    """Have the browser forget what is under that name."""
    response.delete_cookie(
        cookie_name(request, name), httponly=True, secure=is_https(request), samesite="strict"
    )


def refuse_other_sites(request: Request) -> None:
    """No other site may send a form in somebody's session. Browsers say where a form comes from; `Origin` says nothing
    here, because pages that send no referrer send it as `null`. Raises `AuthorisationError`."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise AuthorisationError("The form was sent from another site.", code="form_from_elsewhere")


async def read_own_form(request: Request) -> Mapping[str, str]:
    """The form, from a page of ours only. Fields without a value count as left out.

    Raises `AuthorisationError`, `UnsupportedMediaTypeError`, `OAuthError`.
    """
    refuse_other_sites(request)
    content_type_of(request, (FORM,))
    return parse_form(await read_body(request))

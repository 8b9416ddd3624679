"""Who is signed in on the pages, and forms that only they can send (SECURITY W-15, W-16)."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from typing import Annotated, Final

from fastapi import Depends, Request

from skillcred.errors import AuthorisationError
from skillcred.services.page_sessions import PageSession
from skillcred.services.permissions import require_role
from skillcred.services.records import Role
from skillcred.web.bodies import read_body
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.media_types import MULTIPART_FORM, content_type_of
from skillcred.web.multipart import parse_form
from skillcred.web.pages.cookies import get_cookie, read_own_form, refuse_other_sites

STAFF_COOKIE: Final = "skillcred-staff"
TOKEN_FIELD: Final = "form_token"  # noqa: S105 - the name of a field


def get_staff(request: Request, application: ApplicationDep) -> PageSession:
    """Who is signed in. Raises `SignedOutError`."""
    session = application.page_sessions.find(get_cookie(request, STAFF_COOKIE))
    request.state.api_key_id = session.actor.api_key_id
    request.state.organisation_id = session.actor.organisation.id
    return session


StaffDep = Annotated[PageSession, Depends(get_staff)]


def require_provider(staff: StaffDep) -> None:
    """Nothing is shown to a key without the right, not even an empty form. Raises `AuthorisationError`."""
    require_role(staff.actor, Role.ISSUER)


def is_token(given: str, token: str) -> bool:
    """Whether a form brought along what it had to."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode("ascii"))


def _require_token(given: str, staff: PageSession) -> None:
    if not is_token(given, staff.form_token):
        raise AuthorisationError("The form does not belong to this session.", code="form_from_elsewhere")


async def read_staff_form(request: Request, staff: StaffDep) -> Mapping[str, str]:
    """A form of whoever is signed in. Raises `AuthorisationError` for one that was not given to this session."""
    form = await read_own_form(request)
    _require_token(form.get(TOKEN_FIELD, ""), staff)
    return form


StaffFormDep = Annotated[Mapping[str, str], Depends(read_staff_form)]


async def read_staff_parts(request: Request, staff: PageSession, fields: Collection[str]) -> dict[str, bytes]:
    """The same for a form with a file: its parts by name, each one of `fields`."""
    refuse_other_sites(request)
    _, header = content_type_of(request, (MULTIPART_FORM,))
    parts = dict(parse_form(await read_body(request), header, fields={*fields, TOKEN_FIELD}))
    _require_token(parts.get(TOKEN_FIELD, b"").decode("utf-8", "replace"), staff)
    return parts

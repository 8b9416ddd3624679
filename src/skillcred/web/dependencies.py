"""What routes ask for: the application, who is calling, and the parts of a request that several routes share."""

from __future__ import annotations

import re
from typing import Annotated, Final, cast

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from skillcred.bootstrap import Application
from skillcred.errors import AuthenticationError
from skillcred.model.datetimes import format_instant
from skillcred.services.records import Actor
from skillcred.web.rate_limit import RequestRateLimit

_SECRET = re.compile(r"[A-Za-z0-9_\-]{1,200}", re.ASCII)
IDEMPOTENCY_KEY_PATTERN: Final = r"^[\x21-\x7e]{1,255}$"
"""Printable ASCII without spaces, as in draft-ietf-httpapi-idempotency-key-header."""

_bearer = HTTPBearer(
    auto_error=False, scheme_name="apiKey", description="An API key of one organisation and role."
)


def get_application(request: Request) -> Application:
    """The application that this server was made for."""
    return cast(Application, request.app.state.application)


ApplicationDep = Annotated[Application, Depends(get_application)]


def get_actor(
    request: Request,
    application: ApplicationDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    """Who calls, by their API key. Raises `AuthenticationError`."""
    if credentials is None or not _SECRET.fullmatch(credentials.credentials):
        raise AuthenticationError("Send an API key as a bearer token.")
    actor = application.authenticate(credentials.credentials)
    request.state.api_key_id = actor.api_key_id
    request.state.organisation_id = actor.organisation.id
    return actor


ActorDep = Annotated[Actor, Depends(get_actor)]

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=IDEMPOTENCY_KEY_PATTERN,
        description="Chosen by the caller. The same key with the same body gives the same answer again; "
        "with another body it is refused.",
        examples=["2f1c7d0e-7a52-4a1e-9d5c-3f9d2b6f8f11"],
    ),
]


REGISTRY_UPDATED_HEADER: Final = "X-Registry-Updated-At"
"""Tells since when the copy of a registry that an answer comes from was not brought up to date, at the longest."""


def tell_registry_age(application: ApplicationDep, response: Response) -> None:
    """Say how old the copy is where this deployment answers from one. A route that makes its own response takes the
    headers over. Raises `UnavailableError` for a copy that cannot be used."""
    copy = application.get_registry_age()
    if copy is not None:
        response.headers[REGISTRY_UPDATED_HEADER] = format_instant(copy.updated_at)


def limit_resolutions(request: Request) -> None:
    """Count a DID that is to be resolved, which may mean fetching. Raises `RateLimitError`."""
    cast(RequestRateLimit, request.app.state.resolution_rate_limit).check(request.scope)


def limit_verifications(request: Request) -> None:
    """Count a public verification. Raises `RateLimitError`."""
    cast(RequestRateLimit, request.app.state.verification_rate_limit).check(request.scope)

"""Somebody asks for a presentation: an organisation by the API, or whoever is at the page, in a session."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar
from urllib.parse import urlsplit

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import AuthorisationError, InputError, LimitError
from skillcred.exchange.encryption import DecryptionKey
from skillcred.exchange.oid4vp.client_ids import ClientIdPrefix
from skillcred.exchange.oid4vp.dcql import DcqlQuery, PresentationFormat, check_supported, parse_dcql_query
from skillcred.exchange.oid4vp.purposes import build_purpose_query, get_purpose
from skillcred.exchange.oid4vp.requests import ResponseMode
from skillcred.services.identities import new_id
from skillcred.services.permissions import is_operator, require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.presentation_clients import VerifierClients
from skillcred.services.presentation_messages import PresentationMessages
from skillcred.services.presentation_records import (
    PresentationRequest,
    PresentationState,
    RequestMethod,
)
from skillcred.services.presentation_secrets import digest_secret
from skillcred.services.records import Actor, AuditEntry, Organisation, Role
from skillcred.services.transactions import in_transaction

RANDOM_BYTES: Final = 32
"""Random bytes of each of the values that nobody may guess (SECURITY R-04)."""
HANDLE_BYTES: Final = 16
"""Random bytes of a handle: 128 bits, and the link fits into a QR code that phones read."""
DEFAULT_LIFETIME: Final = timedelta(minutes=2)
"""How long a wallet has to fetch a request (SECURITY R-12)."""
LIFETIME_SECONDS: Final = (30, 600)
"""Shortest and longest time that somebody may set, in seconds."""
MAX_OPEN_OF_ORGANISATION: Final = 200
MAX_OPEN_OF_PAGE: Final = 1000
"""Most requests that are open at once, of one organisation and of all sessions (SECURITY R-13)."""
ID_PLACEHOLDER: Final = "{id}"
"""What stands in a `redirect_uri` for the id of the request, which is known only when it is made."""
MAX_REDIRECT_URI: Final = 2048
"""Longest address that a person is sent on to, in characters."""
_Choice = TypeVar("_Choice", ClientIdPrefix, ResponseMode, RequestMethod)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class PresentationOrder:
    """What to ask for, and how. Either a `purpose`, or a `query` in DCQL, which only the operator may write.

    `redirect_uri` is where the wallet sends the person afterwards, on the same device (`{id}` in it becomes the id of
    the request); only who comes back from there gets the result. `lifetime_seconds` is how long a wallet has to fetch
    the request.
    """

    purpose: str | None = None
    with_name: bool = False
    formats: Sequence[str] | None = None
    query: JsonObject | None = None
    client_id_prefix: str | None = None
    response_mode: str = ResponseMode.DIRECT_POST_JWT.value
    request_method: str = RequestMethod.GET.value
    redirect_uri: str | None = None
    lifetime_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class CreatedPresentationRequest:
    """A request, and the link that opens a wallet with it."""

    request: PresentationRequest
    link: str


@dataclass(frozen=True, slots=True)
class CreatePresentationRequest:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    clients: VerifierClients
    messages: PresentationMessages

    def __call__(
        self, order: PresentationOrder, *, actor: Actor | None, session: str | None = None
    ) -> CreatedPresentationRequest:
        """Record a request of `actor`, or of the browser session with the secret `session`.

        Raises `AuthorisationError`, `InputError` (`unknown_purpose`, `unknown_client_id_prefix`,
        `client_id_not_possible`, `invalid_redirect_uri`, `invalid_lifetime`, …), `DcqlError`, `LimitError`
        (`too_many_open_requests`).
        """
        if (actor is None) == (session is None):
            raise AuthorisationError("A request belongs to an organisation or to a session.")
        if actor is not None and not is_operator(actor):
            require_role(actor, Role.VERIFIER)
        query = _query(order, actor)
        prefix = _choice(ClientIdPrefix, order.client_id_prefix, "client_id_prefix")
        mode = _choice(ResponseMode, order.response_mode, "response_mode") or ResponseMode.DIRECT_POST_JWT
        method = _choice(RequestMethod, order.request_method, "request_method") or RequestMethod.GET
        unsigned = prefix is ClientIdPrefix.REDIRECT_URI
        if unsigned != (method is RequestMethod.VALUE):
            raise InputError(
                "Requests under redirect_uri stand in the link, and no others do.",
                code="request_method_not_possible",
                pointer="/request_method",
            )
        organisation = None if actor is None else actor.organisation
        handle = _random(HANDLE_BYTES)
        client_id = self.clients.choose(prefix, organisation, self.messages.response_uri(handle))
        request_id = new_id()
        now = self.clock.now()
        key = DecryptionKey.generate(handle) if mode.is_encrypted else None
        request = PresentationRequest(
            id=request_id,
            handle=handle,
            nonce=_random(RANDOM_BYTES),
            oauth_state=_random(RANDOM_BYTES),
            client_id=client_id.text,
            response_mode=mode,
            request_method=method,
            query=encode_jcs(query.build()).decode("utf-8"),
            purpose=order.purpose,
            state=PresentationState.CREATED,
            created_at=now,
            expires_at=now + _lifetime(order),
            organisation_id=None if organisation is None else organisation.id,
            session_sha256=None if session is None else digest_secret(session),
            redirect_uri=_redirect_uri(order.redirect_uri, request_id),
            encryption_key=None if key is None else self.messages.seal_key(key, request_id),
        )

        def work(unit: UnitOfWork) -> None:
            _check_quota(unit, organisation, request)
            unit.presentations.add(request)
            if actor is not None:
                unit.audit.add(
                    AuditEntry(
                        now,
                        actor.api_key_id,
                        actor.organisation.id,
                        "create_presentation_request",
                        request.id,
                    )
                )

        in_transaction(self.units, work)
        return CreatedPresentationRequest(request, self.messages.link(request))


def _query(order: PresentationOrder, actor: Actor | None) -> DcqlQuery:
    """Free queries could ask for anything, so that they are the operator's (SECURITY PR-08)."""
    if (order.purpose is None) == (order.query is None):
        raise InputError("Say a purpose or a query.", code="purpose_missing", pointer="/purpose")
    if order.query is not None:
        if actor is None or not is_operator(actor):
            raise AuthorisationError("Only the operator may ask for something else than the purposes need.")
        query = parse_dcql_query(order.query)
        check_supported(query)
        return query
    formats = tuple(PresentationFormat) if order.formats is None else tuple(map(_format, order.formats))
    return build_purpose_query(get_purpose(order.purpose or ""), with_name=order.with_name, formats=formats)


def _format(name: str) -> PresentationFormat:
    try:
        return PresentationFormat(name)
    except ValueError as error:
        raise InputError(
            "Presentations in this format are not verified here.",
            code="unsupported_format",
            pointer="/formats",
        ) from error


def _choice(kind: type[_Choice], value: str | None, name: str) -> _Choice | None:
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError as error:
        raise InputError("There is no such value.", code=f"unknown_{name}", pointer=f"/{name}") from error


def _lifetime(order: PresentationOrder) -> timedelta:
    if order.lifetime_seconds is None:
        return DEFAULT_LIFETIME
    shortest, longest = LIFETIME_SECONDS
    if not shortest <= order.lifetime_seconds <= longest:
        raise InputError(
            f"A request lives {shortest} to {longest} seconds.",
            code="invalid_lifetime",
            pointer="/lifetime_seconds",
        )
    return timedelta(seconds=order.lifetime_seconds)


def _redirect_uri(value: str | None, request_id: str) -> str | None:
    """https, or http on the own machine; without user and fragment, so that nothing is sent where it is not seen."""
    if value is None:
        return None
    value = value.replace(ID_PLACEHOLDER, request_id)
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
        parts = urlsplit("")
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    plain = value.isascii() and value.isprintable() and " " not in value and len(value) <= MAX_REDIRECT_URI
    if not host or not secure or not plain or parts.fragment or parts.username or parts.password:
        raise InputError(
            "The address to go on to is an https URL without user and fragment.",
            code="invalid_redirect_uri",
            pointer="/redirect_uri",
        )
    return value


def _check_quota(unit: UnitOfWork, organisation: Organisation | None, request: PresentationRequest) -> None:
    limit = MAX_OPEN_OF_PAGE if organisation is None else MAX_OPEN_OF_ORGANISATION
    if unit.presentations.count_open(request.organisation_id, at=request.created_at) >= limit:
        raise LimitError("Too many requests are waiting for an answer.", code="too_many_open_requests")


def _random(count: int) -> str:
    return encode_base64url(secrets.token_bytes(count))

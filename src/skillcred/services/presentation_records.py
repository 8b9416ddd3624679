"""Requests for presentations as the services remember them. Frozen; instants are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from skillcred.exchange.oid4vp.requests import ResponseMode


class PresentationState(StrEnum):
    """Where a request stands. It is answered once, whatever the answer is; the last five are ends."""

    CREATED = "created"
    FETCHED = "fetched"
    ANSWERED = "answered"
    VERIFIED = "verified"
    REFUSED = "refused"
    DECLINED = "declined"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether a wallet may still answer."""
        return self in OPEN_STATES

    @property
    def is_end(self) -> bool:
        """Whether nothing more happens."""
        return self not in OPEN_STATES and self is not PresentationState.ANSWERED


NOT_VERIFIED_IN_TIME: Final = "not_verified_in_time"
"""The reason of a request whose answer was forgotten before anybody could verify it."""
OPEN_STATES: Final = (PresentationState.CREATED, PresentationState.FETCHED)


class RequestMethod(StrEnum):
    """How the wallet gets the request: fetched by GET or POST, or in the link itself, which is never signed."""

    GET = "get"
    POST = "post"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class PresentationRequest:
    """A request for a presentation.

    Five random values that are never used for each other (SECURITY R-04): `id` is what whoever asks knows it by,
    `handle` stands in the addresses for the wallet, `nonce` and `oauth_state` in the request; the response code and the
    secret of the browser session are kept as SHA-256 only. `organisation_id` is `None` for a request from the page,
    which belongs to a session. `query` is DCQL as JSON text. `encryption_key` and `presentation` are sealed; both are
    gone at the end. `result` is JSON: the report on what was presented. `reason` is a stable code. Where the wallet
    sends the person on to `redirect_uri`, the result is given out only after that, which `confirmed_at` tells.
    """

    id: str
    handle: str
    nonce: str
    oauth_state: str
    client_id: str
    response_mode: ResponseMode
    request_method: RequestMethod
    query: str
    purpose: str | None
    state: PresentationState
    created_at: datetime
    expires_at: datetime
    organisation_id: str | None = None
    session_sha256: str | None = None
    redirect_uri: str | None = None
    encryption_key: bytes | None = None
    fetched_at: datetime | None = None
    answered_at: datetime | None = None
    lease_until: datetime | None = None
    presentation: bytes | None = None
    response_code_sha256: str | None = None
    confirmed_at: datetime | None = None
    result: bytes | None = None
    reason: str | None = None

    def state_at(self, at: datetime) -> PresentationState:
        """The state as of `at`: an open request ends when its time is over, whether or not anybody has noted it."""
        return PresentationState.EXPIRED if self.state.is_open and at >= self.expires_at else self.state

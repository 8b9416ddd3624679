"""A wallet answers a request at the response URI (OID4VP 1.0 section 8; SECURITY R-01 to R-10).

An answer that is not one (malformed, in the clear, with another state) changes nothing. The first that is one is
the only one: it is recorded before it is verified, and every other is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit, urlunsplit

from skillcred.exchange.oid4vp.errors import AuthorizationResponseError
from skillcred.exchange.oid4vp.presented import encode_presentation
from skillcred.exchange.oid4vp.responses import (
    VpToken,
    WalletError,
    check_answers_query,
    open_response,
    parse_posted_response,
)
from skillcred.services.finish_presentation import LEASE, FinishPresentation
from skillcred.services.ports import Clock, CrashPoint, UnitOfWork, UnitOfWorkFactory
from skillcred.services.presentation_messages import PresentationMessages, read_query
from skillcred.services.presentation_records import OPEN_STATES, PresentationRequest, PresentationState
from skillcred.services.presentation_secrets import digest_secret, new_secret
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class ReceivedPresentation:
    """What the wallet is told: where to send the person on this device, if anywhere."""

    redirect_uri: str | None


@dataclass(frozen=True, slots=True)
class ReceivePresentation:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    messages: PresentationMessages
    finish: FinishPresentation
    crash_point: CrashPoint

    def __call__(self, handle: str, body: bytes) -> ReceivedPresentation:
        """Take the answer in `body`, a form.

        Raises `AuthorizationResponseError`, `UnavailableError`. An answer whose presentations are not good, or are not
        what was asked for, is refused as well, and ends the request; its `reason` stands in the record.
        """
        posted = parse_posted_response(body)
        with self.units(writes=False) as unit:
            request = unit.presentations.find_by_handle(handle)
        if request is None:
            raise AuthorizationResponseError("There is no such request.", reason="request_unknown")
        self._check_open(request)
        answer = open_response(
            posted,
            encrypted=request.response_mode.is_encrypted,
            key=self.messages.find_key(request),
            state=request.oauth_state,
        )
        code = None if request.redirect_uri is None else new_secret()
        if isinstance(answer, WalletError):
            self._decline(request, answer, code)
        else:
            self._verify(request, answer, code)
        return ReceivedPresentation(_redirect(request.redirect_uri, code))

    def _check_open(self, request: PresentationRequest) -> None:
        state = request.state_at(self.clock.now())
        if state is PresentationState.EXPIRED:
            raise AuthorizationResponseError("The time of the request is over.", reason="request_expired")
        if not state.is_open:
            raise _answered()

    def _decline(self, request: PresentationRequest, error: WalletError, code: str | None) -> None:
        declined = replace(
            request,
            state=PresentationState.DECLINED,
            answered_at=self.clock.now(),
            encryption_key=None,
            response_code_sha256=None if code is None else digest_secret(code),
            reason=error.code,
        )
        if not in_transaction(
            self.units, lambda unit: unit.presentations.replace(declined, expected=OPEN_STATES)
        ):
            raise _answered()

    def _verify(self, request: PresentationRequest, token: VpToken, code: str | None) -> None:
        query = read_query(request)
        check_answers_query(token, query)
        for each in query.credentials:
            for presentation in token.presentations.get(each.id, ()):
                encode_presentation(each, presentation)
        now = self.clock.now()
        answered = replace(
            request,
            state=PresentationState.ANSWERED,
            answered_at=now,
            encryption_key=None,
            lease_until=now + LEASE,
            presentation=self.finish.seal(token, request.id),
        )

        def claim(unit: UnitOfWork) -> bool:
            stored = unit.presentations.find(request.id)
            if stored is None or not stored.state_at(now).is_open:
                return False
            return unit.presentations.replace(answered, expected=OPEN_STATES)

        if not in_transaction(self.units, claim):
            raise _answered()
        self.crash_point("after-presentation-claim")
        ended = self.finish(answered, response_code_sha256=None if code is None else digest_secret(code))
        if ended.state is not PresentationState.VERIFIED:
            raise AuthorizationResponseError(
                "The presentations are not good, or not what was asked for.", reason=ended.reason or "refused"
            )


def _answered() -> AuthorizationResponseError:
    return AuthorizationResponseError("The request was answered already.", reason="request_answered")


def _redirect(redirect_uri: str | None, code: str | None) -> str | None:
    """The address to go on to, with the code that only who goes there knows (section 8.2)."""
    if redirect_uri is None or code is None:
        return None
    parts = urlsplit(redirect_uri)
    parameter = urlencode({"response_code": code})
    return urlunsplit(parts._replace(query=f"{parts.query}&{parameter}" if parts.query else parameter))

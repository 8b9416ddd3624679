"""Whoever asked looks where the request stands, and what came of it (SECURITY R-03)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import NotFoundError
from skillcred.services.finish_presentation import MAX_STORED_BYTES, FinishPresentation
from skillcred.services.permissions import is_operator, require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.presentation_messages import PresentationMessages
from skillcred.services.presentation_records import PresentationRequest, PresentationState
from skillcred.services.presentation_secrets import is_secret
from skillcred.services.records import Actor, Role
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class PresentationView:
    """A request as of now. `link` opens a wallet, while one may answer. `result` is there at the end, but where the
    person has to come back first (`awaits_return`)."""

    request: PresentationRequest
    state: PresentationState
    link: str | None
    result: JsonObject | None
    awaits_return: bool


@dataclass(frozen=True, slots=True)
class GetPresentationRequest:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    messages: PresentationMessages
    finish: FinishPresentation

    def __call__(
        self,
        request_id: str,
        *,
        actor: Actor | None = None,
        session: str | None = None,
        response_code: str | None = None,
    ) -> PresentationView:
        """A request of `actor`'s organisation, or of the session with the secret `session`. `response_code` is what the
        person came back with; it is good once, and only where the request was made.

        Raises `AuthorisationError`, `NotFoundError` also for what belongs to somebody else and for a wrong code.
        """
        with self.units(writes=False) as unit:
            request = unit.presentations.find(request_id)
        if request is None or not _is_theirs(request, actor, session):
            raise NotFoundError("There is no such request.")
        request = self._finish_what_was_left(request)
        if response_code is not None:
            request = self._confirm(request, response_code)
        state = request.state_at(self.clock.now())
        awaits = request.redirect_uri is not None and request.confirmed_at is None
        result = None
        if request.result is not None and not awaits:
            result = parse_json_object(request.result, max_bytes=MAX_STORED_BYTES)
        link = self.messages.link(request) if state.is_open else None
        return PresentationView(request, state, link, result, awaits and state.is_end)

    def _finish_what_was_left(self, request: PresentationRequest) -> PresentationRequest:
        """An answer that some process took and did not finish."""
        lease = request.lease_until
        left = lease is not None and lease <= self.clock.now()
        if request.state is PresentationState.ANSWERED and request.presentation is not None and left:
            return self.finish(request)
        return request

    def _confirm(self, request: PresentationRequest, response_code: str) -> PresentationRequest:
        if not is_secret(response_code, request.response_code_sha256):
            raise NotFoundError("There is no such request.")
        confirmed = replace(request, confirmed_at=self.clock.now(), response_code_sha256=None)

        def work(unit: UnitOfWork) -> bool:
            stored = unit.presentations.find(request.id)
            unused = stored is not None and stored.response_code_sha256 == request.response_code_sha256
            return unused and unit.presentations.replace(confirmed, expected=[request.state])

        if not in_transaction(self.units, work):
            raise NotFoundError("There is no such request.")
        return confirmed


def _is_theirs(request: PresentationRequest, actor: Actor | None, session: str | None) -> bool:
    if actor is not None:
        if not is_operator(actor):
            require_role(actor, Role.VERIFIER)
        return request.organisation_id == actor.organisation.id
    return request.organisation_id is None and is_secret(session, request.session_sha256)

"""Requests for presentations, and what came of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import case, func, or_, select, update

from skillcred.adapters.db.presentation_rows import PresentationRequestRow as Row
from skillcred.adapters.db.statements import Statements
from skillcred.exchange.oid4vp.requests import ResponseMode
from skillcred.services.ports import Hold
from skillcred.services.presentation_records import (
    NOT_VERIFIED_IN_TIME,
    OPEN_STATES,
    PresentationRequest,
    PresentationState,
    RequestMethod,
)

_CHANGING: Final = (
    "expires_at",
    "encryption_key",
    "fetched_at",
    "answered_at",
    "lease_until",
    "presentation",
    "response_code_sha256",
    "confirmed_at",
    "result",
    "reason",
)
_OPEN: Final = [state.value for state in OPEN_STATES]


class SqlPresentationRepository:
    """`PresentationRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, request: PresentationRequest) -> None:
        """Record. Raises `ConflictError` (`presentation_request_taken`)."""
        values = asdict(request) | {
            "response_mode": request.response_mode.value,
            "request_method": request.request_method.value,
            "state": request.state.value,
        }
        self._statements.insert(Row(**values), taken="presentation_request_taken")

    def find(self, request_id: str, *, hold: Hold | None = None) -> PresentationRequest | None:
        """The request with that id."""
        row = self._statements.find(select(Row).where(Row.id == request_id), hold=hold)
        return None if row is None else _request(row)

    def find_by_handle(self, handle: str, *, hold: Hold | None = None) -> PresentationRequest | None:
        """The request whose addresses hold `handle`."""
        row = self._statements.find(select(Row).where(Row.handle == handle), hold=hold)
        return None if row is None else _request(row)

    def replace(self, request: PresentationRequest, *, expected: Collection[PresentationState]) -> bool:
        """Write what may change, if the stored state is one of `expected`: the database decides who was first."""
        values = {name: getattr(request, name) for name in _CHANGING} | {"state": request.state.value}
        statement = (
            update(Row)
            .where(Row.id == request.id, Row.state.in_([state.value for state in expected]))
            .values(values)
        )
        return self._statements.change(statement) == 1

    def count_open(self, organisation_id: str | None, *, at: datetime) -> int:
        """How many requests of an organisation, or of the page, wallets may still answer."""
        query = (
            select(func.count())
            .select_from(Row)
            .where(Row.organisation_id.is_not_distinct_from(organisation_id), Row.state.in_(_OPEN))
            .where(Row.expires_at > at)
        )
        [(count,)] = self._statements.list_tuples(query)
        return int(count)

    def list_unfinished(self, *, lease_before: datetime, count: int) -> list[PresentationRequest]:
        """Answered requests on which nobody works, oldest first."""
        query = (
            select(Row)
            .where(
                Row.state == PresentationState.ANSWERED.value,
                or_(Row.lease_until.is_(None), Row.lease_until <= lease_before),
            )
            .order_by(Row.position)
            .limit(count)
        )
        return [_request(row) for row in self._statements.list_all(query)]

    def expire(self, *, at: datetime) -> int:
        """End the open requests whose time is over, and forget their keys."""
        statement = (
            update(Row)
            .where(Row.state.in_(_OPEN), Row.expires_at <= at)
            .values(state=PresentationState.EXPIRED.value, encryption_key=None)
        )
        return self._statements.change(statement)

    def forget_presentations(self, *, answered_before: datetime) -> int:
        """Forget what was presented, and the keys. An answer that was never verified is then refused."""
        unfinished = Row.state == PresentationState.ANSWERED.value
        statement = (
            update(Row)
            .where(
                Row.answered_at < answered_before,
                or_(Row.presentation.is_not(None), Row.encryption_key.is_not(None)),
            )
            .values(
                presentation=None,
                encryption_key=None,
                state=case((unfinished, PresentationState.REFUSED.value), else_=Row.state),
                reason=case((unfinished, NOT_VERIFIED_IN_TIME), else_=Row.reason),
            )
        )
        return self._statements.change(statement)

    def remove(self, request_id: str) -> bool:
        """Delete a request, with its result."""
        return self._statements.remove(Row, Row.id == request_id) == 1

    def remove_unowned(self, *, created_before: datetime) -> int:
        """Delete requests from the page, with their results."""
        return self._statements.remove(Row, Row.organisation_id.is_(None), Row.created_at < created_before)


def _request(row: Row) -> PresentationRequest:
    return PresentationRequest(
        id=row.id,
        handle=row.handle,
        nonce=row.nonce,
        oauth_state=row.oauth_state,
        client_id=row.client_id,
        response_mode=ResponseMode(row.response_mode),
        request_method=RequestMethod(row.request_method),
        query=row.query,
        purpose=row.purpose,
        state=PresentationState(row.state),
        created_at=row.created_at,
        expires_at=row.expires_at,
        organisation_id=row.organisation_id,
        session_sha256=row.session_sha256,
        redirect_uri=row.redirect_uri,
        encryption_key=row.encryption_key,
        fetched_at=row.fetched_at,
        answered_at=row.answered_at,
        lease_until=row.lease_until,
        presentation=row.presentation,
        response_code_sha256=row.response_code_sha256,
        confirmed_at=row.confirmed_at,
        result=row.result,
        reason=row.reason,
    )

"""The fake of the storage of requests for presentations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from skillcred.errors import ConflictError
from skillcred.services.ports import Hold
from skillcred.services.presentation_records import (
    NOT_VERIFIED_IN_TIME,
    PresentationRequest,
    PresentationState,
)

if TYPE_CHECKING:
    from worlds.in_memory import State

FIXED = ("id", "handle", "nonce", "oauth_state", "client_id", "response_mode", "request_method", "query")
FIXED += ("purpose", "created_at", "organisation_id", "session_sha256", "redirect_uri")


class InMemoryPresentationRepository:
    def __init__(self, state: State) -> None:
        self._all = state.presentation_requests

    def add(self, request: PresentationRequest) -> None:
        if request.id in self._all or self.find_by_handle(request.handle):
            raise ConflictError("Taken.", code="presentation_request_taken")
        self._all[request.id] = request

    def find(self, request_id: str, *, hold: Hold | None = None) -> PresentationRequest | None:
        return self._all.get(request_id)

    def find_by_handle(self, handle: str, *, hold: Hold | None = None) -> PresentationRequest | None:
        return next((each for each in self._all.values() if each.handle == handle), None)

    def replace(self, request: PresentationRequest, *, expected: Collection[PresentationState]) -> bool:
        stored = self._all.get(request.id)
        if stored is None or stored.state not in expected:
            return False
        self._all[request.id] = replace(request, **{name: getattr(stored, name) for name in FIXED})
        return True

    def count_open(self, organisation_id: str | None, *, at: datetime) -> int:
        return sum(
            each.organisation_id == organisation_id and each.state_at(at).is_open
            for each in self._all.values()
        )

    def list_unfinished(self, *, lease_before: datetime, count: int) -> list[PresentationRequest]:
        found = [
            each
            for each in self._all.values()
            if each.state is PresentationState.ANSWERED
            and (each.lease_until is None or each.lease_until <= lease_before)
        ]
        return found[:count]

    def expire(self, *, at: datetime) -> int:
        over = [each for each in self._all.values() if each.state.is_open and each.expires_at <= at]
        for each in over:
            self._all[each.id] = replace(each, state=PresentationState.EXPIRED, encryption_key=None)
        return len(over)

    def forget_presentations(self, *, answered_before: datetime) -> int:
        found = [
            each
            for each in self._all.values()
            if each.answered_at is not None
            and each.answered_at < answered_before
            and (each.presentation is not None or each.encryption_key is not None)
        ]
        for each in found:
            kept = replace(each, presentation=None, encryption_key=None)
            if each.state is PresentationState.ANSWERED:
                kept = replace(kept, state=PresentationState.REFUSED, reason=NOT_VERIFIED_IN_TIME)
            self._all[each.id] = kept
        return len(found)

    def remove(self, request_id: str) -> bool:
        return self._all.pop(request_id, None) is not None

    def remove_unowned(self, *, created_before: datetime) -> int:
        found = [
            each.id
            for each in self._all.values()
            if each.organisation_id is None and each.created_at < created_before
        ]
        for request_id in found:
            del self._all[request_id]
        return len(found)

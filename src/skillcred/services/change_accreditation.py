"""A body suspends, reinstates, ends or withdraws an accreditation that it gave, or says who follows the provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.identifiers.did import DidError, split_did
from skillcred.services.identities import new_id
from skillcred.services.names import check_name
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import (
    AccreditationEvent,
    AccreditationEventKind,
    Actor,
    AuditEntry,
    Role,
)
from skillcred.services.transactions import in_transaction
from skillcred.trust import Succession
from skillcred.trust.records import SUCCESSIONS

MAX_REASON_CHARACTERS: Final = 1000

_SUSPENDED = AccreditationEventKind.SUSPENDED
_REINSTATED = AccreditationEventKind.REINSTATED
_ENDED = AccreditationEventKind.ENDED
_WITHDRAWN = AccreditationEventKind.WITHDRAWN
_SUCCEEDED = AccreditationEventKind.SUCCEEDED
_ALLOWED_AFTER: Final = {
    None: {_SUSPENDED, _ENDED, _WITHDRAWN, _SUCCEEDED},
    _SUSPENDED: {_REINSTATED, _ENDED, _WITHDRAWN, _SUCCEEDED},
    _REINSTATED: {_SUSPENDED, _ENDED, _WITHDRAWN, _SUCCEEDED},
    _ENDED: {_WITHDRAWN},
    _SUCCEEDED: {_WITHDRAWN},
    _WITHDRAWN: frozenset[AccreditationEventKind](),
}
"""What may follow what; None is an accreditation to which nothing has happened. What has ended may still be withdrawn:
fraud can come to light afterwards. Nothing follows a withdrawal."""


@dataclass(frozen=True, slots=True)
class ChangeAccreditation:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(
        self,
        actor: Actor,
        accreditation_id: str,
        *,
        kind: AccreditationEventKind | str,
        effective_at: datetime,
        reason: str,
        successor: Succession | None = None,
    ) -> AccreditationEvent:
        """Record what happened, effective from `effective_at`.

        Only a withdrawal may take effect before an earlier event, because it says that the accreditation
        should never have been relied on from then. `successor` goes with `succeeded` and with nothing else.

        Raises `AuthorisationError`, `NotFoundError` also for
        another body's accreditation, `InputError`, `ConflictError` (`accreditation_final`,
        `accreditation_state`, `event_out_of_order`).
        """
        require_role(actor, Role.BODY_ADMIN)
        event_kind = _kind(kind)
        check_successor(event_kind, successor)
        if effective_at.tzinfo is None:
            raise InputError("The instant needs an offset.", code="invalid_datetime", pointer="/effective_at")
        if not 1 <= len(reason.strip()) <= MAX_REASON_CHARACTERS or not reason.isprintable():
            raise InputError(
                f"A reason has 1 to {MAX_REASON_CHARACTERS} printable characters.",
                code="invalid_reason",
                pointer="/reason",
            )

        def work(unit: UnitOfWork) -> AccreditationEvent:
            accreditation = unit.registry.get_accreditation(accreditation_id, hold=Hold.EXCLUSIVE)
            if accreditation.body_did != actor.organisation.did:
                raise NotFoundError("There is no such accreditation.")
            if effective_at < accreditation.valid_from:
                raise InputError(
                    "An accreditation cannot change before it begins.",
                    code="effective_before_accreditation",
                    pointer="/effective_at",
                )
            _check_transition(unit.registry.list_events(accreditation_id), event_kind, effective_at)
            now = self.clock.now()
            event = AccreditationEvent(
                id=new_id(),
                accreditation_id=accreditation_id,
                kind=event_kind,
                effective_at=effective_at.astimezone(UTC),
                recorded_at=now,
                reason=reason.strip(),
                recorded_by=actor.api_key_id,
                successor=successor,
            )
            unit.registry.add_event(event)
            unit.audit.add(
                AuditEntry(
                    now,
                    actor.api_key_id,
                    actor.organisation.id,
                    f"accreditation_{event_kind.value}",
                    accreditation_id,
                )
            )
            return event

        return in_transaction(self.units, work)


def check_successor(kind: AccreditationEventKind, successor: Succession | None) -> None:
    """Raises `InputError` (`invalid_successor`) unless a succession, and nothing else, says who follows."""
    if (successor is not None) != (kind is _SUCCEEDED):
        raise InputError(
            "Who follows is told with a succession, and only then.",
            code="invalid_successor",
            pointer="/successor",
        )
    if successor is None:
        return
    if successor.kind not in SUCCESSIONS:
        raise InputError("There is no such succession.", code="invalid_successor", pointer="/successor/kind")
    check_name(successor.name, pointer="/successor/name")
    if successor.did is not None:
        try:
            split_did(successor.did)
        except DidError as error:
            raise InputError(
                "The successor's DID is not one.", code="invalid_successor", pointer="/successor/did"
            ) from error


def _kind(kind: AccreditationEventKind | str) -> AccreditationEventKind:
    try:
        return AccreditationEventKind(kind)
    except ValueError as error:
        raise InputError("There is no such change.", code="unknown_event_kind", pointer="/kind") from error


def _check_transition(
    events: list[AccreditationEvent], kind: AccreditationEventKind, effective_at: datetime
) -> None:
    last = events[-1] if events else None
    allowed = _ALLOWED_AFTER[last.kind if last else None]
    over = last is not None and last.kind in (_ENDED, _SUCCEEDED, _WITHDRAWN)
    if over and kind not in allowed:
        raise ConflictError("The accreditation is over for good.", code="accreditation_final")
    if kind not in allowed:
        raise ConflictError("The accreditation is not in a state for that.", code="accreditation_state")
    if last is not None and kind is not _WITHDRAWN and effective_at < last.effective_at:
        raise ConflictError(
            "The change would take effect before the one recorded last.", code="event_out_of_order"
        )

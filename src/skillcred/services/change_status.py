"""An issuer revokes or suspends a credential, or lifts a suspension; the operator does so with advice that it signed.
Revoked is for good (SECURITY S-15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.batch_records import ItemOutcome
from skillcred.services.permissions import is_operator, require_role
from skillcred.services.ports import Clock, CrashPoint, UnitOfWork, UnitOfWorkFactory
from skillcred.services.record_status import (
    StatusChange,
    check_effective,
    check_reason,
    parse_kind,
    record_changes,
)
from skillcred.services.records import Actor, AuditEntry, Role, StatusEvent, StatusEventKind, StatusSlot
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class ChangeStatus:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    crash_point: CrashPoint

    def __call__(
        self,
        actor: Actor,
        credential_id: str,
        *,
        kind: StatusEventKind | str,
        reason: str,
        effective_at: datetime | None = None,
    ) -> StatusEvent:
        """Record what happened to a credential that the actor's organisation issued; the operator issues advice on
        recognition. Authorities annul their decisions instead, and accreditations have a state of their own.

        `effective_at` is now unless given; before now, the event is retroactive: the credential should not have
        been relied on from then. A revocation takes the renewals of the credential with it. Repeating what already
        holds gives the event that says so. Raises `AuthorisationError`, `NotFoundError` also for another
        organisation's credential or one without a status, `InputError`, `ConflictError` (`status_final`,
        `status_unchanged`).
        """
        if not is_operator(actor):
            require_role(actor, Role.ISSUER)
        event_kind = parse_kind(kind)
        text = check_reason(reason)

        def work(unit: UnitOfWork) -> StatusEvent:
            now = self.clock.now()
            change = StatusChange(event_kind, text, check_effective(effective_at, now), actor.api_key_id)
            recorded = _record(unit, actor, credential_id, change, now)
            self.crash_point("before-status-commit")
            return recorded

        event = in_transaction(self.units, work)
        self.crash_point("after-status-commit")
        return event


def _record(
    unit: UnitOfWork, actor: Actor, credential_id: str, change: StatusChange, now: datetime
) -> StatusEvent:
    recorded = record_changes(unit, actor.organisation.id, (credential_id,), change, now=now)
    action = f"credential_{change.kind.value}"
    for changed in recorded.events:
        unit.audit.add(AuditEntry(now, actor.api_key_id, actor.organisation.id, action, changed))
    outcome = recorded.outcomes[credential_id]
    if outcome is ItemOutcome.NO_STATUS:
        raise NotFoundError("There is no such credential with a status.")
    if outcome is ItemOutcome.STATUS_FINAL:
        raise ConflictError("The credential is revoked, and that is for good.", code="status_final")
    if outcome is ItemOutcome.STATUS_UNCHANGED:
        raise _unchanged()
    if outcome is ItemOutcome.ALREADY:
        return _find_event(unit, recorded.slots[credential_id][0], change.kind)
    return recorded.events[credential_id][0]


def _find_event(unit: UnitOfWork, slot: StatusSlot, kind: StatusEventKind) -> StatusEvent:
    """The event that says what holds already."""
    events = unit.statuses.list_events(slot.list_id, index=slot.index)
    said = [event for event in events if event.kind is kind]
    if not said:
        raise _unchanged()
    return said[-1]


def _unchanged() -> ConflictError:
    return ConflictError("The credential is not in a state for that.", code="status_unchanged")

"""An issuer revokes or suspends a credential, or lifts a suspension. Revoked is for good (SECURITY S-15)."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from skillcred.errors import ConflictError, InputError, IntegrityError, NotFoundError
from skillcred.services.identities import new_id
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, CrashPoint, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, Role, StatusEvent, StatusEventKind, StatusSlot
from skillcred.services.transactions import in_transaction

MAX_REASON_CHARACTERS: Final = 1000

_ALLOWED: Final[dict[StatusEventKind | None, Set[StatusEventKind]]] = {
    None: {StatusEventKind.SUSPENDED, StatusEventKind.REVOKED},
    StatusEventKind.SUSPENDED: {StatusEventKind.REINSTATED, StatusEventKind.REVOKED},
    StatusEventKind.REVOKED: frozenset[StatusEventKind](),
}


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
        """Record what happened to a credential that the actor's organisation issued.

        `effective_at` is now unless given; before now, the event is retroactive: the credential should not have
        been relied on from then. Repeating what already holds gives the event that says so. Raises
        `AuthorisationError`, `NotFoundError` also for another organisation's credential or one without a status,
        `InputError`, `ConflictError` (`status_final`, `status_unchanged`).
        """
        require_role(actor, Role.ISSUER)
        event_kind = parse_kind(kind)
        text = check_reason(reason)

        def work(unit: UnitOfWork) -> StatusEvent:
            return record_event(
                unit, actor, credential_id, event_kind, text, now=self.clock.now(), effective_at=effective_at
            )

        event = in_transaction(self.units, work)
        self.crash_point("after-status-commit")
        return event


def record_event(
    unit: UnitOfWork,
    actor: Actor,
    credential_id: str,
    kind: StatusEventKind,
    reason: str,
    *,
    now: datetime,
    effective_at: datetime | None,
) -> StatusEvent:
    """One event, inside the caller's transaction. Raises as `ChangeStatus`."""
    found = unit.statuses.find_slot(credential_id)
    if found is None or found.organisation_id != actor.organisation.id:
        raise NotFoundError("There is no such credential with a status.")
    # held first, and until the commit: so the events of a list are numbered in the order of their commits
    record = unit.statuses.find_list(found.list_id, hold=Hold.EXCLUSIVE)
    slot = unit.statuses.find_slot(credential_id, hold=Hold.EXCLUSIVE)
    if record is None or slot is None:
        raise IntegrityError("An entry or its list has gone.", code="status_slot_lost")
    repeated = _repeated(unit.statuses.list_events(slot.list_id, index=slot.index), slot, kind)
    if repeated is not None:
        return repeated
    _check_transition(slot, kind)
    if effective_at is not None and effective_at.tzinfo is None:
        raise InputError("The instant needs an offset.", code="invalid_datetime", pointer="/effective_at")
    effective = now if effective_at is None else effective_at.astimezone(UTC)
    if effective > now:
        raise InputError(
            "A status cannot take effect in the future.",
            code="effective_in_the_future",
            pointer="/effective_at",
        )
    event = StatusEvent(
        id=new_id(),
        list_id=slot.list_id,
        index=slot.index,
        kind=kind,
        effective_at=effective,
        retroactive=effective < now,
        recorded_at=now,
        reason=reason,
        recorded_by=actor.api_key_id,
        sequence=record.events + 1,
    )
    unit.statuses.update_list(replace(record, events=event.sequence))
    unit.statuses.add_event(event)
    unit.statuses.set_slot_state(slot.list_id, slot.index, fold_state(kind))
    unit.audit.add(
        AuditEntry(now, actor.api_key_id, actor.organisation.id, f"credential_{kind.value}", credential_id)
    )
    return event


def fold_state(kind: StatusEventKind) -> StatusEventKind | None:
    """What holds after an event of that kind, whatever held before: the fold of a list's events."""
    return None if kind is StatusEventKind.REINSTATED else kind


def fold_events(events: Iterable[StatusEvent]) -> dict[int, StatusEventKind]:
    """The entries in which something holds after `events`, in order of recording."""
    states: dict[int, StatusEventKind] = {}
    for event in events:
        state = fold_state(event.kind)
        if states.get(event.index) is StatusEventKind.REVOKED:
            continue  # revoked stays revoked, whatever was written behind it
        if state is None:
            states.pop(event.index, None)
        else:
            states[event.index] = state
    return states


def parse_kind(kind: StatusEventKind | str) -> StatusEventKind:
    """Raises `InputError` (`unknown_event_kind`)."""
    try:
        return StatusEventKind(kind)
    except ValueError as error:
        raise InputError("There is no such change.", code="unknown_event_kind", pointer="/kind") from error


def check_reason(reason: str) -> str:
    """The reason without space around it. Raises `InputError` (`invalid_reason`)."""
    text = reason.strip()
    if not 1 <= len(text) <= MAX_REASON_CHARACTERS or not text.isprintable():
        raise InputError(
            f"A reason has 1 to {MAX_REASON_CHARACTERS} printable characters.",
            code="invalid_reason",
            pointer="/reason",
        )
    return text


def _repeated(events: list[StatusEvent], slot: StatusSlot, kind: StatusEventKind) -> StatusEvent | None:
    if not events or events[-1].kind is not kind or slot.state is not fold_state(kind):
        return None
    return events[-1]


def _check_transition(slot: StatusSlot, kind: StatusEventKind) -> None:
    allowed = _ALLOWED[slot.state]
    if not allowed:
        raise ConflictError("The credential is revoked, and that is for good.", code="status_final")
    if kind not in allowed:
        raise ConflictError("The credential is not in a state for that.", code="status_unchanged")

"""What an issuer tells of its credentials beside revocation and suspension: a message, and that one is outdated.

The messages of a credential are settled when it is issued (Bitstring Status List 1.0 section 2.1), so they are those of
its list: a scheme is changed by closing the open list and opening another one, and nothing that was issued changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.errors import ConflictError, InputError, NotFoundError, UnavailableError
from skillcred.services.allocate_status_entry import new_list
from skillcred.services.identities import new_id
from skillcred.services.permissions import require_role
from skillcred.services.ports import (
    Clock,
    CommitUnknownError,
    CrashPoint,
    Hold,
    UnitOfWork,
    UnitOfWorkFactory,
)
from skillcred.services.record_status import check_reason, hold_entries
from skillcred.services.records import (
    Actor,
    AuditEntry,
    Role,
    StatusEvent,
    StatusEventKind,
    StatusListRecord,
    StatusSlot,
)
from skillcred.services.status_copies import says_the_same
from skillcred.services.transactions import in_transaction
from skillcred.status.scheme import NO_SCHEME, StatusScheme, check_scheme
from skillcred.status.status_list import MIN_ENTRIES

MAX_ROUNDS: Final = 5
REFRESH_AVAILABLE: Final = 1
"""The only value for refreshing that is recorded: it is not reversible (section 2.2)."""


@dataclass(frozen=True, slots=True)
class GetStatusScheme:
    """What the next credentials of an organisation can tell."""

    units: UnitOfWorkFactory

    def __call__(self, actor: Actor) -> StatusScheme:
        """The scheme of the actor's organisation. Raises `AuthorisationError`."""
        require_role(actor, Role.ISSUER)
        with self.units(writes=False) as unit:
            latest = unit.statuses.find_latest_list(actor.organisation.id)
        return NO_SCHEME if latest is None else latest.scheme


@dataclass(frozen=True, slots=True)
class SetStatusScheme:
    """Settles what the next credentials of an organisation can tell. `length` is that of new lists, in entries."""

    units: UnitOfWorkFactory
    clock: Clock
    length: int = MIN_ENTRIES

    def __call__(
        self, actor: Actor, *, messages: Sequence[str], references: Sequence[str], refresh: bool
    ) -> StatusScheme:
        """The scheme as it is from now on; setting what holds already changes nothing.

        Raises `AuthorisationError`, `InputError` (`invalid_status_messages`, `invalid_status_reference`),
        `UnavailableError` (`status_list_contended`).
        """
        require_role(actor, Role.ISSUER)
        scheme = check_scheme(messages, references, refresh=refresh)
        for _ in range(MAX_ROUNDS):
            try:
                in_transaction(self.units, lambda unit: self._set(unit, actor, scheme))
            except (ConflictError, CommitUnknownError):
                continue  # an entry was given out from a list that was opened meanwhile: look again
            return scheme
        raise UnavailableError("Too many credentials at once.", code="status_list_contended")

    def _set(self, unit: UnitOfWork, actor: Actor, scheme: StatusScheme) -> None:
        organisation_id = actor.organisation.id
        held = unit.statuses.find_open_list(organisation_id, hold=Hold.EXCLUSIVE)
        latest = held or unit.statuses.find_latest_list(organisation_id)
        if scheme == (NO_SCHEME if latest is None else latest.scheme):
            return
        now = self.clock.now()
        if held is not None:
            unit.statuses.update_list(replace(held, closed_at=now))
        opened = new_list(organisation_id, self.length, scheme, now)
        unit.statuses.add_list(opened)
        unit.audit.add(AuditEntry(now, actor.api_key_id, organisation_id, "set_status_scheme", opened.id))


@dataclass(frozen=True, slots=True)
class RecordStatusValue:
    """Records the message of a credential, or that there is something newer."""

    units: UnitOfWorkFactory
    clock: Clock
    crash_point: CrashPoint

    def __call__(
        self, actor: Actor, credential_id: str, *, kind: StatusEventKind | str, value: int, reason: str
    ) -> StatusEvent:
        """The event of the first copy; the one before if it says the same.

        It is said of all copies for which the value means the same: a message of one that was issued under another
        scheme, where the value stands for another text, stays as it is.

        Whether the credential is revoked or suspended stays as it is. Raises `AuthorisationError`, `NotFoundError` also
        for another organisation's credential, `InputError` (`unknown_event_kind`, `invalid_status_value`),
        `ConflictError` (`status_purpose_missing` where the credential was issued without such an entry).
        """
        require_role(actor, Role.ISSUER)
        wanted = _parse_kind(kind)
        text = check_reason(reason)
        event = in_transaction(
            self.units, lambda unit: self._record(unit, actor, credential_id, wanted, value, text)
        )
        self.crash_point("after-status-commit")
        return event

    def _record(
        self,
        unit: UnitOfWork,
        actor: Actor,
        credential_id: str,
        kind: StatusEventKind,
        value: int,
        reason: str,
    ) -> StatusEvent:
        lists, slots = hold_entries(unit, actor.organisation.id, (credential_id,), with_renewals=False)
        copies = slots.get(credential_id)
        if copies is None:
            raise NotFoundError("There is no such credential with a status.")
        first = copies[0]
        scheme = lists[first.list_id].scheme
        _check_value(scheme, kind, value)
        said = [e for e in unit.statuses.list_events(first.list_id, index=first.index) if e.kind is kind]
        if said and said[-1].value == value:
            return said[-1]
        now = self.clock.now()
        events = []
        for slot in copies:
            record = lists[slot.list_id]
            if says_the_same(scheme, record.scheme, kind, value):
                events.append(_event(record, slot, kind, value, reason, actor, now=now))
                lists[record.id] = replace(record, events=record.events + 1)
        unit.statuses.add_events(events)
        for record in lists.values():
            unit.statuses.update_list(record)
        action = f"credential_{kind.value}"
        unit.audit.add(AuditEntry(now, actor.api_key_id, actor.organisation.id, action, credential_id))
        self.crash_point("before-status-commit")
        return events[0]


@dataclass(frozen=True, slots=True)
class StatusSchemes:
    """The use cases of messages and refreshing."""

    get: GetStatusScheme
    set: SetStatusScheme
    record_value: RecordStatusValue


def build_status_schemes(units: UnitOfWorkFactory, clock: Clock, crash_point: CrashPoint) -> StatusSchemes:
    """All of them over one storage."""
    return StatusSchemes(
        GetStatusScheme(units), SetStatusScheme(units, clock), RecordStatusValue(units, clock, crash_point)
    )


def _event(
    record: StatusListRecord,
    slot: StatusSlot,
    kind: StatusEventKind,
    value: int,
    reason: str,
    actor: Actor,
    *,
    now: datetime,
) -> StatusEvent:
    return StatusEvent(
        id=new_id(),
        list_id=record.id,
        index=slot.index,
        kind=kind,
        effective_at=now,
        retroactive=False,
        recorded_at=now,
        reason=reason,
        recorded_by=actor.api_key_id,
        sequence=record.events + 1,
        value=value,
    )


def _parse_kind(kind: StatusEventKind | str) -> StatusEventKind:
    for valued in (StatusEventKind.MESSAGE, StatusEventKind.REFRESH):
        if kind == valued:
            return valued
    raise InputError("There is no such change.", code="unknown_event_kind", pointer="/kind")


def _check_value(scheme: StatusScheme, kind: StatusEventKind, value: int) -> None:
    """Raises `ConflictError` (`status_purpose_missing`), `InputError` (`invalid_status_value`)."""
    message = kind is StatusEventKind.MESSAGE
    if not (scheme.messages if message else scheme.refresh):
        raise ConflictError(
            "The credential was issued without an entry for that.", code="status_purpose_missing"
        )
    if not (0 <= value < len(scheme.messages) if message else value == REFRESH_AVAILABLE):
        raise InputError("The credential has no such status.", code="invalid_status_value", pointer="/value")

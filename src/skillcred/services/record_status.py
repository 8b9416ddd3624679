"""Status changes are recorded, one or many, inside the caller's transaction. The only place that writes events.

The lists are held until the commit, so the events of a list are numbered in the order of their commits, and a renewal
is either seen here or refused (SECURITY S-15, S-18, S-19).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from skillcred.errors import InputError, IntegrityError
from skillcred.services.batch_records import ItemOutcome
from skillcred.services.identities import new_id
from skillcred.services.ports import Hold, UnitOfWork
from skillcred.services.records import StatusEvent, StatusEventKind, StatusListRecord, StatusSlot

MAX_REASON_CHARACTERS: Final = 1000

VALUED: Final = frozenset({StatusEventKind.MESSAGE, StatusEventKind.REFRESH})
"""What has a value and leaves alone whether the credential is revoked or suspended."""

_ALLOWED: Final[Mapping[StatusEventKind | None, Set[StatusEventKind]]] = {
    None: {StatusEventKind.SUSPENDED, StatusEventKind.REVOKED},
    StatusEventKind.SUSPENDED: {StatusEventKind.REINSTATED, StatusEventKind.REVOKED},
    StatusEventKind.REVOKED: frozenset[StatusEventKind](),
}


@dataclass(frozen=True, slots=True)
class StatusChange:
    """What is said about credentials. `effective_at` is `None` where it takes effect when it is recorded."""

    kind: StatusEventKind
    reason: str
    effective_at: datetime | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of each credential that was asked about, its entries as they were before, one for each copy, and all
    events that were recorded, one for each entry, also those of renewals, by credential."""

    outcomes: Mapping[str, ItemOutcome]
    slots: Mapping[str, tuple[StatusSlot, ...]]
    events: Mapping[str, tuple[StatusEvent, ...]]


def record_changes(
    unit: UnitOfWork,
    organisation_id: str,
    credential_ids: Collection[str],
    change: StatusChange,
    *,
    now: datetime,
) -> Recorded:
    """Record `change` for those of the credentials that are the organisation's and in a state for it.

    It counts for all copies of a credential. A revocation takes the renewals with it. Raises what the storage raises.
    """
    lists, slots = hold_entries(
        unit,
        organisation_id,
        credential_ids,
        with_renewals=change.kind is StatusEventKind.REVOKED,
    )
    outcomes = dict.fromkeys(credential_ids, ItemOutcome.NO_STATUS)
    events: dict[str, tuple[StatusEvent, ...]] = {}
    sequences = {list_id: record.events for list_id, record in lists.items()}
    for credential_id, copies in slots.items():
        decided = [_decide(slot.state, change.kind) for slot in copies]
        changed = [slot for slot, outcome in zip(copies, decided, strict=True) if outcome is ItemOutcome.DONE]
        if credential_id in outcomes:
            outcomes[credential_id] = ItemOutcome.DONE if changed else decided[0]
        if changed:
            events[credential_id] = tuple(_event(slot, change, sequences, now) for slot in changed)
    _write(unit, lists, [event for copies in events.values() for event in copies], change.kind)
    return Recorded(outcomes, slots, events)


def fold_state(kind: StatusEventKind) -> StatusEventKind | None:
    """What holds after an event of that kind, whatever held before: the fold of a list's events."""
    return None if kind is StatusEventKind.REINSTATED else kind


def fold_events(events: Iterable[StatusEvent]) -> dict[int, StatusEventKind]:
    """The entries in which something holds after `events`, in order of recording."""
    states: dict[int, StatusEventKind] = {}
    for event in events:
        fold_one(states, event.index, event.kind)
    return states


def fold_one(states: dict[int, StatusEventKind], index: int, kind: StatusEventKind) -> None:
    """Carry one event further into `states`. Revoked stays revoked, whatever was written behind it."""
    if kind in VALUED or states.get(index) is StatusEventKind.REVOKED:
        return
    state = fold_state(kind)
    if state is None:
        states.pop(index, None)
    else:
        states[index] = state


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


def check_effective(effective_at: datetime | None, now: datetime) -> datetime | None:
    """The instant in UTC. Raises `InputError` (`invalid_datetime`, `effective_in_the_future`)."""
    if effective_at is None:
        return None
    if effective_at.tzinfo is None:
        raise InputError("The instant needs an offset.", code="invalid_datetime", pointer="/effective_at")
    if effective_at > now:
        raise InputError(
            "A status cannot take effect in the future.",
            code="effective_in_the_future",
            pointer="/effective_at",
        )
    return effective_at.astimezone(UTC)


def parse_kind(kind: StatusEventKind | str) -> StatusEventKind:
    """What revokes, suspends or lifts a suspension. Raises `InputError` (`unknown_event_kind`)."""
    try:
        found = StatusEventKind(kind)
    except ValueError as error:
        raise _unknown_kind() from error
    if found in VALUED:
        raise _unknown_kind()
    return found


def _unknown_kind() -> InputError:
    return InputError("There is no such change.", code="unknown_event_kind", pointer="/kind")


def hold_entries(
    unit: UnitOfWork, organisation_id: str, credential_ids: Collection[str], *, with_renewals: bool
) -> tuple[dict[str, StatusListRecord], dict[str, tuple[StatusSlot, ...]]]:
    """The entries of the organisation's credentials, and of their renewals, with their lists held.

    A renewal is reserved, and a copy given an entry, while the list of its parent or of the first copy is held by the
    one who does so; once all lists of the family are held here, no member of it is missing.
    """
    held: dict[str, StatusListRecord] = {}
    while True:
        family = list(dict.fromkeys(credential_ids))
        if with_renewals:
            family += _renewals(unit, organisation_id, family)
        found = unit.statuses.find_slots(family)
        slots = {key: copies for key, copies in found.items() if copies[0].organisation_id == organisation_id}
        missing = sorted({slot.list_id for copies in slots.values() for slot in copies} - held.keys())
        if not missing:
            return held, {key: slots[key] for key in family if key in slots}
        for list_id in missing:
            record = unit.statuses.find_list(list_id, hold=Hold.EXCLUSIVE)
            if record is None:
                raise IntegrityError("The list of an entry has gone.", code="status_list_lost")
            held[list_id] = record


def _renewals(unit: UnitOfWork, organisation_id: str, credential_ids: Collection[str]) -> list[str]:
    """The renewals of the credentials, the renewals of those, and so on, without the credentials themselves."""
    known = set(credential_ids)
    found: list[str] = []
    generation: Collection[str] = credential_ids
    while generation:
        generation = [
            renewal
            for renewal in unit.issuances.list_renewals(organisation_id, generation)
            if renewal not in known
        ]
        known.update(generation)
        found += generation
    return found


def _decide(state: StatusEventKind | None, kind: StatusEventKind) -> ItemOutcome:
    if state is fold_state(kind):
        return ItemOutcome.ALREADY
    allowed = _ALLOWED[state]
    if not allowed:
        return ItemOutcome.STATUS_FINAL
    return ItemOutcome.DONE if kind in allowed else ItemOutcome.STATUS_UNCHANGED


def _event(slot: StatusSlot, change: StatusChange, sequences: dict[str, int], now: datetime) -> StatusEvent:
    """The next event of the list, whose last number in `sequences` goes up."""
    sequences[slot.list_id] += 1
    effective_at = now if change.effective_at is None else change.effective_at
    return StatusEvent(
        id=new_id(),
        list_id=slot.list_id,
        index=slot.index,
        kind=change.kind,
        effective_at=effective_at,
        retroactive=effective_at < now,
        recorded_at=now,
        reason=change.reason,
        recorded_by=change.recorded_by,
        sequence=sequences[slot.list_id],
    )


def _write(
    unit: UnitOfWork,
    lists: Mapping[str, StatusListRecord],
    events: list[StatusEvent],
    kind: StatusEventKind,
) -> None:
    if not events:
        return
    unit.statuses.add_events(events)
    for list_id, record in lists.items():
        indexes = [event.index for event in events if event.list_id == list_id]
        if indexes:
            unit.statuses.set_slot_states(list_id, indexes, fold_state(kind))
            unit.statuses.update_list(replace(record, events=record.events + len(indexes)))

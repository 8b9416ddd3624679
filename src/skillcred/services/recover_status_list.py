"""After an older backup was put back, a list that was published since is taken over into the storage (SECURITY S-15).

What was revoked after the backup is revoked again, and no entry that may have been given out since is given out once
more: who holds a credential that the storage has forgotten keeps its entry, and what the list says of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError, NotFoundError
from skillcred.model.datetimes import format_instant
from skillcred.services.batch_records import ItemOutcome
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.record_status import StatusChange, record_changes
from skillcred.services.records import (
    Actor,
    AuditEntry,
    Role,
    StatusEventKind,
    StatusListRecord,
    StatusSlot,
    StatusView,
)
from skillcred.services.status_evidence import parse_status_list_url
from skillcred.services.status_views import own_evidence
from skillcred.services.transactions import in_transaction
from skillcred.status import ListKind, StatusList
from skillcred.status.peek import peek_list_times
from skillcred.status.permutation import permute
from skillcred.verification.status_lists import find_status_list

AT_ONCE: Final = 5_000
"""Entries of one statement."""
FORGOTTEN: Final = "urn:skillcred:forgotten:"
"""What the names of credentials begin with that had an entry, or may have had one, and are not in the storage."""
KINDS: Final = {
    StatusView.REVOCATION: StatusEventKind.REVOKED,
    StatusView.SUSPENSION: StatusEventKind.SUSPENDED,
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecoveredList:
    """What was taken over: how many credentials are revoked or suspended that were not, and how many entries will never
    be given out."""

    list_id: str
    view: StatusView
    changed: int
    given_up: int


@dataclass(frozen=True, slots=True)
class RecoverStatusList:
    """The use case."""

    base_url: str
    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, content: bytes) -> RecoveredList:
        """Take over `content`, a published view for revocation or suspension of a list of the actor's organisation.

        Taking it over again changes nothing. A suspension that was lifted since is one again. Raises
        `AuthorisationError`, `InputError` (`status_list_not_ours` unless it is such a list and our own verifier accepts
        it), `NotFoundError` where the storage has no such list.
        """
        require_role(actor, Role.ISSUER)
        uri = parse_json_object(content).get("id")
        address = parse_status_list_url(self.base_url, uri) if isinstance(uri, str) else None
        if not isinstance(uri, str) or address is None or address[1] not in KINDS:
            raise _not_ours("It is no list for revocation or suspension of this deployment.")
        list_id, view = address
        told, made = self._read(actor, list_id, uri, content)
        reason = f"Taken over from the list that was published at {format_instant(made)}."
        change = StatusChange(KINDS[view], reason, made, actor.api_key_id)
        return in_transaction(
            self.units, lambda unit: self._recover(unit, actor, list_id, view, told, change)
        )

    def _read(self, actor: Actor, list_id: str, uri: str, content: bytes) -> tuple[StatusList, datetime]:
        """The list, verified as of the time at which it says it was made, which may be long ago."""
        with self.units(writes=False) as unit:
            record = unit.statuses.find_list(list_id)
            keys = tuple(unit.signing_keys.list_for(actor.organisation.id))
        if record is None or record.organisation_id != actor.organisation.id:
            raise NotFoundError("The organisation has no such status list.")
        made = peek_list_times(content).issued_at
        if made is None or made > self.clock.now():
            raise _not_ours("It does not say when it was made, or it was made in the future.")
        evidence = own_evidence(actor.organisation, keys, uri, content, made)
        reading = find_status_list(uri, ListKind.BITSTRING, evidence=evidence, at=made)
        found = reading.status_list
        if found is None or (found.uri, found.issuer) != (uri, actor.organisation.did):
            raise _not_ours(f"Our own verifier does not accept it: {reading.detail or reading.code}.")
        return found, made

    def _recover(
        self,
        unit: UnitOfWork,
        actor: Actor,
        list_id: str,
        view: StatusView,
        told: StatusList,
        change: StatusChange,
    ) -> RecoveredList:
        now = self.clock.now()
        record = unit.statuses.find_list(list_id, hold=Hold.EXCLUSIVE)
        if record is None:
            raise NotFoundError("The organisation has no such status list.")
        given_up = _give_up(unit, record, now) if record.closed_at is None else 0
        names = list(
            dict.fromkeys(
                slot.credential_id
                for slot in unit.statuses.list_slots(list_id)
                if told.get_status(slot.index, 1)
            )
        )
        changed = 0
        for some in _in_parts(names):
            recorded = record_changes(unit, actor.organisation.id, some, change, now=now)
            changed += sum(outcome is ItemOutcome.DONE for outcome in recorded.outcomes.values())
        if given_up or changed:
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, actor.organisation.id, "status_list_recovered", list_id)
            )
        return RecoveredList(list_id, view, changed, given_up)


def _give_up(unit: UnitOfWork, record: StatusListRecord, now: datetime) -> int:
    """Use the rest of an open list up. How many entries that are."""
    for positions in _in_parts(range(record.allocated, record.length)):
        indexes = [permute(position, record.length, record.permutation_key) for position in positions]
        unit.statuses.add_slots(
            [
                StatusSlot(record.id, index, f"{FORGOTTEN}{record.id}:{index}", record.organisation_id, now)
                for index in indexes
            ]
        )
    unit.statuses.update_list(replace(record, allocated=record.length, closed_at=now))
    return record.length - record.allocated


def _in_parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), AT_ONCE):
        yield items[first : first + AT_ONCE]


def _not_ours(why: str) -> InputError:
    return InputError(why, code="status_list_not_ours")

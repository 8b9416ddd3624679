"""An issuer's next credential gets an entry of a status list: any, never one that was given out before.

The entry is given out in a transaction of its own, before the credential is prepared. If the issuing fails after
that, the entry stays used (SECURITY S-16).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, IntegrityError, UnavailableError
from skillcred.services.identities import STATUS_LISTS_PATH, new_id
from skillcred.services.ports import (
    Clock,
    CommitUnknownError,
    CrashPoint,
    Hold,
    UnitOfWork,
    UnitOfWorkFactory,
)
from skillcred.services.records import StatusListRecord, StatusSlot, StatusView
from skillcred.services.transactions import in_transaction
from skillcred.status.bitstring_status_list import build_entry
from skillcred.status.permutation import KEY_BYTES, permute
from skillcred.status.scheme import NO_SCHEME, StatusScheme
from skillcred.status.status_list import MIN_ENTRIES
from skillcred.status.token_status_list import build_entry as build_token_entry

MAX_ROUNDS: Final = 5
"""How often to look again where another process opened the list first."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """An entry that was given out, and what its list can tell of it."""

    slot: StatusSlot
    scheme: StatusScheme


@dataclass(frozen=True, slots=True)
class AllocateStatusEntry:
    """The use case. `length` is that of new lists, in entries."""

    units: UnitOfWorkFactory
    clock: Clock
    crash_point: CrashPoint
    length: int = MIN_ENTRIES

    def __call__(self, organisation_id: str, credential_id: str) -> StatusSlot:
        """The entry for a credential; the same one if it is asked for again. Raises what `allocate` raises."""
        return self.allocate(organisation_id, credential_id).slot

    def allocate(self, organisation_id: str, credential_id: str) -> Allocation:
        """The entry, and what it can tell.

        Raises `UnavailableError` (`status_list_contended`) and what the storage raises.
        """
        for _ in range(MAX_ROUNDS):
            try:
                allocation = in_transaction(
                    self.units, lambda unit: self._allocate(unit, organisation_id, credential_id)
                )
            except (ConflictError, CommitUnknownError):
                # another process has opened the list, or our commit went through after all: look again
                continue
            self.crash_point("after-allocate-commit")
            return allocation
        raise UnavailableError("Too many credentials at once.", code="status_list_contended")

    def _allocate(self, unit: UnitOfWork, organisation_id: str, credential_id: str) -> Allocation:
        known = unit.statuses.find_slot(credential_id)
        if known is not None:
            return Allocation(known, scheme_of(unit, known))
        now = self.clock.now()
        record = unit.statuses.find_open_list(organisation_id, hold=Hold.EXCLUSIVE)
        if record is None:
            latest = unit.statuses.find_latest_list(organisation_id)
            scheme = NO_SCHEME if latest is None else latest.scheme
            record = new_list(organisation_id, self.length, scheme, now)
            unit.statuses.add_list(record)
        slot = StatusSlot(
            list_id=record.id,
            index=permute(record.allocated, record.length, record.permutation_key),
            credential_id=credential_id,
            organisation_id=organisation_id,
            allocated_at=now,
        )
        unit.statuses.add_slot(slot)
        allocated = record.allocated + 1
        full = allocated == record.length
        unit.statuses.update_list(replace(record, allocated=allocated, closed_at=now if full else None))
        return Allocation(slot, record.scheme)


def new_list(organisation_id: str, length: int, scheme: StatusScheme, now: datetime) -> StatusListRecord:
    """An open list of which nothing was given out yet."""
    return StatusListRecord(
        id=new_id(),
        organisation_id=organisation_id,
        length=length,
        permutation_key=secrets.token_bytes(KEY_BYTES),
        allocated=0,
        opened_at=now,
        scheme=scheme,
    )


def scheme_of(unit: UnitOfWork, slot: StatusSlot) -> StatusScheme:
    """What the list of an entry can tell. Raises `IntegrityError` (`status_list_lost`)."""
    record = unit.statuses.find_list(slot.list_id)
    if record is None:
        raise IntegrityError("The list of an entry has gone.", code="status_list_lost")
    return record.scheme


def status_list_url(base_url: str, list_id: str, view: StatusView) -> str:
    """Where a list is published; also its name."""
    return f"{base_url}{STATUS_LISTS_PATH}{list_id}/{view.value}"


ENTRY_VIEWS: Final = (StatusView.REVOCATION, StatusView.SUSPENSION)


def build_status_members(
    base_url: str, slot: StatusSlot, scheme: StatusScheme = NO_SCHEME
) -> list[JsonObject]:
    """`credentialStatus` of the credential that has `slot`: one entry for revocation, one for suspension, and those
    of the scheme."""
    told: dict[StatusView, JsonObject] = {view: {} for view in ENTRY_VIEWS}
    if scheme.messages:
        told[StatusView.MESSAGE] = scheme.build_message_members()
    if scheme.refresh:
        told[StatusView.REFRESH] = {}
    return [
        build_entry(
            list_uri=status_list_url(base_url, slot.list_id, view), index=slot.index, purpose=view.value
        )
        | members
        for view, members in told.items()
    ]


def build_status_claim(base_url: str, slot: StatusSlot) -> JsonObject:
    """The claim `status` of an SD-JWT VC or another token that has `slot` (Token Status List section 6.2)."""
    return build_token_entry(
        list_uri=status_list_url(base_url, slot.list_id, StatusView.TOKEN), index=slot.index
    )

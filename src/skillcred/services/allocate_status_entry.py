"""An issuer's next credential gets an entry of a status list: any, never one that was given out before. Where it is
issued as several copies, so that nobody can link them, each copy gets one.

The entry is given out in a transaction of its own, before the credential is prepared. If the issuing fails after
that, the entry stays used (SECURITY S-16).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, InputError, UnavailableError
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
from skillcred.services.status_copies import get_list, hold_copies, repeat_values
from skillcred.services.transactions import in_transaction
from skillcred.status.bitstring_status_list import build_entry
from skillcred.status.permutation import KEY_BYTES, permute
from skillcred.status.scheme import NO_SCHEME, StatusScheme
from skillcred.status.status_list import MIN_ENTRIES
from skillcred.status.token_status_list import build_entry as build_token_entry

MAX_ROUNDS: Final = 5
"""How often to look again where another process opened the list first."""
MAX_COPIES: Final = 100
"""Most copies of one credential that are given entries at once."""
_TAKEN: Final = frozenset({"status_list_taken", "status_slot_taken"})


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
        """The entry of the first copy of a credential, and what it can tell; the same one if it is asked for again.

        Raises `UnavailableError` (`status_list_contended`) and what the storage raises.
        """
        [first] = self._run(lambda unit: self._find_or_give(unit, organisation_id, credential_id))
        return first

    def allocate_copies(self, organisation_id: str, credential_id: str, count: int) -> tuple[Allocation, ...]:
        """Entries for `count` (up to `MAX_COPIES`) more copies of a credential, in one transaction, and what each can
        tell. Asked again it gives out others.

        Nothing about the entries shows that they belong together, but revoking or suspending the credential counts for
        all of them, and what was said about earlier copies is said about these. Raises `ConflictError`
        (`credential_revoked`, `credential_suspended`), `InputError` (`too_many_copies`), and what `allocate` raises.
        """
        if not 1 <= count <= MAX_COPIES:
            raise InputError(f"There are 1 to {MAX_COPIES} copies at once.", code="too_many_copies")

        def work(unit: UnitOfWork) -> tuple[Allocation, ...]:
            record = self._open_list(unit, organisation_id)
            known = hold_copies(unit, organisation_id, credential_id, held=record.id)
            return self._give(unit, record, credential_id, count, known)

        return self._run(work)

    def _run(self, work: Callable[[UnitOfWork], tuple[Allocation, ...]]) -> tuple[Allocation, ...]:
        for _ in range(MAX_ROUNDS):
            try:
                allocations = in_transaction(self.units, work)
            except CommitUnknownError:
                continue  # what came through after all is found again, or stays used
            except ConflictError as error:
                if error.code not in _TAKEN:
                    raise
                continue  # another process has opened the list, or was faster with copies: look again
            self.crash_point("after-allocate-commit")
            return allocations
        raise UnavailableError("Too many credentials at once.", code="status_list_contended")

    def _find_or_give(
        self, unit: UnitOfWork, organisation_id: str, credential_id: str
    ) -> tuple[Allocation, ...]:
        known = unit.statuses.find_slots([credential_id]).get(credential_id)
        if known is not None:
            return (Allocation(known[0], get_list(unit, known[0]).scheme),)
        return self._give(unit, self._open_list(unit, organisation_id), credential_id, 1, ())

    def _give(
        self,
        unit: UnitOfWork,
        record: StatusListRecord,
        credential_id: str,
        count: int,
        known: Sequence[StatusSlot],
    ) -> tuple[Allocation, ...]:
        """The next `count` entries of the open list `record` and of those that follow it when it is full."""
        now = self.clock.now()
        given: list[Allocation] = []
        while True:
            free = range(record.allocated, min(record.length, record.allocated + count - len(given)))
            slots = [
                StatusSlot(
                    list_id=record.id,
                    index=permute(position, record.length, record.permutation_key),
                    credential_id=credential_id,
                    organisation_id=record.organisation_id,
                    allocated_at=now,
                    copy=copy,
                )
                for copy, position in enumerate(free, len(known) + len(given))
            ]
            unit.statuses.add_slots(slots)
            given += [Allocation(slot, record.scheme) for slot in slots]
            events = record.events + repeat_values(unit, known, slots, record, now)
            closed_at = now if free.stop == record.length else None
            unit.statuses.update_list(
                replace(record, allocated=free.stop, events=events, closed_at=closed_at)
            )
            if len(given) == count:
                self.crash_point("before-allocate-commit")
                return tuple(given)
            record = self._open_list(unit, record.organisation_id)

    def _open_list(self, unit: UnitOfWork, organisation_id: str) -> StatusListRecord:
        """The list that entries are given out from, held; a new one like the one before where none is open."""
        record = unit.statuses.find_open_list(organisation_id, hold=Hold.EXCLUSIVE)
        if record is None:
            latest = unit.statuses.find_latest_list(organisation_id)
            scheme = NO_SCHEME if latest is None else latest.scheme
            record = new_list(organisation_id, self.length, scheme, self.clock.now())
            unit.statuses.add_list(record)
        return record


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

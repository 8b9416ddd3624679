"""What holds for the copies of one credential holds for all of them (SECURITY S-15, PR-06).

Each copy has an entry of its own, so that nobody can link two of them. Whoever gives out entries for further copies
holds the lists of the earlier ones until the commit: a revocation that came first is seen here, and one that comes
later sees the new copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from skillcred.errors import ConflictError, IntegrityError
from skillcred.services.identities import new_id
from skillcred.services.ports import Hold, UnitOfWork
from skillcred.services.records import StatusEventKind, StatusListRecord, StatusSlot
from skillcred.status.scheme import StatusScheme


def get_list(unit: UnitOfWork, slot: StatusSlot, *, hold: Hold | None = None) -> StatusListRecord:
    """The list of an entry. Raises `IntegrityError` (`status_list_lost`)."""
    record = unit.statuses.find_list(slot.list_id, hold=hold)
    if record is None:
        raise IntegrityError("The list of an entry has gone.", code="status_list_lost")
    return record


def hold_copies(
    unit: UnitOfWork, organisation_id: str, credential_id: str, *, held: str
) -> tuple[StatusSlot, ...]:
    """The entries of the copies that exist, with their lists held; that with the id `held` is so already.

    Raises `ConflictError` (`credential_revoked`, `credential_suspended`): then there are no further copies; and
    (`credential_of_another`) where the credential is another organisation's.
    """
    known = unit.statuses.find_slots([credential_id]).get(credential_id, ())
    for slot in {slot.list_id: slot for slot in known if slot.list_id != held}.values():
        get_list(unit, slot, hold=Hold.SHARED)
    known = unit.statuses.find_slots([credential_id]).get(credential_id, ())
    for slot in known:
        if slot.organisation_id != organisation_id:
            raise ConflictError("The credential is another issuer's.", code="credential_of_another")
        if slot.state is StatusEventKind.REVOKED:
            raise ConflictError("There are no copies of a revoked credential.", code="credential_revoked")
        if slot.state is StatusEventKind.SUSPENDED:
            raise ConflictError("There are no copies of a suspended credential.", code="credential_suspended")
    return known


def repeat_values(
    unit: UnitOfWork,
    known: Sequence[StatusSlot],
    copies: Sequence[StatusSlot],
    record: StatusListRecord,
    now: datetime,
) -> int:
    """Say of new `copies`, all in the list `record`, the messages and the newer version that were said of the first one
    of the `known`. How many events that takes. They are numbered after those of `record`."""
    if not known or not copies:
        return 0
    scheme = get_list(unit, known[0]).scheme
    said = {
        event.kind: (event, event.value)
        for event in unit.statuses.list_events(known[0].list_id, index=known[0].index)
        if event.value is not None
    }
    repeated = [
        (slot, event)
        for event, value in said.values()
        if value and says_the_same(scheme, record.scheme, event.kind, value)
        for slot in copies
    ]
    unit.statuses.add_events(
        [
            replace(
                event,
                id=new_id(),
                list_id=slot.list_id,
                index=slot.index,
                recorded_at=now,
                sequence=record.events + number,
            )
            for number, (slot, event) in enumerate(repeated, 1)
        ]
    )
    return len(repeated)


def says_the_same(first: StatusScheme, other: StatusScheme, kind: StatusEventKind, value: int) -> bool:
    """Whether a value means in the list of another copy what it means in that of the first."""
    if kind is StatusEventKind.REFRESH:
        return first.refresh and other.refresh
    return first.messages[value : value + 1] == other.messages[value : value + 1] != ()

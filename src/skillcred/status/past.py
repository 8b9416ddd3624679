"""What held at an instant before the list was made, and since when what is revoked is revoked (docs/adr/0009).

A list of today proves for the past only that nothing was revoked. The rest is told by the dates of revocations, or else
by a list of that instant; where neither is at hand, nothing is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from skillcred.model.outcomes import EvidenceReference
from skillcred.status.entry import StatusEntry
from skillcred.status.revocation_dates import RevocationDates
from skillcred.status.status_list import StatusList, StatusListError

CLOCK_SKEW: Final = timedelta(seconds=60)
"""SECURITY I13."""


class ListReading(NamedTuple):
    """What looking for one list gave: the list and when it was fetched, or a code why there is none."""

    status_list: StatusList | None
    retrieved_at: datetime | None = None
    code: str = "status_list_unavailable"
    detail: str | None = None
    needs: tuple[EvidenceReference, ...] = ()


@dataclass(frozen=True, slots=True)
class DatesReading:
    """What looking for the dates of the revocations of a list gave."""

    dates: RevocationDates | None
    needs: tuple[EvidenceReference, ...] = ()


class ReadPast(Protocol):
    """Finds and verifies, from the evidence, what is known of the past of an entry. Pure."""

    def dates(self, entry: StatusEntry, /) -> DatesReading:
        """Since when the revoked entries of its list are revoked."""
        ...

    def list_then(self, entry: StatusEntry, /) -> ListReading:
        """Its list as it was at the instant asked about."""
        ...


class _NoPast:
    """For who has neither dates nor lists of the past."""

    def dates(self, _: StatusEntry, /) -> DatesReading:
        return DatesReading(None)

    def list_then(self, _: StatusEntry, /) -> ListReading:
        return ListReading(None)


NO_PAST: Final[ReadPast] = _NoPast()


class Held(StrEnum):
    """What held at the instant asked about; the values are reason codes."""

    NOTHING = "not_revoked"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REVOKED_RETROACTIVELY = "revoked_retroactively"
    REVOKED_SINCE = "revoked_since"
    UNKNOWN = "status_then_unknown"


@dataclass(frozen=True, slots=True)
class Past:
    """`held` at the instant asked about. `effective_at` and `recorded_at` are of the revocation, where known."""

    held: Held
    effective_at: datetime | None = None
    recorded_at: datetime | None = None
    needs: tuple[EvidenceReference, ...] = ()


def find_revocation(
    entry: StatusEntry, issuer_id: str, reading: DatesReading
) -> tuple[datetime, datetime] | None:
    """When the revocation of `entry` takes effect and when it was recorded, if the dates are of its list."""
    dates = reading.dates
    if dates is None or dates.status_list.issuer != issuer_id or entry.list_uri not in dates.lists:
        return None
    try:
        return dates.find(entry.list_index)
    except StatusListError:
        return None


def judge_revoked_entry(entry: StatusEntry, issuer_id: str, past: ReadPast, at: datetime, then: Held) -> Past:
    """What held at `at` of an entry that a later list says is revoked.

    `then` is what the list of that instant says, `UNKNOWN` without one. A revocation may reach back before the day on
    which it was recorded, so that list alone can prove that it was revoked, and not that it was not.
    """
    reading = past.dates(entry)
    found = find_revocation(entry, issuer_id, reading)
    if found is None:
        held = Held.REVOKED if then is Held.REVOKED else Held.UNKNOWN
        return Past(held, needs=reading.needs)
    effective_at, recorded_at = found
    if effective_at > at:
        # entries that also tell of suspensions may have told of one then
        held = Held.REVOKED_SINCE if then is Held.NOTHING else then
    else:
        held = Held.REVOKED if recorded_at <= at else Held.REVOKED_RETROACTIVELY
    return Past(held, effective_at, recorded_at, reading.needs)


def covers(status_list: StatusList, at: datetime) -> bool:
    """Whether the list is one of that instant: made before it, and not ended then (SECURITY S-14)."""
    made, ends = status_list.issued_at, status_list.valid_until
    return made is not None and ends is not None and made - at <= CLOCK_SKEW and at < ends

"""Status lists: what they look like, how they are read, what they say about a credential. No I/O."""

from skillcred.status.check import ReadList, check_status
from skillcred.status.entry import (
    MESSAGE,
    REFRESH,
    REVOCATION,
    SUSPENSION,
    ListKind,
    StatusEntry,
    StatusEntryError,
    parse_status_entries,
)
from skillcred.status.past import DatesReading, ListReading, ReadPast
from skillcred.status.status_list import MAX_DECODED_BYTES, MIN_ENTRIES, StatusList, StatusListError

__all__ = [
    "MAX_DECODED_BYTES",
    "MESSAGE",
    "MIN_ENTRIES",
    "REFRESH",
    "REVOCATION",
    "SUSPENSION",
    "DatesReading",
    "ListKind",
    "ListReading",
    "ReadList",
    "ReadPast",
    "StatusEntry",
    "StatusEntryError",
    "StatusList",
    "StatusListError",
    "check_status",
    "parse_status_entries",
]

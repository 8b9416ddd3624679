"""A status list whose signature was checked, whatever specification it follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.bitstrings import BitOrder, check_entry_size, read_entry
from skillcred.errors import InputError

MAX_DECODED_BYTES: Final = 8 * 1024 * 1024
"""Largest list once expanded: 2^26 bits, as discussed for Bitstring Status List 1.0 (SECURITY S-01)."""
MIN_ENTRIES: Final = 131_072
"""Fewest entries of a list, so that one entry tells nobody which credential is meant (Bitstring Status List 1.0
section 3.2, step 2; Token Status List, privacy considerations)."""

_LEAST_FIRST: Final = BitOrder.LEAST_SIGNIFICANT_FIRST  # looking a member up costs more than a call


class StatusListError(InputError):
    """The list cannot be used. Codes: `status_list_malformed`, `status_list_too_short`, `status_list_too_large`,
    `status_index_out_of_range`."""

    default_code = "status_list_malformed"


@dataclass(frozen=True, slots=True)
class StatusList:
    """`uri` is what the list calls itself, `issuer` who signed it. `size` is in bits, `None` where entries tell
    it. Times are those that the list itself states."""

    uri: str | None
    issuer: str
    purposes: frozenset[str]
    data: bytes
    size: int | None
    order: BitOrder
    issued_at: datetime | None
    valid_until: datetime | None
    ttl: timedelta | None

    def get_status(self, index: int, size: int | None) -> int:
        """The status at `index`. `size` is in bits, as the entry has it; it counts where the list tells none.

        Raises `StatusListError` (`status_list_too_short`, `status_index_out_of_range`).
        """
        if self.size is not None:
            size = self.size
        elif size is None:
            size = 1
        entries = len(self.data) * 8 // size if size > 0 else 0
        if entries < MIN_ENTRIES:
            raise StatusListError(
                "The status list is too short to hide anybody.", code="status_list_too_short"
            )
        if not 0 <= index < entries:
            raise StatusListError("The status list has no such entry.", code="status_index_out_of_range")
        if size == 1:  # as nearly all lists have it
            place = index & 7 if self.order is _LEAST_FIRST else 7 - (index & 7)
            return self.data[index >> 3] >> place & 1
        check_entry_size(size, self.order)
        return read_entry(self.data, size, self.order, index)

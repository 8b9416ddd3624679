"""Arrays of small numbers packed into bytes, as status lists have them, in either order of bits.

Bitstring Status List 1.0 section 3.4: entry 0 is the left-most, the most significant bit of byte 0; an entry of
several bits stands with its most significant bit first, and may cross bytes. Token Status List section 4: entry 0 is
the least significant bits of byte 0, and entries never cross bytes because their size divides eight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skillcred.errors import InputError

MAX_ENTRY_BITS: Final = 8
"""Largest entry, in bits (both specifications)."""


class BitStringError(InputError):
    """Codes: `entry_out_of_range`, `entry_too_large`, `unsupported_entry_size`."""

    default_code = "entry_out_of_range"


class BitOrder(StrEnum):
    """Which end of a byte holds the first entry."""

    MOST_SIGNIFICANT_FIRST = "most_significant_first"
    LEAST_SIGNIFICANT_FIRST = "least_significant_first"


_LEAST_FIRST: Final = BitOrder.LEAST_SIGNIFICANT_FIRST  # looking a member up costs more than a call


@dataclass(frozen=True, slots=True)
class BitString:
    """`data` read as entries of `size` bits each. Bits at the end that make no whole entry are not counted."""

    data: bytes
    size: int
    order: BitOrder

    def __post_init__(self) -> None:
        check_entry_size(self.size, self.order)

    def __len__(self) -> int:
        return len(self.data) * 8 // self.size

    def __getitem__(self, index: int) -> int:
        """The entry at `index`. Raises `BitStringError`, also for a negative index."""
        return read_entry(self.data, self.size, self.order, index)


def read_entry(data: bytes, size: int, order: BitOrder, index: int) -> int:
    """The entry at `index` of `data`, whose entries have a `size` that `check_entry_size` accepts.

    Raises `BitStringError`, also for a negative index.
    """
    position = index * size
    if index < 0 or position + size > len(data) * 8:
        raise BitStringError("The status list has no entry of that number.")
    first, offset = position >> 3, position & 7
    if order is _LEAST_FIRST:
        return (data[first] >> offset) & ((1 << size) - 1)
    window = data[first] << 8
    if offset + size > 8:
        window |= data[first + 1]
    return (window >> (16 - size - offset)) & ((1 << size) - 1)


def check_entry_size(size: int, order: BitOrder) -> None:
    """Raises `BitStringError` (`unsupported_entry_size`) where entries of `size` bits do not exist."""
    divides = order is BitOrder.MOST_SIGNIFICANT_FIRST or 8 % size == 0 if size > 0 else False
    if not (0 < size <= MAX_ENTRY_BITS and divides):
        raise BitStringError("Status entries of that size do not exist.", code="unsupported_entry_size")


def build_bit_string(length: int, size: int, order: BitOrder, entries: Mapping[int, int]) -> BitString:
    """A bit string of `length` entries, zero but for `entries`. Raises `BitStringError`."""
    check_entry_size(size, order)
    data = bytearray(-(-length * size // 8))
    if size == 1 and _are_single_bits(length, entries):
        # most lists are of this kind, and a long one is built at every publication
        last = 0 if order is BitOrder.LEAST_SIGNIFICANT_FIRST else 7
        for index in entries:
            data[index >> 3] |= 1 << ((index & 7) ^ last)
        return BitString(bytes(data), size, order)
    for index, value in entries.items():
        if not 0 <= index < length:
            raise BitStringError("The status list has no entry of that number.")
        if not 0 <= value < 1 << size:
            raise BitStringError("The status does not fit into the entry.", code="entry_too_large")
        position = index * size
        first, offset = position >> 3, position & 7
        if order is BitOrder.LEAST_SIGNIFICANT_FIRST:
            data[first] |= value << offset
            continue
        window = value << (16 - size - offset)
        data[first] |= window >> 8
        if window & 0xFF:
            data[first + 1] |= window & 0xFF
    return BitString(bytes(data), size, order)


def _are_single_bits(length: int, entries: Mapping[int, int]) -> bool:
    """Whether every entry is in range and set."""
    return not entries or (min(entries) >= 0 and max(entries) < length and set(entries.values()) == {1})

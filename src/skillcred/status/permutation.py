"""A secret order in which the places of a list are given out.

Indexes must not tell when, or for whom, a credential was issued (Bitstring Status List 1.0, "Random Index"; SECURITY
S-16), and none may be given out twice. A keyed permutation of the places 0 … length-1 gives both at once: the n-th
credential gets the n-th place of it, so a counter in the database is all that has to be kept.

A balanced Feistel network over the next power of four with HMAC-SHA-256 as round function, walked until it stays
below `length` (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002, method 2).
"""

from __future__ import annotations

import hmac
from typing import Final

from skillcred.errors import IntegrityError

KEY_BYTES: Final = 32
ROUNDS: Final = 8
MAX_LENGTH: Final = 1 << 32


def permute(position: int, length: int, key: bytes) -> int:
    """The place of the `position`-th entry. For each `key` a permutation of `range(length)`.

    Raises `IntegrityError` for a position that the list does not have: that is a fault of ours.
    """
    if not 0 <= position < length <= MAX_LENGTH:
        raise IntegrityError(
            "A status list has no entry of that number.", code="status_position_out_of_range"
        )
    half = max(1, ((length - 1).bit_length() + 1) // 2)
    place = position
    while True:
        place = _feistel(place, half, key)
        if place < length:
            return place


def _feistel(value: int, half: int, key: bytes) -> int:
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for number in range(ROUNDS):
        message = number.to_bytes(1) + right.to_bytes(4)
        digest = hmac.digest(key, message, "sha256")
        left, right = right, left ^ (int.from_bytes(digest[:4]) & mask)
    return left << half | right

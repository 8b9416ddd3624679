"""Header and messages as one byte string, so that a BBS signature is one over bytes like any other.

Reservations record the exact bytes that a key signs, and a `Signer` takes bytes. The encoding is our own and
never leaves the issuer; header and messages come out of it again before anything is hashed.

    length of header (8 bytes) | header | for each message: its length (8 bytes) | message
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from skillcred.keys.bbs.ciphersuite import MAX_MESSAGES
from skillcred.keys.bbs.encoding import BbsError

_LENGTH_BYTES: Final = 8


def encode_signing_input(header: bytes, messages: Sequence[bytes]) -> bytes:
    """The one encoding of `header` and `messages`."""
    return b"".join(len(part).to_bytes(_LENGTH_BYTES) + part for part in (header, *messages))


def decode_signing_input(octets: bytes) -> tuple[bytes, list[bytes]]:
    """Header and messages. Raises `BbsError` for bytes that `encode_signing_input` does not give."""
    parts: list[bytes] = []
    position = 0
    while position < len(octets):
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(octets[position:start])
        if start > len(octets) or position > len(octets) or len(parts) > MAX_MESSAGES:
            raise BbsError("The bytes are not a header and messages.")
        parts.append(octets[start:position])
    if not parts:
        raise BbsError("The bytes are not a header and messages.")
    return parts[0], parts[1:]

"""The two multibase headers of Controlled Identifiers 1.0 section 2.4: `z` base58btc and `u` base64url.

Strict: one text for one byte string, and a bound on length because base58 costs quadratic time.
"""

from __future__ import annotations

from typing import Final

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.errors import InputError

BASE58_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_BASE58_CHARACTERS: Final = 512
"""Longest base58 text decoded; the longest we expect, a P-384 signature, has 132."""

_FOREIGN: Final = b"\xff"
_VALUES: Final = bytes(
    BASE58_ALPHABET.index(chr(code)) if chr(code) in BASE58_ALPHABET else _FOREIGN[0] for code in range(256)
)


def _foldings(digits: int) -> tuple[tuple[int, int, int], ...]:
    """How to turn a number of `digits` digits to the base 58, each in a byte of its own, into the number itself: each
    round puts neighbours together, so that there are half as many digits to the square of the base. A round is its
    width in bits, the mask of every other digit, and by how much the left one of two counts for less than its place
    says; no digit ever outgrows its place, as 58 < 256."""
    rounds = []
    bits, base = 8, 58
    while bits < 8 * digits:
        mask = int.from_bytes((b"\0" * (bits // 8) + b"\xff" * (bits // 8)) * (4 * digits // bits))
        rounds.append((bits, mask, (1 << bits) - base))
        bits, base = 2 * bits, base * base
    return tuple(rounds)


_SHORT: Final = 128
"""Characters of most texts at most: a signature of 64 bytes has 88."""
_FOLDINGS: Final = _foldings(_SHORT)
_LONG_FOLDINGS: Final = _foldings(MAX_BASE58_CHARACTERS)


class MultibaseError(InputError):
    """The text is not a multibase value that we accept. Codes: `invalid_multibase`, `multibase_header`."""

    default_code = "invalid_multibase"


def encode_base58(data: bytes) -> str:
    """`data` in base58 with the Bitcoin alphabet."""
    number = int.from_bytes(data)
    characters: list[str] = []
    while number:
        number, remainder = divmod(number, 58)
        characters.append(BASE58_ALPHABET[remainder])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(characters))


def decode_base58(text: str) -> bytes:
    """The bytes of base58btc `text`. Raises `MultibaseError`."""
    if len(text) > MAX_BASE58_CHARACTERS:
        raise MultibaseError("The base58 text is too long.")
    try:
        values = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError:
        values = _FOREIGN
    if _FOREIGN in values:
        raise MultibaseError("The text holds a character that base58 does not have.")
    number = int.from_bytes(values)
    for bits, mask, excess in _FOLDINGS if len(values) <= _SHORT else _LONG_FOLDINGS:
        number -= (number >> bits & mask) * excess
    decoded = number.to_bytes((number.bit_length() + 7) // 8)
    return b"\0" * (len(text) - len(text.lstrip("1"))) + decoded if text.startswith("1") else decoded


def encode_multibase(data: bytes, *, header: str = "z") -> str:
    """`data` with multibase header `z` (base58btc) or `u` (base64url)."""
    return "z" + encode_base58(data) if header == "z" else "u" + encode_base64url(data)


def decode_multibase(text: str, *, headers: str = "zu") -> bytes:
    """The bytes of `text`; its header is one of `headers`. Raises `MultibaseError`, `Base64UrlError`."""
    if not text or text[0] not in headers:
        raise MultibaseError("The multibase header is not one that is allowed here.", code="multibase_header")
    return decode_base58(text[1:]) if text[0] == "z" else decode_base64url(text[1:])

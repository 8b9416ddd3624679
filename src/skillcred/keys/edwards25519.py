"""The checks on Ed25519 points that the library leaves out (SECURITY K-04, M13).

OpenSSL accepts public keys of small order, under which one signature fits many messages, and more than one
encoding of the same point. Here a public key has to be the canonical encoding (RFC 8032 section 5.1.3) of a
point of the prime-order subgroup, other than the neutral element. Nothing here touches secrets, so plain
integers of varying running time are fine.
"""

from __future__ import annotations

from typing import Final

FIELD_PRIME: Final = 2**255 - 19
GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""Order L of the subgroup that the base point generates (RFC 8032 section 5.1)."""
ENCODED_LENGTH: Final = 32

SMALL_ORDER_ENCODINGS: Final = frozenset(
    bytes.fromhex(encoded)
    for encoded in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)
"""The canonical encodings of the eight points whose order divides 8."""

_D: Final = -121665 * pow(121666, -1, FIELD_PRIME) % FIELD_PRIME
_SQRT_MINUS_ONE: Final = pow(2, (FIELD_PRIME - 1) // 4, FIELD_PRIME)
_SIGN_BIT: Final = 1 << 255

_Point = tuple[int, int, int, int]
"""Extended coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z."""
_NEUTRAL: Final[_Point] = (0, 1, 1, 0)


def decode_point(encoded: bytes) -> tuple[int, int] | None:
    """The affine point that 32 bytes encode, or None where they are not the canonical encoding of a point."""
    if len(encoded) != ENCODED_LENGTH:
        return None
    number = int.from_bytes(encoded, "little")
    sign = number >> 255
    y = number & (_SIGN_BIT - 1)
    if y >= FIELD_PRIME:
        return None
    x = _recover_x(y)
    if x is None or (x == 0 and sign):
        return None
    return (FIELD_PRIME - x if (x & 1) != sign else x), y


def is_small_order(point: tuple[int, int]) -> bool:
    """Whether the order of `point` divides the cofactor 8: the eight points of the small subgroup."""
    return _is_neutral(_double(_double(_double(_extended(point)))))


def is_in_prime_subgroup(point: tuple[int, int]) -> bool:
    """Whether L times `point` is the neutral element: no component of small order. About a millisecond."""
    start = _extended(point)
    result = _NEUTRAL
    for bit in bin(GROUP_ORDER)[2:]:
        result = _double(result)
        if bit == "1":
            result = _add(result, start)
    return _is_neutral(result)


def _recover_x(y: int) -> int | None:
    """A square root of (y^2 - 1) / (d*y^2 + 1), or None (RFC 8032 section 5.1.3, step 2 and 3)."""
    p = FIELD_PRIME
    u = (y * y - 1) % p
    v = (_D * y * y + 1) % p
    x = u * pow(v, 3, p) * pow(u * pow(v, 7, p), (p - 5) // 8, p) % p
    check = v * x * x % p
    if check == u:
        return x
    return x * _SQRT_MINUS_ONE % p if check == p - u else None


def _extended(point: tuple[int, int]) -> _Point:
    x, y = point
    return x, y, 1, x * y % FIELD_PRIME


def _is_neutral(point: _Point) -> bool:
    x, y, z, _ = point
    return x % FIELD_PRIME == 0 and (y - z) % FIELD_PRIME == 0


def _add(first: _Point, second: _Point) -> _Point:
    """The complete addition formula of RFC 8032 section 5.1.4."""
    p = FIELD_PRIME
    x1, y1, z1, t1 = first
    x2, y2, z2, t2 = second
    a = (y1 - x1) * (y2 - x2) % p
    b = (y1 + x1) * (y2 + x2) % p
    c = 2 * t1 * _D * t2 % p
    d = 2 * z1 * z2 % p
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % p, g * h % p, f * g % p, e * h % p


def _double(point: _Point) -> _Point:
    p = FIELD_PRIME
    x1, y1, z1, _ = point
    a = x1 * x1 % p
    b = y1 * y1 % p
    c = 2 * z1 * z1 % p
    h = a + b
    e = h - (x1 + y1) * (x1 + y1) % p
    g = a - b
    f = c + g
    return e * f % p, g * h % p, f * g % p, e * h % p

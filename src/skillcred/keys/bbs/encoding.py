"""Points, scalars, signatures, proofs and public keys as bytes (the draft, section 4.2.4).

Strict: one encoding for each value. The library checks that a point is on its curve and in the subgroup of
prime order, but it reads several encodings of the neutral element; since nothing here may be the neutral
element, all of them are refused together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from skillcred.errors import InputError

SCALAR_LENGTH: Final = 32
G1_LENGTH: Final = 48
PUBLIC_KEY_LENGTH: Final = 96
"""A compressed point of G2."""
SIGNATURE_LENGTH: Final = G1_LENGTH + SCALAR_LENGTH
MIN_PROOF_LENGTH: Final = 3 * G1_LENGTH + 4 * SCALAR_LENGTH

_KEY_CACHE_SIZE: Final = 256
_NEUTRAL_G1: Final = G1Point.identity()
_NEUTRAL_G2: Final = G2Point.identity()


class BbsError(InputError):
    """A key, signature, proof or selection cannot be one. The message never holds the value."""

    default_code = "invalid_bbs_value"


@dataclass(frozen=True, slots=True)
class Proof:
    """A decoded proof, in the draft's names Abar, Bbar, D, e^, r1^, r3^, (m^_j …) and c."""

    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    e_hat: Scalar
    r1_hat: Scalar
    r3_hat: Scalar
    message_hats: tuple[Scalar, ...]
    challenge: Scalar


def encode_signature(a: G1Point, e: Scalar) -> bytes:
    """`signature_to_octets` (section 4.2.4.2): 80 bytes."""
    return a.to_compressed_bytes() + e.to_be_bytes()


def decode_signature(signature: bytes) -> tuple[G1Point, Scalar]:
    """`octets_to_signature` (section 4.2.4.3): A and e. Raises `BbsError`."""
    if len(signature) != SIGNATURE_LENGTH:
        raise BbsError("A BBS signature has 80 bytes.")
    return _decode_g1(signature[:G1_LENGTH]), decode_scalar(signature[G1_LENGTH:])


def encode_proof(proof: Proof) -> bytes:
    """`proof_to_octets` (section 4.2.4.4): 272 bytes, and 32 more for each message that is not disclosed."""
    points = (proof.a_bar, proof.b_bar, proof.d)
    scalars = (proof.e_hat, proof.r1_hat, proof.r3_hat, *proof.message_hats, proof.challenge)
    return b"".join(point.to_compressed_bytes() for point in points) + encode_scalars(scalars)


def decode_proof(proof: bytes) -> Proof:
    """`octets_to_proof` (section 4.2.4.5). Raises `BbsError`."""
    if len(proof) < MIN_PROOF_LENGTH or (len(proof) - MIN_PROOF_LENGTH) % SCALAR_LENGTH:
        raise BbsError("A BBS proof is three points and four or more scalars.")
    a_bar, b_bar, d = (
        _decode_g1(proof[start : start + G1_LENGTH]) for start in range(0, 3 * G1_LENGTH, G1_LENGTH)
    )
    e_hat, r1_hat, r3_hat, *message_hats, challenge = (
        decode_scalar(proof[start : start + SCALAR_LENGTH])
        for start in range(3 * G1_LENGTH, len(proof), SCALAR_LENGTH)
    )
    return Proof(a_bar, b_bar, d, e_hat, r1_hat, r3_hat, tuple(message_hats), challenge)


def undisclosed_count(proof: bytes) -> int:
    """How many messages a proof of this length hides; the length is checked by `decode_proof`."""
    return max(0, (len(proof) - MIN_PROOF_LENGTH) // SCALAR_LENGTH)


@lru_cache(maxsize=_KEY_CACHE_SIZE)
def decode_public_key(public_key: bytes) -> G2Point:
    """`octets_to_pubkey` (section 4.2.4.6). Raises `BbsError`."""
    if len(public_key) != PUBLIC_KEY_LENGTH:
        raise BbsError("A BLS12-381 G2 public key has 96 bytes.")
    try:
        point = G2Point.from_compressed_bytes(public_key)
    except ValueError as error:
        raise BbsError("The key is not a point of the group of its curve.") from error
    if point == _NEUTRAL_G2:
        raise BbsError("The key is the neutral element.")
    return point


def decode_scalar(octets: bytes) -> Scalar:
    """A scalar from 1 to r - 1, in 32 bytes. Raises `BbsError`."""
    try:
        scalar = Scalar.from_be_bytes(octets)
    except ValueError as error:
        raise BbsError("A scalar is not below the order of the group.") from error
    if scalar.is_zero():
        raise BbsError("A scalar is zero.")
    return scalar


def encode_scalars(scalars: Sequence[Scalar]) -> bytes:
    """The scalars one after the other, 32 bytes each."""
    return b"".join(scalar.to_be_bytes() for scalar in scalars)


def sum_of_products(points: Sequence[G1Point], scalars: Sequence[Scalar]) -> G1Point:
    """The sum of each point times its scalar.

    The library would leave out the rest of the longer list without a word.
    """
    if len(points) != len(scalars):
        raise BbsError("There are not as many messages as generators.")
    return G1Point.multiexp_unchecked(list(points), list(scalars))


def _decode_g1(octets: bytes) -> G1Point:
    try:
        point = G1Point.from_compressed_bytes(octets)
    except ValueError as error:
        raise BbsError("A point is not one of the group of its curve.") from error
    if point == _NEUTRAL_G1:
        raise BbsError("A point is the neutral element.")
    return point

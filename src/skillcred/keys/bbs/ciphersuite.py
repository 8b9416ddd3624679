"""The two ciphersuites of the draft (section 7.2), their hashing (RFC 9380) and their generators.

Nothing here touches secrets except `hash_to_scalar`, which hashes whatever it is given.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from py_arkworks_bls12381 import G1Point, Scalar

from skillcred.errors import LimitError

MAX_MESSAGES: Final = 4096
"""Most messages under one signature: each costs a generator, about a third of a millisecond when first used."""
EXPAND_LENGTH: Final = 48
"""Bytes that are reduced to one scalar, so that the bias is negligible (section 7.2, `expand_len`)."""

_SHA_256_BLOCK: Final = 64
_SHA_256_DIGEST: Final = 32
_MAX_EXPANDED: Final = 255 * _SHA_256_DIGEST
"""RFC 9380 section 5.3.1, step 2."""
_FIELD_LENGTH: Final = 64
"""Bytes that are reduced to one coordinate: `L` of the G1 suites (RFC 9380 section 8.8.1)."""
_FIELD_PRIME: Final = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16
)


@dataclass(frozen=True, slots=True)
class Generators:
    """Points that nobody knows a relation between: `domain` is Q_1, `messages` are H_1 … H_L.

    `encoded` is all of them, Q_1 first, as they enter the domain.
    """

    domain: G1Point
    messages: tuple[G1Point, ...]
    encoded: bytes


class _GeneratorList:
    """The generators of a ciphersuite, made as they are needed and kept: they are constants."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.points: list[G1Point] = []
        self.encodings: list[bytes] = []
        self.seed = b""


@dataclass(frozen=True, slots=True)
class Ciphersuite:
    """`identifier`: the draft's `ciphersuite_id`. `expand`: `expand_message` of RFC 9380, taking message,
    domain separation tag and length. `hash_to_g1`: `hash_to_curve_g1`, taking message and tag."""

    identifier: str
    expand: Callable[[bytes, bytes, int], bytes]
    hash_to_g1: Callable[[bytes, bytes], G1Point]
    base: G1Point = field(init=False)
    """P1, the fixed point that each signature starts from."""
    _generators: _GeneratorList = field(init=False, default_factory=_GeneratorList, repr=False, compare=False)

    def __post_init__(self) -> None:
        base, _ = self._next_generator(self._first_seed(b"BP_MESSAGE_GENERATOR_SEED"), 1)
        object.__setattr__(self, "base", base)

    @property
    def interface(self) -> bytes:
        """`api_id` of the BBS Signatures Interface (section 3.5)."""
        return self.identifier.encode("ascii") + b"H2G_HM2S_"

    def hash_to_scalar(self, message: bytes, tag: bytes) -> Scalar:
        """`hash_to_scalar` (section 4.2.2)."""
        return Scalar.from_be_bytes_mod_order(self.expand(message, tag, EXPAND_LENGTH))

    def challenge_scalar(self, message: bytes) -> Scalar:
        """`hash_to_scalar` with the tag of the domain, of `e` and of the challenge."""
        return self.hash_to_scalar(message, self.interface + b"H2S_")

    def message_scalar(self, message: bytes) -> Scalar:
        """`messages_to_scalars` (section 4.1.2) for one message."""
        return self.hash_to_scalar(message, self.interface + b"MAP_MSG_TO_SCALAR_AS_HASH_")

    def generators(self, message_count: int) -> Generators:
        """`create_generators` (section 4.1.1) for `message_count` messages. Raises `LimitError`."""
        if message_count > MAX_MESSAGES:
            raise LimitError(f"More than {MAX_MESSAGES} messages stand under one BBS signature.")
        known, wanted = self._generators, message_count + 1
        with known.lock:
            seed = known.seed or self._first_seed(b"MESSAGE_GENERATOR_SEED")
            while len(known.points) < wanted:
                point, seed = self._next_generator(seed, len(known.points) + 1)
                known.points.append(point)
                known.encodings.append(point.to_compressed_bytes())
                known.seed = seed
            points, encodings = known.points[:wanted], known.encodings[:wanted]
        return Generators(points[0], tuple(points[1:]), b"".join(encodings))

    def _first_seed(self, label: bytes) -> bytes:
        return self.expand(self.interface + label, self._seed_tag, EXPAND_LENGTH)

    def _next_generator(self, seed: bytes, number: int) -> tuple[G1Point, bytes]:
        seed = self.expand(seed + number.to_bytes(8), self._seed_tag, EXPAND_LENGTH)
        return self.hash_to_g1(seed, self.interface + b"SIG_GENERATOR_DST_"), seed

    @property
    def _seed_tag(self) -> bytes:
        return self.interface + b"SIG_GENERATOR_SEED_"


def expand_message_xmd(message: bytes, tag: bytes, length: int) -> bytes:
    """`expand_message_xmd` with SHA-256 (RFC 9380 section 5.3.1). `tag`: at most 255 bytes."""
    if length > _MAX_EXPANDED:
        raise LimitError("More bytes are asked for than expand_message_xmd gives.")
    tag_prime = tag + len(tag).to_bytes(1)
    start = bytes(_SHA_256_BLOCK) + message + length.to_bytes(2) + b"\0" + tag_prime
    first = hashlib.sha256(start).digest()
    block = hashlib.sha256(first + b"\1" + tag_prime).digest()
    expanded = block
    for number in range(2, -(-length // _SHA_256_DIGEST) + 1):
        mixed = (int.from_bytes(first) ^ int.from_bytes(block)).to_bytes(_SHA_256_DIGEST)
        block = hashlib.sha256(mixed + number.to_bytes(1) + tag_prime).digest()
        expanded += block
    return expanded[:length]


def expand_message_xof(message: bytes, tag: bytes, length: int) -> bytes:
    """`expand_message_xof` with SHAKE-256 (RFC 9380 section 5.3.2). `tag`: at most 255 bytes."""
    tail = length.to_bytes(2) + tag + len(tag).to_bytes(1)
    return hashlib.shake_256(message + tail).digest(length)


def _hash_to_g1_xof(message: bytes, tag: bytes) -> G1Point:
    """`BLS12381G1_XOF:SHAKE-256_SSWU_RO_` (the draft, appendix A.1).

    The library has the hash-to-curve suite with SHA-256 only, and the map of a field element to the curve;
    since that map clears the cofactor, which is linear, the sum of the two mapped points is the hash.
    """
    uniform = expand_message_xof(message, tag, 2 * _FIELD_LENGTH)
    first, second = (
        (int.from_bytes(half) % _FIELD_PRIME).to_bytes(48)
        for half in (uniform[:_FIELD_LENGTH], uniform[_FIELD_LENGTH:])
    )
    return G1Point.map_from_fp_be(first) + G1Point.map_from_fp_be(second)


BLS12_381_SHA_256: Final = Ciphersuite(
    "BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_", expand_message_xmd, G1Point.hash_to_curve
)
"""The ciphersuite of `bbs-2023`."""
BLS12_381_SHAKE_256: Final = Ciphersuite(
    "BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_", expand_message_xof, _hash_to_g1_xof
)

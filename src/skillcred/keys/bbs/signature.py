"""Sign and Verify (the draft, sections 3.5.1, 3.5.2, 3.6.1 and 3.6.2).

The library does not compute in constant time. What is done with the secret key is therefore blinded with a
fresh random factor, so that what can be timed is independent of the key (docs/adr/0007-bbs.md).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from skillcred.errors import LimitError
from skillcred.keys.bbs.ciphersuite import EXPAND_LENGTH, Ciphersuite, Generators
from skillcred.keys.bbs.encoding import (
    BbsError,
    decode_public_key,
    decode_signature,
    encode_scalars,
    encode_signature,
    sum_of_products,
)

_ONE: Final = Scalar.from_be_bytes((1).to_bytes(32))
_G2_BASE: Final = G2Point()
"""BP2."""


def sign(
    suite: Ciphersuite, secret: Scalar, public_key: bytes, header: bytes, messages: Sequence[bytes]
) -> bytes:
    """The deterministic signature of 80 bytes. Raises `LimitError` for too many messages."""
    generators = suite.generators(len(messages))
    scalars = [suite.message_scalar(message) for message in messages]
    domain = calculate_domain(suite, public_key, generators, header)
    e = suite.challenge_scalar(encode_scalars([secret, *scalars, domain]))
    b = commit(suite, generators, domain, scalars)
    return encode_signature(_divide(b, secret + e), e)


def verify_signature(
    suite: Ciphersuite, public_key: bytes, signature: bytes, header: bytes, messages: Sequence[bytes]
) -> bool:
    """Whether `signature` is one over exactly `header` and `messages`, in their order."""
    try:
        a, e = decode_signature(signature)
        w = decode_public_key(public_key)
        generators = suite.generators(len(messages))
    except (BbsError, LimitError):
        return False
    scalars = [suite.message_scalar(message) for message in messages]
    b = commit(suite, generators, calculate_domain(suite, public_key, generators, header), scalars)
    return GT.pairing_check([a, a * e - b], [w, _G2_BASE])


def derive_public_key(secret: Scalar) -> bytes:
    """`SkToPk` (section 3.4.2): 96 bytes."""
    blind = random_scalar()
    return (_G2_BASE * blind * (secret * blind.inverse())).to_compressed_bytes()


def calculate_domain(suite: Ciphersuite, public_key: bytes, generators: Generators, header: bytes) -> Scalar:
    """`calculate_domain` (section 4.2.3)."""
    count = len(generators.messages).to_bytes(8)
    tail = len(header).to_bytes(8) + header
    return suite.challenge_scalar(public_key + count + generators.encoded + suite.interface + tail)


def commit(suite: Ciphersuite, generators: Generators, domain: Scalar, scalars: Sequence[Scalar]) -> G1Point:
    """B, what a signature is a signature on: P1 + Q_1 * domain + H_1 * msg_1 + …"""
    return sum_of_products([suite.base, generators.domain, *generators.messages], [_ONE, domain, *scalars])


def random_scalar() -> Scalar:
    """A scalar other than zero from the system's random source (section 4.2.1)."""
    while True:
        scalar = Scalar.from_be_bytes_mod_order(secrets.token_bytes(EXPAND_LENGTH))
        if not scalar.is_zero():
            return scalar


def _divide(point: G1Point, divisor: Scalar) -> G1Point:
    """`point` times the inverse of a secret: neither the inversion nor a multiplication sees the secret."""
    if divisor.is_zero():
        raise BbsError("The key cannot sign these messages; any change of them will do.")
    blind = random_scalar()
    return point * blind * (divisor * blind).inverse()

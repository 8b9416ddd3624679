"""Public keys as values, and the strict check of raw signatures.

A `PublicKey` that exists is good: on its curve, canonical, and for Ed25519 of prime order, so that no later
check can be forgotten. ECDSA signatures are not asked to have a low s: neither JOSE nor Data Integrity does,
and nothing here treats a signature as an identifier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError
from py_arkworks_bls12381 import G2Point

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.keys.algorithms import CURVES, Algorithm, InvalidKeyError
from skillcred.keys.bbs import (
    BLS12_381_SHA_256,
    SIGNATURE_LENGTH,
    BbsError,
    decode_public_key,
    decode_signing_input,
    verify_signature,
)
from skillcred.keys.edwards25519 import (
    GROUP_ORDER,
    SMALL_ORDER_ENCODINGS,
    decode_point,
    is_in_prime_subgroup,
    is_small_order,
)
from skillcred.keys.jwk import build_jwk, decode_jwk
from skillcred.keys.ml_dsa import ML_DSA_AVAILABLE
from skillcred.keys.multikey import decode_multikey, encode_multikey

__all__ = ["Algorithm", "InvalidKeyError", "PublicKey"]

KEY_CACHE_SIZE: Final = 1024
"""Checked keys kept in memory; checking one costs about a millisecond."""

_SCHEMES: Final = {algorithm: ec.ECDSA(traits.hash) for algorithm, traits in CURVES.items()}
_SURELY_LESS: Final = GROUP_ORDER >> 248
"""A number of 32 bytes whose first one is below this is below the order of the group; so nearly all are."""
_Loaded = Ed25519PublicKey | ec.EllipticCurvePublicKey | G2Point | MLDSA44PublicKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key. `key_bytes`: Ed25519 32 bytes; P-256, P-384 and P-521 compressed SEC 1 points, 33, 49 and 67 bytes;
    BLS12-381 a compressed point of G2, 96 bytes; ML-DSA-44 as FIPS 204 encodes it, 1312 bytes.

    Making one raises `InvalidKeyError` for a key that is not acceptable.
    """

    algorithm: Algorithm
    key_bytes: bytes

    def __post_init__(self) -> None:
        _load(self.algorithm, self.key_bytes)

    @classmethod
    def from_multikey(cls, text: str) -> PublicKey:
        """The key that Multikey `text` (`publicKeyMultibase`) encodes. Raises `InvalidKeyError`."""
        return cls(*decode_multikey(text))

    @classmethod
    def from_jwk(cls, jwk: JsonObject) -> PublicKey:
        """The key that a public JWK holds. Raises `InvalidKeyError`."""
        return cls(*decode_jwk(jwk))

    def to_multikey(self) -> str:
        """The Multikey text."""
        return _multikey(self.algorithm, self.key_bytes)

    def to_jwk(self) -> JsonObject:
        """The JWK, with the members that make up the key and no others.

        Raises `InvalidKeyError` (`unsupported_key_type`) for BLS12-381 and ML-DSA keys: their JWKs are not read here.
        """
        key = _load(self.algorithm, self.key_bytes)
        if isinstance(key, Ed25519PublicKey | G2Point | MLDSA44PublicKey):
            return build_jwk(self.algorithm, (self.key_bytes,))
        numbers = key.public_numbers()
        length = len(self.key_bytes) - 1
        return build_jwk(self.algorithm, (numbers.x.to_bytes(length), numbers.y.to_bytes(length)))

    def thumbprint(self) -> str:
        """The SHA-256 JWK thumbprint (RFC 7638) in base64url."""
        return encode_base64url(hashlib.sha256(encode_jcs(self.to_jwk())).digest())

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is this key's raw signature over `message`.

        Ed25519: R canonical and not of small order, S below the group order, cofactorless equation
        (RFC 8032 section 5.1.7). ECDSA: r then s, each of fixed width; the hash is that of the key's `CurveTraits`.
        BBS: 80 bytes and then this key, over the header and messages that `encode_signing_input` made `message` of.
        ML-DSA: pure, with an empty context string (FIPS 204, algorithm 3).
        """
        length, check = _CHECKS[self.algorithm]
        if len(signature) != length:
            return False
        return check(self, _load(self.algorithm, self.key_bytes), signature, message)


@lru_cache(maxsize=KEY_CACHE_SIZE)
def _load(algorithm: Algorithm, key_bytes: bytes) -> _Loaded:
    if len(key_bytes) != algorithm.public_key_length:
        raise InvalidKeyError("The key does not have the length that its type says.")
    if algorithm is Algorithm.ED25519:
        point = decode_point(key_bytes)
        if point is None:
            raise InvalidKeyError("The key is not the canonical encoding of a point of its curve.")
        if is_small_order(point):
            raise InvalidKeyError(
                "The key is a point of small order: it proves nothing.", code="small_order_key"
            )
        if not is_in_prime_subgroup(point):
            raise InvalidKeyError("The key has a component of small order.", code="mixed_order_key")
        return Ed25519PublicKey.from_public_bytes(key_bytes)
    if algorithm is Algorithm.MLDSA44:
        if not ML_DSA_AVAILABLE:
            raise InvalidKeyError("Keys of this type are not supported.", code="unsupported_key_type")
        return MLDSA44PublicKey.from_public_bytes(key_bytes)
    if algorithm is Algorithm.BLS12381G2:
        try:
            return decode_public_key(key_bytes)
        except BbsError as error:
            raise InvalidKeyError(error.message) from error
    if key_bytes[0] not in (2, 3):
        raise InvalidKeyError("The key is not a compressed point.")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[algorithm].curve, key_bytes)
    except ValueError as error:
        raise InvalidKeyError("The key is not a point of its curve.") from error


@lru_cache(maxsize=KEY_CACHE_SIZE)
def _multikey(algorithm: Algorithm, key_bytes: bytes) -> str:
    return encode_multikey(algorithm, key_bytes)


def _verify_ed25519(public_key: PublicKey, _: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """By libsodium, in half the time that OpenSSL takes (docs/adr/0038-ed25519-by-libsodium.md).

    It computes R anew and compares its canonical encoding with the bytes given, so that an R that is no canonical
    encoding of a point, or has a component of small order, never fits; what is left to refuse is an R of small order.
    It reads key and signature without asking for their lengths, which are those that were checked.
    """
    if signature[63] >= _SURELY_LESS and int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
        return False
    if signature[:32] in SMALL_ORDER_ENCODINGS:
        return False
    try:
        crypto_sign_open(signature + message, public_key.key_bytes)
    except BadSignatureError:
        return False
    return True


def _verify_ml_dsa(_: PublicKey, key: MLDSA44PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _verify_bbs(public_key: PublicKey, _: G2Point, signature: bytes, message: bytes) -> bool:
    try:
        header, messages = decode_signing_input(message)
    except BbsError:
        return False
    bbs_signature, signer_key = signature[:SIGNATURE_LENGTH], signature[SIGNATURE_LENGTH:]
    if signer_key != public_key.key_bytes:
        return False
    return verify_signature(BLS12_381_SHA_256, public_key.key_bytes, bbs_signature, header, messages)


def _verify_ecdsa(
    public_key: PublicKey, key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes
) -> bool:
    traits = CURVES[public_key.algorithm]
    half = len(signature) // 2
    r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
    if not (0 < r < traits.order and 0 < s < traits.order):
        return False
    try:
        key.verify(encode_dss_signature(r, s), message, _SCHEMES[public_key.algorithm])
    except InvalidSignature:
        return False
    return True


_Check = Callable[[PublicKey, Any, bytes, bytes], bool]
_OTHER_CHECKS: Final[Mapping[Algorithm, _Check]] = {
    Algorithm.ED25519: _verify_ed25519,
    Algorithm.BLS12381G2: _verify_bbs,
    Algorithm.MLDSA44: _verify_ml_dsa,
}
_CHECKS: Final[Mapping[Algorithm, tuple[int, _Check]]] = {
    algorithm: (algorithm.signature_length, _OTHER_CHECKS.get(algorithm, _verify_ecdsa))
    for algorithm in Algorithm
}
"""How many bytes a signature has, and what checks it. The algorithm tells it: to ask whether a loaded key is of one of
the library's abstract classes takes longer than all else here but the check itself."""

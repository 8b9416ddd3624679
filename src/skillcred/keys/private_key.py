"""Private keys while they are in memory. Where they rest is the key managers' affair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from skillcred.keys.algorithms import CURVES, TRAITS, Algorithm, InvalidKeyError
from skillcred.keys.bbs import BbsError, BbsSecretKey
from skillcred.keys.ml_dsa import ML_DSA_AVAILABLE
from skillcred.keys.public_key import PublicKey

BBS_PKCS8_PREFIX: Final = bytes.fromhex("303d020100301606146981bcc6a2eead91ba92dfa6facfc791918bbe770420")
"""PKCS#8 of a BBS key up to its 32 bytes. Nobody has registered an object identifier for such keys; this one is made of
a UUID, 2.25.125312306559876302777340712691962142583 (ITU-T X.667), and says "BLS12-381 secret key for BBS"."""

_Key = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | BbsSecretKey | MLDSA44PrivateKey
_SCHEMES: Final = {
    algorithm: ec.ECDSA(traits.hash, deterministic_signing=True) for algorithm, traits in CURVES.items()
}
_ALGORITHM_OF_CURVE: Final = {traits.curve.name: algorithm for algorithm, traits in CURVES.items()}


class PrivateKey:
    """A key pair that signs. It has no text form, so that it cannot slip into a log (SECURITY K-17)."""

    __slots__ = ("_key", "public_key")

    def __init__(self, key: _Key) -> None:
        self._key = key
        self.public_key = _public_key(key)

    @classmethod
    def generate(cls, algorithm: Algorithm) -> PrivateKey:
        """A new key from the system's random source. Raises `InvalidKeyError` (`unsupported_key_type`) for ML-DSA where
        the library cannot do it."""
        if algorithm is Algorithm.ED25519:
            return cls(Ed25519PrivateKey.generate())
        if algorithm is Algorithm.BLS12381G2:
            return cls(BbsSecretKey.generate())
        if algorithm is Algorithm.MLDSA44:
            if not ML_DSA_AVAILABLE:
                raise InvalidKeyError("Keys of this type are not supported.", code="unsupported_key_type")
            return cls(MLDSA44PrivateKey.generate())
        return cls(ec.generate_private_key(CURVES[algorithm].curve))

    @classmethod
    def from_pkcs8(cls, der: bytes) -> PrivateKey:
        """The key in an unencrypted PKCS#8 structure. Raises `InvalidKeyError`."""
        try:
            if der.startswith(BBS_PKCS8_PREFIX):
                return cls(BbsSecretKey(der[len(BBS_PKCS8_PREFIX) :]))
            key = serialization.load_der_private_key(der, password=None)
        except UnsupportedAlgorithm as error:
            raise InvalidKeyError(
                "Keys of this type are not supported.", code="unsupported_key_type"
            ) from error
        except (ValueError, TypeError, BbsError) as error:
            raise InvalidKeyError("The private key cannot be read.") from error
        if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey | MLDSA44PrivateKey):
            raise InvalidKeyError("Keys of this type are not supported.", code="unsupported_key_type")
        return cls(key)

    def to_pkcs8(self) -> bytes:
        """The unencrypted PKCS#8 structure (RFC 5958), for a key manager to encrypt; of an ML-DSA key it has the seed
        only."""
        if isinstance(self._key, BbsSecretKey):
            return BBS_PKCS8_PREFIX + self._key.to_bytes()
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> bytes:
        """The raw signature over `message`; see `PublicKey.verify`.

        ECDSA derives its nonce from key and message (RFC 6979), so that no random source can give the key
        away (SECURITY K-16). ML-DSA mixes randomness with what it derives (FIPS 204 section 3.4, "hedged"), so that
        two signatures differ. BBS signs what `encode_signing_input` gives; raises `BbsError` for other bytes.
        """
        key: Any = self._key  # of the class that the algorithm says
        algorithm = self.public_key.algorithm
        scheme = _SCHEMES.get(algorithm)
        if scheme is None:
            signed: bytes = key.sign(message)
            return signed + key.public_key if algorithm is Algorithm.BLS12381G2 else signed
        signature = key.sign(message, scheme)
        width = TRAITS[algorithm].coordinate_length
        return b"".join(number.to_bytes(width) for number in decode_dss_signature(signature))

    def __repr__(self) -> str:
        return f"<PrivateKey {self.public_key.algorithm}>"

    def __reduce__(self) -> str:
        raise TypeError("private keys are not pickled")


@dataclass(frozen=True, slots=True)
class PrivateKeySigner:
    """The `Signer` over a key that is in this process."""

    verification_method: str
    private_key: PrivateKey

    @property
    def public_key(self) -> PublicKey:
        """The public part."""
        return self.private_key.public_key

    def sign(self, message: bytes) -> bytes:
        """The raw signature over `message`."""
        return self.private_key.sign(message)


def _public_key(key: _Key) -> PublicKey:
    if isinstance(key, BbsSecretKey):
        return PublicKey(Algorithm.BLS12381G2, key.public_key)
    if isinstance(key, Ed25519PrivateKey):
        return PublicKey(Algorithm.ED25519, key.public_key().public_bytes_raw())
    if isinstance(key, MLDSA44PrivateKey):
        return PublicKey(Algorithm.MLDSA44, key.public_key().public_bytes_raw())
    algorithm = _ALGORITHM_OF_CURVE.get(key.curve.name)
    if algorithm is None:
        raise InvalidKeyError("Keys on this curve are not supported.", code="unsupported_key_type")
    encoded = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    return PublicKey(algorithm, encoded)

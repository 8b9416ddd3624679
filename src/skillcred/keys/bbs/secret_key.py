"""The secret key of BBS while it is in memory."""

from __future__ import annotations

import secrets
from typing import Final

from skillcred.keys.bbs.ciphersuite import BLS12_381_SHA_256, Ciphersuite
from skillcred.keys.bbs.encoding import BbsError, decode_scalar
from skillcred.keys.bbs.signature import derive_public_key, sign
from skillcred.keys.bbs.signing_input import decode_signing_input

_MIN_MATERIAL: Final = 32
_MAX_INFORMATION: Final = 65535


class BbsSecretKey:
    """A scalar that signs. It has no text form, so that it cannot slip into a log (SECURITY K-17)."""

    __slots__ = ("_secret", "public_key")

    def __init__(self, octets: bytes) -> None:
        """The key that `octets` (32 bytes) encode. Raises `BbsError`."""
        self._secret = decode_scalar(octets)
        self.public_key = derive_public_key(self._secret)
        """96 bytes."""

    @classmethod
    def generate(cls) -> BbsSecretKey:
        """A new key from the system's random source."""
        return cls.derive(secrets.token_bytes(_MIN_MATERIAL))

    @classmethod
    def derive(
        cls,
        material: bytes,
        information: bytes = b"",
        tag: bytes | None = None,
        suite: Ciphersuite = BLS12_381_SHA_256,
    ) -> BbsSecretKey:
        """`KeyGen` (section 3.4.1). Raises `BbsError` for `material` of less than 32 bytes."""
        if len(material) < _MIN_MATERIAL or len(information) > _MAX_INFORMATION:
            raise BbsError("A key is derived from 32 bytes or more, with at most 65535 bytes beside them.")
        if tag is None:
            tag = suite.identifier.encode("ascii") + b"KEYGEN_DST_"
        derive_input = material + len(information).to_bytes(2) + information
        return cls(suite.hash_to_scalar(derive_input, tag).to_be_bytes())

    def to_bytes(self) -> bytes:
        """The 32 bytes of the key, for a key manager to encrypt."""
        return self._secret.to_be_bytes()

    def sign(self, message: bytes, suite: Ciphersuite = BLS12_381_SHA_256) -> bytes:
        """The signature over the header and messages that `encode_signing_input` made `message` of.

        Raises `BbsError`, `LimitError`.
        """
        header, messages = decode_signing_input(message)
        return sign(suite, self._secret, self.public_key, header, messages)

    def __repr__(self) -> str:
        return "<BbsSecretKey>"

    def __reduce__(self) -> str:
        raise TypeError("private keys are not pickled")

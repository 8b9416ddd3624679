"""Nonces that need no storage until they are used: what they hold is sealed with a key that all web processes share.

Anybody may ask for nonces, a million of them, so none is remembered when it is handed out (SECURITY V-05). Whoever
accepts one has to record its digest until it expires, so that it is accepted once.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.errors import ConfigurationError

ENTROPY_BYTES: Final = 16
"""Random bytes in a nonce: 128 bits, which cannot be guessed."""
MIN_KEY_BYTES: Final = 32
"""Shortest key for sealing, in bytes: as long as the output of the hash function (RFC 2104 section 3)."""
_EXPIRY_BYTES: Final = 8
_SEAL_BYTES: Final = hashlib.sha256().digest_size
_LENGTH: Final = ENTROPY_BYTES + _EXPIRY_BYTES + _SEAL_BYTES
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NonceUse(StrEnum):
    """What a nonce is for. One for one use is none for another."""

    CREDENTIAL = "c_nonce"
    DPOP = "dpop_nonce"


@dataclass(frozen=True, slots=True)
class AcceptedNonce:
    """A nonce of ours that has not expired. `digest` (SHA-256, hexadecimal) is what is recorded, until `expires_at`."""

    digest: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NonceSealer:
    """Makes and recognises the nonces for one use at one issuer. `key` is secret and has at least 32 bytes.

    Raises `ConfigurationError` for a shorter key.
    """

    key: bytes
    use: NonceUse
    issuer: str
    lifetime: timedelta

    def __post_init__(self) -> None:
        if len(self.key) < MIN_KEY_BYTES:
            raise ConfigurationError("The key for nonces is too short.", code="nonce_key_too_short")

    def __repr__(self) -> str:
        return f"NonceSealer(use={self.use.value!r}, issuer={self.issuer!r})"

    def build(self, entropy: bytes, at: datetime) -> str:
        """The nonce made of 16 fresh random bytes; good until `at` plus the lifetime."""
        if len(entropy) != ENTROPY_BYTES:
            raise ConfigurationError("A nonce is made of 16 random bytes.", code="nonce_entropy")
        expires = int((at + self.lifetime - _EPOCH).total_seconds())
        content = entropy + expires.to_bytes(_EXPIRY_BYTES)
        return encode_base64url(content + self._seal(content))

    def accept(self, nonce: str, at: datetime) -> AcceptedNonce | None:
        """What to record of `nonce`, or None for one that was not made here or has expired."""
        if len(nonce) != _TEXT_LENGTH:
            return None
        try:
            data = decode_base64url(nonce)
        except Base64UrlError:
            return None
        content, seal = data[:-_SEAL_BYTES], data[-_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(content)):
            return None
        expires_at = _EPOCH + timedelta(seconds=int.from_bytes(content[ENTROPY_BYTES:]))
        if at >= expires_at:
            return None
        return AcceptedNonce(hashlib.sha256(nonce.encode("ascii")).hexdigest(), expires_at)

    def _seal(self, content: bytes) -> bytes:
        context = hashlib.sha256(self.issuer.encode("utf-8")).digest()
        return hmac.digest(self.key, self.use.value.encode("ascii") + b"\0" + context + content, "sha256")


_TEXT_LENGTH: Final = len(encode_base64url(bytes(_LENGTH)))

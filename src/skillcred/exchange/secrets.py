"""Secrets of the protocols, all made of one that every process of the deployment has.

What is made of an identifier need not be stored to be said again: the code of an offer can be shown as often as the
provider wants to see it, and whoever reads the database without the secret cannot make it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.base64url import encode_base64url
from skillcred.errors import ConfigurationError

SECRET_BYTES: Final = 32
"""Bytes of the secret and of everything that is made of it."""


@dataclass(frozen=True, slots=True)
class ExchangeSecret:
    """The secret that nonces are sealed with and codes are made of. Raises `ConfigurationError` for a short one."""

    root: bytes

    def __post_init__(self) -> None:
        if len(self.root) < SECRET_BYTES:
            raise ConfigurationError(
                "The secret of the exchange protocols is too short.", code="exchange_secret_too_short"
            )

    def __repr__(self) -> str:
        return "ExchangeSecret()"

    def derive(self, purpose: str, *context: str) -> bytes:
        """32 bytes for one purpose and context (HMAC-SHA-256). Each part goes in with its length, so that no two
        different lists of parts are one input."""
        parts = [part.encode("utf-8") for part in (purpose, *context)]
        return hmac.digest(self.root, b"".join(len(part).to_bytes(4) + part for part in parts), "sha256")

    def derive_text(self, purpose: str, *context: str) -> str:
        """The same as 43 characters of base64url."""
        return encode_base64url(self.derive(purpose, *context))

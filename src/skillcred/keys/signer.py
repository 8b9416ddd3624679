"""The one ability a securing mechanism needs of a key that it never sees."""

from __future__ import annotations

from typing import Protocol

from skillcred.keys.public_key import PublicKey


class Signer(Protocol):
    """Signs bytes with a private key that stays where it is."""

    @property
    def verification_method(self) -> str:
        """The DID URL under which verifiers find the public key."""
        ...

    @property
    def public_key(self) -> PublicKey:
        """The public part."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The raw signature over `message` (Ed25519: 64 bytes; ECDSA: r then s, fixed width).

        Raises `UnavailableError` if the key cannot be used now.
        """
        ...

"""Keys at rest that cost nothing to write and open, for all tests but those of their protection.

Each would take a sixth of a second, and most tests make a registry with several. What is in a key file says what it
costs to open, so that a process that was started without this opens it, too (but for BBS keys)."""

from __future__ import annotations

from typing import Final

from skillcred.adapters.keystore import encrypted_pkcs8

GENUINE_SCRYPT_N: Final = encrypted_pkcs8.SCRYPT_N
CHEAP_SCRYPT_N: Final = 16


def protect_keys(scrypt_n: int) -> None:
    """With that cost from now on, in this process."""
    encrypted_pkcs8.SCRYPT_N = scrypt_n  # type: ignore[misc]

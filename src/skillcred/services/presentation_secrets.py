"""Secrets that only their digest is kept of: those of browser sessions, and the codes in redirects."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

SECRET_BYTES: Final = 32
"""Random bytes; they cannot be guessed, so that a plain digest is enough."""


def new_secret() -> str:
    """A new secret, 43 characters of base64url."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_secret(secret: str) -> str:
    """What is stored of it: SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def is_secret(secret: str | None, digest: str | None) -> bool:
    """Whether `secret` is the one that `digest` is of."""
    return secret is not None and digest is not None and hmac.compare_digest(digest_secret(secret), digest)

"""What is stored for a short while and nobody may read in the database: sealed with the secret of the deployment.

AES-256-GCM (NIST SP 800-38D) under a key for each record and purpose, so that what was sealed for one record opens for
no other.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from skillcred.errors import IntegrityError
from skillcred.exchange.secrets import ExchangeSecret

_NONCE_BYTES: Final = 12


def seal(secret: ExchangeSecret, content: bytes, purpose: str, record_id: str) -> bytes:
    """`content`, sealed for one record and purpose."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(secret.derive("seal", purpose, record_id)).encrypt(nonce, content, None)


def unseal(secret: ExchangeSecret, sealed: bytes, purpose: str, record_id: str) -> bytes:
    """What was sealed. Raises `IntegrityError` (`seal_broken`) for what was not sealed here, or for something else."""
    nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(secret.derive("seal", purpose, record_id)).decrypt(nonce, content, None)
    except (InvalidTag, ValueError) as error:
        raise IntegrityError("A sealed record does not open.", code="seal_broken") from error

"""Identifiers that cannot be guessed: 160 random bits, more than the 128 that are asked for (SECURITY I3).

A UUID would have 122. Those that people type on a command line are hexadecimal, so that none starts with `-`.
"""

from __future__ import annotations

import secrets
from typing import Final

from skillcred.encoding.base64url import encode_base64url

RANDOM_BYTES: Final = 20
CREDENTIALS_PATH: Final = "/v1/credentials/"
STATEMENTS_PATH: Final = "/v1/recognition-statements/"
ACCREDITATIONS_PATH: Final = "/v1/registry/accreditations/"
STATUS_LISTS_PATH: Final = "/v1/status-lists/"


def new_id() -> str:
    """A new identifier for our own records, 40 hexadecimal digits."""
    return secrets.token_hex(RANDOM_BYTES)


def new_url(base_url: str, path: str) -> str:
    """A new identifier that is an address of this deployment: `base_url`, `path`, 27 base64url characters."""
    return f"{base_url}{path}{encode_base64url(secrets.token_bytes(RANDOM_BYTES))}"

"""The text form of API keys: `sk_` public id `_` secret. Only a digest of the whole text is kept.

A fast digest is enough, because the secret has 256 random bits: nobody can try them out, hashed slowly or
not.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from skillcred.encoding.base64url import encode_base64url

PREFIX: Final = "sk"
ID_BYTES: Final = 10
SECRET_BYTES: Final = 32

_TEXT = re.compile(r"sk_([0-9a-f]{20})_[A-Za-z0-9_-]{43}", re.ASCII)


def new_secret() -> tuple[str, str]:
    """A new public id and the text of the whole key."""
    api_key_id = secrets.token_hex(ID_BYTES)
    return api_key_id, f"{PREFIX}_{api_key_id}_{encode_base64url(secrets.token_bytes(SECRET_BYTES))}"


def find_id(text: str) -> str | None:
    """The public id in the text of a key, `None` if it is not such a text."""
    match = _TEXT.fullmatch(text)
    return None if match is None else match[1]


def digest(text: str) -> str:
    """What is kept of the text of a key."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""base64url without padding, strict (RFC 7515 section 2; SECURITY J-16)."""

from __future__ import annotations

import base64
import binascii
import re

from skillcred.errors import InputError

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")


class Base64UrlError(InputError):
    """The text is not unpadded canonical base64url."""

    default_code = "invalid_base64url"


def encode_base64url(data: bytes) -> str:
    """`data` in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """The bytes of `text`; padding, other alphabets and non-zero trailing bits raise `Base64UrlError`."""
    if not _ALPHABET.match(text) or len(text) % 4 == 1:
        raise Base64UrlError("The text is not base64url without padding.")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise Base64UrlError("The text is not base64url.") from error
    if encode_base64url(data) != text:
        raise Base64UrlError("The text is not canonical base64url.")
    return data

"""base64url without padding, strict (RFC 7515 section 2; SECURITY J-16)."""

from __future__ import annotations

import binascii
from typing import Final

from skillcred.errors import InputError

_STANDARD: Final = bytes.maketrans(b"-_+/=", b"+/...")
"""To the standard alphabet. What is in that one only becomes a character of neither, which the library refuses."""
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_PADDING: Final = (b"", b"", b"==", b"=")
_LAST: Final = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")
"""By how many characters are left over: the last ones whose unused bits are zero."""


class Base64UrlError(InputError):
    """The text is not unpadded canonical base64url."""

    default_code = "invalid_base64url"


def encode_base64url(data: bytes) -> str:
    """`data` in base64url without padding."""
    return encode_base64url_bytes(data).decode("ascii")


def encode_base64url_bytes(data: bytes) -> bytes:
    """Like `encode_base64url`, for text that is put among bytes."""
    encoded = binascii.b2a_base64(data, newline=False).rstrip(b"=")
    # the two are rare in what JSON encodes to, and looking for them is quicker than writing all anew
    return encoded.translate(_URL_SAFE) if b"+" in encoded or b"/" in encoded else encoded


def decode_base64url(text: str) -> bytes:
    """The bytes of `text`; padding, other alphabets and non-zero trailing bits raise `Base64UrlError`."""
    try:
        ascii_text = text.encode("ascii")
    except UnicodeEncodeError as error:
        raise Base64UrlError("The text is not base64url without padding.") from error
    return decode_base64url_bytes(ascii_text)


def decode_base64url_bytes(text: bytes) -> bytes:
    """Like `decode_base64url`, for text that came as bytes."""
    left = len(text) % 4
    if left == 1:
        raise Base64UrlError("The text is not base64url without padding.")
    try:
        data = binascii.a2b_base64(text.translate(_STANDARD) + _PADDING[left], strict_mode=True)
    except binascii.Error as error:
        raise Base64UrlError("The text is not base64url without padding.") from error
    if left and text[-1] not in _LAST[left]:
        raise Base64UrlError("The text is not canonical base64url.")
    return data

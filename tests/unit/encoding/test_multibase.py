"""base64url and multibase: one text for one byte string."""

from __future__ import annotations

import pytest

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.encoding.multibase import (
    MAX_BASE58_CHARACTERS,
    MultibaseError,
    decode_multibase,
    encode_multibase,
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("YQ==", id="J-16-padding"),
        pytest.param("ab+/", id="J-16-other-alphabet"),
        pytest.param("YQ\n", id="J-16-newline"),
        pytest.param("YR", id="J-16-trailing-bits"),
        pytest.param("A", id="J-16-impossible-length"),
        pytest.param("YQ١", id="J-16-foreign-digit"),
    ],
)
def test_base64url_refuses(text: str) -> None:
    with pytest.raises(Base64UrlError):
        decode_base64url(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("mYQ", id="D-08-wrong-header"),
        pytest.param("z0OIl", id="D-08-characters-base58-lacks"),
        pytest.param("z 2", id="D-08-space"),
        pytest.param("z" + "2" * (MAX_BASE58_CHARACTERS + 1), id="too-long"),
    ],
)
def test_multibase_refuses(text: str) -> None:
    with pytest.raises((MultibaseError, Base64UrlError)):
        decode_multibase(text)


def test_headers_can_be_narrowed() -> None:
    with pytest.raises(MultibaseError) as caught:
        decode_multibase(encode_multibase(b"x", header="u"), headers="z")
    assert caught.value.code == "multibase_header"


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", "z"), (b"\0\0\x28\x7f\xb4\xcd", "z11233QC4"), (b"Hello World!", "z2NEpo7TZRRrLZSi2U")],
)
def test_known_values(data: bytes, text: str) -> None:
    """The examples of the base58 Internet-Draft (draft-msporny-base58-03, section 5)."""
    assert encode_multibase(data) == text
    assert decode_multibase(text) == data


def test_base64url_known_value() -> None:
    assert encode_base64url(b"\xfb\xff") == "-_8"
    assert decode_base64url("-_8") == b"\xfb\xff"

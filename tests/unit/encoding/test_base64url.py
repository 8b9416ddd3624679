"""base64url has one text for one byte string (RFC 7515 section 2; SECURITY J-16)."""

from __future__ import annotations

import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url

SAMPLE = "AQgwZz09-_+/= \n\0é"


def expected(text: str) -> bytes | None:
    """By way of the standard library and back: what encodes to the text, if anything does."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text else None


def decoded(text: str) -> bytes | None:
    try:
        return decode_base64url(text)
    except Base64UrlError:
        return None


def test_all_short_texts() -> None:
    for length in range(5):
        for letters in itertools.product(SAMPLE, repeat=length):
            text = "".join(letters)
            assert decoded(text) == expected(text), text


@given(st.binary(max_size=100))
def test_round_trip(data: bytes) -> None:
    text = encode_base64url(data)
    assert decode_base64url(text) == data
    assert text == base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        "AA==",
        "AAA=",
        "A",
        "AB",
        "AAB",
        "AAA\n",
        " AAAA",
        "AAAA ",
        "AA+A",
        "AA/A",
        "\uff21\uff21",
        "A\ud800AA",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(Base64UrlError):
        decode_base64url(text)

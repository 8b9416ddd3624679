"""SECURITY P-01 to P-10: the parser refuses what the standard one lets through."""

from __future__ import annotations

import pytest

from skillcred.encoding.strict_json import (
    _STRUCTURE,
    MAX_BYTES,
    StrictJsonError,
    StrictJsonLimitError,
    parse_json,
    parse_json_object,
)

REFUSED = [
    pytest.param(b'{"issuer":"a","issuer":"b"}', "duplicate_member", id="P-01-plain"),
    pytest.param(b'{"x":[{"iss":1,"iss":1}]}', "duplicate_member", id="P-01-nested-equal-values"),
    pytest.param(b'{"issuer":1,"iss\\u0075er":2}', "duplicate_member", id="P-01-escaped-spelling"),
    pytest.param(b'{"a":NaN}', "number_out_of_range", id="P-03-nan"),
    pytest.param(b"[Infinity]", "number_out_of_range", id="P-03-infinity"),
    pytest.param(b"-Infinity", "number_out_of_range", id="P-03-minus-infinity"),
    pytest.param(b"[1e999]", "number_out_of_range", id="P-03-1e999"),
    pytest.param(b"[-1e999]", "number_out_of_range", id="P-03-minus-1e999"),
    pytest.param(b"1" * 4301, "number_out_of_range", id="P-04-4301-digits"),
    pytest.param(b"1e1000000000", "number_out_of_range", id="P-04-huge-exponent"),
    pytest.param(b"[" * 33 + b"]" * 33, "too_deep", id="P-05-depth-33"),
    pytest.param(b"[" * 100_000, "too_deep", id="P-05-depth-100000"),
    pytest.param(b'[{"a":' * 50_000, "too_deep", id="P-05-objects-and-arrays"),
    pytest.param(b'"' + b"a" * MAX_BYTES + b'"', "too_large", id="P-06-too-large"),
    pytest.param(b'"\\ud800"', "lone_surrogate", id="P-07-high-surrogate"),
    pytest.param(b'{"\\udc00\\ud83d":1}', "lone_surrogate", id="P-07-swapped-pair-as-name"),
    pytest.param(b'"\xed\xa0\x80"', "not_utf8", id="P-07-cesu"),
    pytest.param(b'"\xc0\xaf"', "not_utf8", id="P-07-overlong"),
    pytest.param(b'"\xe2\x82', "not_utf8", id="P-07-truncated"),
    pytest.param(b"\xef\xbb\xbf{}", "byte_order_mark", id="P-08-bom"),
    pytest.param("{}".encode("utf-16"), "byte_order_mark", id="P-08-utf-16"),
    pytest.param("{}".encode("utf-16-be"), "json_syntax", id="P-08-utf-16-without-bom"),
    pytest.param(b"{}x", "json_syntax", id="P-10-trailing"),
    pytest.param(b"{} {}", "json_syntax", id="P-10-two-values"),
    pytest.param(b"{}\0", "json_syntax", id="P-10-trailing-nul"),
    pytest.param(b"{/*c*/}", "json_syntax", id="P-10-comment"),
    pytest.param(b"{'a':1}", "json_syntax", id="P-10-single-quotes"),
    pytest.param(b"[1,]", "json_syntax", id="P-10-trailing-comma"),
    pytest.param(b"", "json_syntax", id="P-10-empty"),
]


@pytest.mark.parametrize(("data", "code"), REFUSED)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises((StrictJsonError, StrictJsonLimitError)) as caught:
        parse_json(data)
    assert caught.value.code == code


def test_the_duplicate_is_pointed_at() -> None:
    with pytest.raises(StrictJsonError) as caught:
        parse_json(b'{"a/b":1,"a/b":2}')
    assert caught.value.pointer == "/a~1b"


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"[" * 32 + b"]" * 32, None),
        (b'"[[[[{{{{\\"]]"', '[[[[{{{{"]]'),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'{"__proto__":1,"constructor":{}}', {"__proto__": 1, "constructor": {}}),
        (b"9007199254740993", 9007199254740993),
        (b'"\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d"', "ሰላም"),
    ],
)
def test_accepted(data: bytes, value: object) -> None:
    parsed = parse_json(data)
    if value is not None:
        assert parsed == value


def test_hostile_quotes_are_scanned_once() -> None:
    """A string that never ends must be one match, not one attempt for each quote in it."""
    data = b'\\"' * 10_000
    assert len(list(_STRUCTURE.finditer(data))) == 1


def test_an_object_is_demanded() -> None:
    with pytest.raises(StrictJsonError) as caught:
        parse_json_object(b"[]")
    assert caught.value.code == "not_an_object"

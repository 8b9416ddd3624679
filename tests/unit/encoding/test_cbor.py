"""CBOR: only definite, untagged, unambiguous items go in, one encoding comes out."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.encoding.cbor import (
    MAX_CBOR_BYTES,
    MAX_CBOR_DEPTH,
    MAX_CBOR_ITEMS,
    CborError,
    CborLimitError,
    CborValue,
    Tagged,
    decode_cbor,
    encode_cbor,
)

INTEGERS = st.integers(-(2**64), 2**64 - 1)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), INTEGERS, st.binary(max_size=40), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(st.one_of(INTEGERS, st.text(max_size=5)), inner, max_size=5),
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("1903e8", 1000),
        ("1bffffffffffffffff", 2**64 - 1),
        ("3bffffffffffffffff", -(2**64)),
        ("20", -1),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("40", b""),
        ("4401020304", b"\1\2\3\4"),
        ("62c3bc", "ü"),
        ("80", []),
        ("8301820203820405", [1, [2, 3], [4, 5]]),
        ("a0", {}),
        ("a201020304", {1: 2, 3: 4}),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ],
)
def test_the_examples_of_the_specification(text: str, value: CborValue) -> None:
    """RFC 8949 appendix A."""
    assert decode_cbor(bytes.fromhex(text), deterministic=True) == value
    assert encode_cbor(value) == bytes.fromhex(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("", "cbor_syntax", id="nothing"),
        pytest.param("0102", "cbor_trailing_bytes", id="X-06-trailing-bytes"),
        pytest.param("8001", "cbor_trailing_bytes", id="X-06-trailing-item"),
        pytest.param("9f01ff", "cbor_indefinite_length", id="X-06-indefinite-array"),
        pytest.param("bf0102ff", "cbor_indefinite_length", id="X-06-indefinite-map"),
        pytest.param("5f4101ff", "cbor_indefinite_length", id="X-06-indefinite-bytes"),
        pytest.param("7f6161ff", "cbor_indefinite_length", id="X-06-indefinite-text"),
        pytest.param("ff", "cbor_type", id="break-alone"),
        pytest.param("d28101", "cbor_tag", id="X-06-tag-in-front"),
        pytest.param("81c101", "cbor_tag", id="X-06-tag-inside"),
        pytest.param("c24101", "cbor_tag", id="X-06-bignum"),
        pytest.param("a1c10102", "cbor_type", id="tag-as-key"),
        pytest.param("a201020103", "cbor_duplicate_key", id="key-twice"),
        pytest.param("a20102180103", "cbor_duplicate_key", id="key-twice-in-two-spellings"),
        pytest.param("a2616101616102", "cbor_duplicate_key", id="text-key-twice"),
        pytest.param("81a201020103", "cbor_duplicate_key", id="key-twice-inside"),
        pytest.param("a1f501", "cbor_type", id="boolean-as-key"),
        pytest.param("a18001", "cbor_type", id="array-as-key"),
        pytest.param("a1410101", "cbor_type", id="bytes-as-key"),
        pytest.param("f93c00", "cbor_type", id="float-16"),
        pytest.param("fb3ff0000000000000", "cbor_type", id="float-64"),
        pytest.param("f7", "cbor_type", id="undefined"),
        pytest.param("f0", "cbor_type", id="simple-value"),
        pytest.param("f8ff", "cbor_type", id="simple-value-of-two-bytes"),
        pytest.param("1c", "cbor_syntax", id="reserved-head"),
        pytest.param("19ff", "cbor_syntax", id="head-cut-off"),
        pytest.param("420 1".replace(" ", ""), "cbor_syntax", id="bytes-cut-off"),
        pytest.param("8201", "cbor_syntax", id="array-cut-off"),
        pytest.param("a101", "cbor_syntax", id="map-cut-off"),
        pytest.param("5b000000004000000001", "cbor_syntax", id="X-06-a-gigabyte-declared"),
        pytest.param("9bffffffffffffffff01", "cbor_syntax", id="X-06-endless-array-declared"),
        pytest.param("bbffffffffffffffff0101", "cbor_syntax", id="X-06-endless-map-declared"),
        pytest.param("62c328", "cbor_syntax", id="not-utf8"),
        pytest.param("63eda080", "cbor_syntax", id="lone-surrogate"),
    ],
)
def test_refuses(text: str, code: str) -> None:
    with pytest.raises(CborError) as caught:
        decode_cbor(bytes.fromhex(text))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1801", id="long-integer"),
        pytest.param("580101", id="long-length"),
        pytest.param("980101", id="long-count"),
        pytest.param("a203040102", id="keys-out-of-order"),
        pytest.param("a220011818 02".replace(" ", ""), id="keys-in-the-order-of-RFC-7049"),
        pytest.param("d8128101", id="long-tag"),
    ],
)
def test_deterministic_form_can_be_demanded(text: str) -> None:
    data = bytes.fromhex(text)
    decode_cbor(data, tags=(18,))
    with pytest.raises(CborError) as caught:
        decode_cbor(data, tags=(18,), deterministic=True)
    assert caught.value.code == "cbor_not_deterministic"


def test_tags_are_accepted_by_name_and_in_front_only() -> None:
    assert decode_cbor(bytes.fromhex("d28101"), tags={18}) == Tagged(18, [1])
    assert decode_cbor(bytes.fromhex("d83dd28101"), tags={18, 61}) == Tagged(61, Tagged(18, [1]))
    for text in ("d83dd28101", "81d28101", "c24101"):
        with pytest.raises(CborError) as caught:
            decode_cbor(bytes.fromhex(text), tags={18})
        assert caught.value.code == "cbor_tag"


def test_a_named_tag_never_changes_its_value() -> None:
    """The library would make an integer of tag 2 and a date of tag 1."""
    assert decode_cbor(bytes.fromhex("c24101"), tags={2}) == Tagged(2, b"\1")
    assert decode_cbor(bytes.fromhex("c101"), tags={1}) == Tagged(1, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\x81" * 10_000, "too_deep", id="X-06-depth"),
        pytest.param(b"\x81" * (MAX_CBOR_DEPTH + 1) + b"\x01", "too_deep", id="one-too-deep"),
        pytest.param(b"\xd2" * (MAX_CBOR_DEPTH + 1) + b"\x01", "too_deep", id="tags-too-deep"),
        pytest.param(b"\x00" * (MAX_CBOR_BYTES + 1), "too_large", id="too-large"),
        pytest.param(
            b"\x9a" + MAX_CBOR_ITEMS.to_bytes(4) + b"\x00" * MAX_CBOR_ITEMS, "too_many_values", id="too-many"
        ),
    ],
)
def test_limits(data: bytes, code: str) -> None:
    started = time.thread_time()
    with pytest.raises(CborLimitError) as caught:
        decode_cbor(data, tags=(18,))
    assert caught.value.code == code
    assert time.thread_time() - started < 1


def test_the_deepest_item_is_accepted() -> None:
    decode_cbor(b"\x81" * MAX_CBOR_DEPTH + b"\x01")


@pytest.mark.parametrize(
    "value",
    [2**64, -(2**64) - 1, 1.5, "\ud800", {b"a": 1}, {True: 1}, {1: {None: 1}}, object(), [object()], {1, 2}],
)
def test_what_has_no_form_is_not_encoded(value: Any) -> None:
    with pytest.raises(CborError) as caught:
        encode_cbor(value)
    assert caught.value.code == "cbor_type"


def test_keys_are_ordered_by_their_bytes() -> None:
    """RFC 8949 section 4.2.1, the example of the list of keys without those that we refuse."""
    value: CborValue = {"aa": 5, "z": 4, -1: 3, 100: 2, 10: 1}
    assert encode_cbor(value).hex() == "a50a0118640220036 17a0462616105".replace(" ", "")


@given(VALUES)
def test_round_trip(value: CborValue) -> None:
    assert decode_cbor(encode_cbor(value), deterministic=True) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        value = decode_cbor(data)
    except (CborError, CborLimitError):
        return
    assert decode_cbor(encode_cbor(value)) == value

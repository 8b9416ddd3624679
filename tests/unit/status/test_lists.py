"""Status lists as bits and documents, against the vectors of both specifications (SECURITY S-01 to S-04)."""

from __future__ import annotations

import base64
import gzip
import json
import re
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.bitstrings import BitOrder, BitString, BitStringError, build_bit_string
from skillcred.status import MAX_DECODED_BYTES, MIN_ENTRIES, StatusList, StatusListError
from skillcred.status import bitstring_status_list as bitstring
from skillcred.status import token_status_list as token

MSB, LSB = BitOrder.MOST_SIGNIFICANT_FIRST, BitOrder.LEAST_SIGNIFICANT_FIRST
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_bit_order_of_the_w3c() -> None:
    """S-04: entry 0 is the left-most bit."""
    assert build_bit_string(16, 1, MSB, {0: 1}).data == b"\x80\x00"
    assert build_bit_string(16, 1, MSB, {7: 1}).data == b"\x01\x00"
    assert build_bit_string(16, 1, MSB, {15: 1}).data == b"\x00\x01"
    assert build_bit_string(8, 2, MSB, {0: 2, 1: 1}).data == b"\x90\x00"
    assert build_bit_string(8, 3, MSB, {2: 5, 5: 7}).data == b"\x02\x81\xc0"


def test_bit_order_of_the_ietf() -> None:
    """S-04: entry 0 is the least significant bit; the two examples of the draft's section 4."""
    ones = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    assert build_bit_string(16, 1, LSB, dict(enumerate(ones))).data == b"\xb9\xa3"
    twos = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    assert build_bit_string(12, 2, LSB, dict(enumerate(twos))).data == b"\xc9\x44\xf9"


@settings(deadline=None)
@given(
    st.sampled_from([(MSB, size) for size in range(1, 9)] + [(LSB, size) for size in (1, 2, 4, 8)]), st.data()
)
def test_entries_come_back(kind: tuple[BitOrder, int], data: st.DataObject) -> None:
    order, size = kind
    length = data.draw(st.integers(1, 100))
    entries = data.draw(st.dictionaries(st.integers(0, length - 1), st.integers(0, 2**size - 1)))
    bits = build_bit_string(length, size, order, entries)
    assert {index: bits[index] for index in range(length) if bits[index]} == {
        i: v for i, v in entries.items() if v
    }
    assert len(bits) >= length


@given(st.sampled_from([MSB, LSB]), st.sets(st.integers(0, MIN_ENTRIES - 1)), st.integers(0, MIN_ENTRIES - 1))
def test_a_single_bit_is_the_entry_of_that_number(order: BitOrder, ones: set[int], index: int) -> None:
    bits = build_bit_string(MIN_ENTRIES, 1, order, dict.fromkeys(ones, 1))
    listed = StatusList(None, "did:a", frozenset(), bits.data, None, order, None, None, None)
    for place in (index, *ones):
        assert listed.get_status(place, 1) == bits[place] == (place in ones)


@pytest.mark.parametrize("index", [-1, 16, 10**30])
def test_no_entry_beside_the_list(index: int) -> None:
    """S-03: a negative index must not count from the end."""
    with pytest.raises(BitStringError):
        BitString(b"\0\0", 1, MSB)[index]


@pytest.mark.parametrize(("order", "size"), [(MSB, 0), (MSB, 9), (MSB, -1), (LSB, 3), (LSB, 16), (LSB, 0)])
def test_entry_sizes_that_do_not_exist(order: BitOrder, size: int) -> None:
    with pytest.raises(BitStringError) as caught:
        BitString(b"\0", size, order)
    assert caught.value.code == "unsupported_entry_size"


def test_a_status_that_does_not_fit_is_not_cut() -> None:
    with pytest.raises(BitStringError) as caught:
        build_bit_string(8, 2, LSB, {0: 4})
    assert caught.value.code == "entry_too_large"
    with pytest.raises(BitStringError):
        build_bit_string(8, 2, LSB, {8: 1})


def test_lists_of_digital_bazaar(shared_dir: Path) -> None:
    lists = json.loads((shared_dir / "vectors/bitstring-status-list/digitalbazaar-lists.json").read_bytes())[
        "lists"
    ]
    assert len(lists) == 7
    for item in lists:
        bits = BitString(bitstring.decode_list(item["encodedList"]), 1, MSB)
        assert len(bits) == item["length"]
        assert [index for index in range(len(bits)) if bits[index]] == sorted(item["set"])
        again = bitstring.encode_list(item["length"], 1, dict.fromkeys(item["set"], 1))
        assert bitstring.decode_list(again) == bits.data


def test_lists_of_the_w3c_text(shared_dir: Path) -> None:
    examples = json.loads((shared_dir / "vectors/bitstring-status-list/spec-examples.json").read_bytes())
    lists = [e["json"] for e in examples if "BitstringStatusListCredential" in e["json"].get("type", [])]
    assert lists
    for document in lists:
        parsed = bitstring.parse_list_credential(document)
        assert parsed.get_status(94567, 1) == 0
        assert parsed.uri == document["id"]


def test_lists_of_the_ietf_text(shared_dir: Path) -> None:
    vectors = json.loads((shared_dir / "vectors/oauth-status-list/encoding-vectors.json").read_bytes())[
        "vectors"
    ]
    assert [vector["bits"] for vector in vectors] == [1, 2, 4, 8]
    for vector in vectors:
        bits = BitString(token.decode_list(vector["lst"]), vector["bits"], LSB)
        assert len(bits) == vector["entries"]
        listed = {int(index): value for index, value in vector["nonzero_or_listed"].items()}
        assert {index: bits[index] for index in listed} == listed
        again = token.encode_list(vector["entries"], vector["bits"], listed)
        assert token.decode_list(again) == bits.data


def test_the_token_of_the_ietf_text(shared_dir: Path) -> None:
    compact = (shared_dir / "vectors/oauth-status-list/status_list_token.jwt.txt").read_text()
    payload = re.sub(r"\s", "", compact).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    parsed = token.parse_claims(claims, issuer="https://example.com")
    assert [BitString(parsed.data, 1, LSB)[index] for index in range(16)] == [
        int(bit) for bit in "1001110111000101"
    ]
    assert parsed.ttl == timedelta(seconds=43200)
    with pytest.raises(StatusListError) as caught:
        parsed.get_status(0, 1)  # sixteen entries hide nobody
    assert caught.value.code == "status_list_too_short"


GOOD = bytes(16_384)


def w3c(compressed: bytes) -> bytes:
    return bitstring.decode_list("u" + encode_base64url(compressed))


def ietf(compressed: bytes) -> bytes:
    return token.decode_list(encode_base64url(compressed))


@pytest.mark.parametrize(
    ("decode", "compressed"),
    [
        pytest.param(w3c, zlib.compress(GOOD), id="S-02-zlib-for-gzip"),
        pytest.param(ietf, gzip.compress(GOOD), id="S-02-gzip-for-zlib"),
        pytest.param(ietf, zlib.compress(GOOD)[2:-4], id="S-02-raw-deflate"),
        pytest.param(w3c, gzip.compress(GOOD) + b"x", id="S-02-trailing-byte"),
        pytest.param(ietf, zlib.compress(GOOD) + b"\0", id="S-02-trailing-zero"),
        pytest.param(w3c, gzip.compress(GOOD) + gzip.compress(b"\xff" * 16_384), id="S-02-second-member"),
        pytest.param(w3c, gzip.compress(GOOD)[:-1], id="S-02-cut"),
        pytest.param(w3c, gzip.compress(GOOD)[:-8] + bytes(8), id="S-02-wrong-crc"),
        pytest.param(ietf, zlib.compress(GOOD)[:-4] + bytes(4), id="S-02-wrong-adler"),
        pytest.param(ietf, b"", id="S-02-empty"),
    ],
)
def test_one_whole_stream_of_the_right_kind(decode: Any, compressed: bytes) -> None:
    with pytest.raises(StatusListError) as caught:
        decode(compressed)
    assert caught.value.code == "status_list_malformed"


def test_compressed_twice_is_too_short() -> None:
    document = list_document(
        subject={"encodedList": "u" + encode_base64url(gzip.compress(gzip.compress(GOOD)))}
    )
    with pytest.raises(StatusListError) as caught:
        bitstring.parse_list_credential(document).get_status(0, 1)
    assert caught.value.code == "status_list_too_short"


@pytest.mark.parametrize(
    "encoded", ["", "z" + "1" * 20, "H4sIAAAAAAAAA", "uH4sI====", "u H4sI", "U" + "A" * 8]
)
def test_multibase_of_the_list(encoded: str) -> None:
    with pytest.raises(StatusListError):
        bitstring.decode_list(encoded)


@pytest.mark.parametrize("decode", [w3c, ietf])
def test_a_bomb_does_not_go_off(decode: Any) -> None:
    """S-01, M18: a gigabyte of zeros from a megabyte, bounded in memory."""
    engine = zlib.compressobj(9, zlib.DEFLATED, 31 if decode is w3c else 15)
    block = bytes(1 << 20)
    bomb = b"".join(engine.compress(block) for _ in range(256)) + engine.flush()
    assert len(bomb) < 1 << 19
    tracemalloc.start()
    try:
        with pytest.raises(StatusListError) as caught:
            decode(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == "status_list_too_large"
    assert peak < 2 * MAX_DECODED_BYTES + (4 << 20)


@pytest.mark.parametrize(("flag", "rest"), [(4, b"\xff\xff" + b"x" * 65_535), (8, b"x" * (4 << 20) + b"\0")])
def test_a_header_as_long_as_a_book_takes_no_room(flag: int, rest: bytes) -> None:
    """S-01: an extra field or a file name in front of the list is passed over."""
    plain = gzip.compress(GOOD)
    content = "u" + encode_base64url(plain[:3] + bytes([flag]) + plain[4:10] + rest + plain[10:])
    tracemalloc.start()
    try:
        assert bitstring.decode_list(content) == GOOD
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(content) + 16_384


def list_document(**changes: Any) -> dict[str, Any]:
    document = bitstring.build_list_credential(
        uri="https://issuer.example/status/1",
        issuer="did:example:issuer",
        purpose="revocation",
        encoded_list=bitstring.encode_list(MIN_ENTRIES, 1, {5: 1}),
        valid_from=NOW,
        valid_until=NOW + timedelta(days=1),
        ttl=timedelta(minutes=1),
    )
    subject = {**document["credentialSubject"], **changes.pop("subject", {})}
    return {**document, "credentialSubject": subject, **changes}


def test_what_is_built_is_read() -> None:
    parsed = bitstring.parse_list_credential(list_document())
    assert parsed.get_status(5, 1) == 1
    assert parsed.get_status(6, 1) == 0
    assert parsed.purposes == {"revocation"}
    assert (parsed.issued_at, parsed.valid_until, parsed.ttl) == (
        NOW,
        NOW + timedelta(days=1),
        timedelta(minutes=1),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"type": ["VerifiableCredential"]},
        {"credentialSubject": []},
        {"subject": {"type": "StatusList2021"}},
        {"subject": {"encodedList": None}},
        {"subject": {"encodedList": ["u"]}},
        {"subject": {"statusPurpose": None}},
        {"subject": {"statusPurpose": []}},
        {"subject": {"statusPurpose": [7]}},
        {"subject": {"ttl": -1}},
        {"subject": {"ttl": 10**12}},
        {"subject": {"ttl": "5"}},
        {"subject": {"ttl": True}},
        {"issuer": None},
        {"id": 7},
        {"validFrom": "yesterday"},
        {"credentialStatus": {"id": "https://issuer.example/status/1"}},
    ],
)
def test_lists_that_are_none(changes: dict[str, Any]) -> None:
    with pytest.raises(StatusListError):
        bitstring.parse_list_credential(list_document(**changes))


CLAIMS = token.build_claims(
    uri="https://issuer.example/status/1",
    issuer="did:example:issuer",
    bits=2,
    lst=token.encode_list(MIN_ENTRIES, 2, {5: 2}),
    issued_at=NOW,
    expires_at=NOW + timedelta(days=1),
    ttl=timedelta(minutes=1),
)


def test_claims_that_are_built_are_read() -> None:
    parsed = token.parse_claims(CLAIMS, issuer="did:example:issuer")
    assert parsed.get_status(5, 2) == 2
    assert (parsed.issued_at, parsed.valid_until, parsed.ttl) == (
        NOW,
        NOW + timedelta(days=1),
        timedelta(minutes=1),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"status_list": None},
        {"status_list": {"bits": 3, "lst": ""}},
        {"status_list": {"bits": True, "lst": ""}},
        {"status_list": {"bits": 1}},
        {"iat": None},
        {"iat": "2026"},
        {"iat": 10**18},
        {"exp": 1.5},
        {"ttl": 0},
        {"ttl": -1},
        {"ttl": 10**12},
        {"iss": "did:example:other"},
    ],
)
def test_claims_that_are_no_list(changes: dict[str, Any]) -> None:
    """S-06, S-07."""
    with pytest.raises(StatusListError):
        token.parse_claims({**CLAIMS, **changes}, issuer="did:example:issuer")

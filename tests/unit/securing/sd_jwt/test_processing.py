"""The processor of RFC 9901 section 7.1 (SECURITY SD-01 to SD-08, SD-13, SD-14, M14)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.encoding.base64url import encode_base64url
from skillcred.securing.sd_jwt.compact import (
    MAX_DISCLOSURE_CHARACTERS,
    MAX_DISCLOSURES,
    CompactSdJwt,
    parse_compact,
)
from skillcred.securing.sd_jwt.disclosure import encode_disclosure, hash_text
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.sd_jwt.processing import process_payload

SALT = "2GLC42sKQveCfGfryNRN9w"


def raw(value: Any) -> str:
    """Any JSON as a disclosure."""
    return encode_base64url(json.dumps(value).encode())


def claim(name: str, value: Any, salt: str = SALT) -> tuple[str, str]:
    """A disclosure of a claim, and its digest."""
    disclosure = encode_disclosure(salt, value, name=name)
    return disclosure, hash_text(disclosure, "sha-256")


def element(value: Any, salt: str = SALT) -> tuple[str, str]:
    """A disclosure of an array element, and its digest."""
    disclosure = encode_disclosure(salt, value)
    return disclosure, hash_text(disclosure, "sha-256")


def refused(payload: dict[str, Any], *disclosures: str, **options: Any) -> str:
    with pytest.raises(SdJwtError) as caught:
        process_payload(payload, disclosures, **options)
    return caught.value.code


def test_claims_elements_and_what_lies_in_them() -> None:
    street, street_digest = claim("street", "Main St")
    address, address_digest = claim("address", {"_sd": [street_digest], "city": "Manila"})
    nation, nation_digest = element("PH")
    inner, inner_digest = element(7)
    outer, outer_digest = element([{"...": inner_digest}, {"...": "decoy"}])
    payload: dict[str, Any] = {
        "_sd": [address_digest, "decoy-1"],
        "_sd_alg": "sha-256",
        "nationalities": [{"...": nation_digest}, {"...": "decoy-2"}, "DE", {"...": outer_digest}],
        "empty": {"_sd": ["decoy-3"]},
    }
    before = json.dumps(payload)
    processed = process_payload(payload, [street, nation, address, inner, outer])
    assert processed.claims == {
        "nationalities": ["PH", "DE", [7]],
        "empty": {},
        "address": {"city": "Manila", "street": "Main St"},
    }
    assert processed.disclosed == {
        "/nationalities/0": nation,
        "/nationalities/2": outer,
        "/nationalities/2/0": inner,
        "/address": address,
        "/address/street": street,
    }
    assert json.dumps(payload) == before
    assert process_payload(payload, []).claims == {"nationalities": ["DE"], "empty": {}}


def test_a_disclosure_that_no_digest_names() -> None:
    """SECURITY SD-01: also one below a disclosure that was not sent."""
    extra, digest = claim("admin", True)
    _parent, parent_digest = claim("roles", {"_sd": [digest]})
    assert refused({"a": 1}, extra) == "unreferenced_disclosure"
    assert refused({"_sd": [parent_digest]}, extra) == "unreferenced_disclosure"


TWICE: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "in one _sd": lambda c, e: {"_sd": [c, c]},
    "in two _sd": lambda c, e: {"_sd": [c], "x": {"_sd": [c]}},
    "in one array": lambda c, e: {"x": [{"...": e}, {"...": e}]},
    "in two arrays": lambda c, e: {"x": [{"...": e}], "y": [{"...": e}]},
    "in _sd and array": lambda c, e: {"_sd": [c], "x": [{"...": c}]},
    "a decoy twice": lambda c, e: {"_sd": ["decoy"], "x": {"_sd": ["decoy"]}},
}


@pytest.mark.parametrize("build", TWICE.values(), ids=TWICE)
@pytest.mark.parametrize("sent", [False, True])
def test_a_digest_in_more_than_one_place(build: Callable[[str, str], dict[str, Any]], sent: bool) -> None:
    """SECURITY SD-02."""
    (one, one_digest), (two, two_digest) = claim("a", 1), element(2)
    payload = build(one_digest, two_digest)
    text = json.dumps(payload)
    disclosures = [d for d, digest in ((one, one_digest), (two, two_digest)) if digest in text and sent]
    assert refused(payload, *disclosures) in ("duplicate_digest", "wrong_disclosure_kind")
    if not sent:
        assert refused(payload) == "duplicate_digest"


def test_a_digest_twice_by_recursion() -> None:
    """SECURITY SD-02, SD-14: a disclosure whose value names digests of the payload, or of its neighbour."""
    leaf, leaf_digest = claim("leaf", 1)
    left, left_digest = claim("left", {"_sd": [leaf_digest]})
    right, right_digest = claim("right", {"_sd": [leaf_digest]})
    assert refused({"_sd": [left_digest, right_digest]}, left, right, leaf) == "duplicate_digest"
    assert refused({"_sd": [left_digest, leaf_digest]}, left, leaf) in ("duplicate_digest",)
    again, again_digest = claim("again", {"_sd": ["x"]})
    assert refused({"_sd": [again_digest, "x"]}, again) == "duplicate_digest"


def test_the_same_disclosure_twice_and_in_another_order() -> None:
    """SECURITY SD-03."""
    (one, one_digest), (two, two_digest) = claim("a", 1), claim("b", 2)
    payload: dict[str, Any] = {"_sd": [one_digest, two_digest]}
    assert refused(payload, one, two, one) == "duplicate_disclosure"
    assert process_payload(payload, [one, two]) == process_payload(payload, [two, one])


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_reserved_names(name: str) -> None:
    """SECURITY SD-04."""
    disclosure, digest = claim(name, "x")
    assert refused({"_sd": [digest]}, disclosure) == "reserved_claim_name"


def test_names_that_are_taken() -> None:
    """SECURITY SD-04: by a plain claim, also one that is null, and by another disclosure."""
    first, first_digest = claim("name", "one", salt="a")
    second, second_digest = claim("name", "two", salt="b")
    assert refused({"_sd": [first_digest], "name": None}, first) == "claim_name_taken"
    assert refused({"x": {"name": 1, "_sd": [first_digest]}}, first) == "claim_name_taken"
    assert refused({"_sd": [first_digest, second_digest]}, first, second) == "claim_name_taken"


@pytest.mark.parametrize(
    "value",
    [
        ["salt"],
        [],
        ["salt", "name", "value", "more"],
        {"salt": "s"},
        "text",
        None,
        [1, "name", "value"],
        [None, "value"],
        ["salt", 1, "value"],
        ["salt", None, "value"],
    ],
)
def test_disclosures_of_another_shape(value: Any) -> None:
    """SECURITY SD-05."""
    disclosure = raw(value)
    digest = hash_text(disclosure, "sha-256")
    assert refused({"_sd": [digest], "x": [{"...": digest + "x"}]}, disclosure) == "disclosure_malformed"


@pytest.mark.parametrize(
    "data",
    [
        b'["s","a",1,]',
        b'["s","a",NaN]',
        b'["s","a",{"b":1,"b":2}]',
        b'\xef\xbb\xbf["s","a",1]',
        b'["s","a",1e999]',
        b'["s","a","\\ud800"]',
        b'["s","\\u005fsd",1]',
        b'["s","a",' + b"[" * 40 + b"]" * 40 + b"]",
        b"\xff",
        b"",
    ],
)
def test_disclosures_that_are_no_strict_json(data: bytes) -> None:
    """SECURITY P-01, P-02, SD-04."""
    disclosure = encode_base64url(data)
    assert refused({"_sd": [hash_text(disclosure, "sha-256")]}, disclosure) in (
        "disclosure_malformed",
        "reserved_claim_name",
    )


@pytest.mark.parametrize("change", [lambda d: d + "=", lambda d: d[:-1] + "é", lambda d: " " + d])
def test_disclosures_in_loose_base64(change: Callable[[str], str]) -> None:
    disclosure = change(claim("a", 1)[0])
    assert refused({}, disclosure) == "disclosure_malformed"


def test_disclosures_in_the_wrong_place() -> None:
    """SECURITY SD-05: two members for a claim, three for an array element."""
    (one, one_digest), (two, two_digest) = claim("a", 1), element(2)
    assert refused({"_sd": [two_digest]}, two) == "wrong_disclosure_kind"
    assert refused({"x": [{"...": one_digest}]}, one) == "wrong_disclosure_kind"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"_sd": "digest"}, "sd_malformed"),
        ({"_sd": None}, "sd_malformed"),
        ({"_sd": {"a": 1}}, "sd_malformed"),
        ({"_sd": [["digest"]]}, "sd_malformed"),
        ({"_sd": [1]}, "sd_malformed"),
        ({"x": {"_sd": "digest"}}, "sd_malformed"),
        ({"x": [{"...": 1}]}, "sd_malformed"),
        ({"x": [{"...": None}]}, "sd_malformed"),
        ({"x": [{"...": "d", "y": 1}]}, "sd_malformed"),
        ({"...": "d"}, "sd_malformed"),
        ({"x": {"...": "d"}}, "sd_malformed"),
        ({"x": {"_sd_alg": "sha-256"}}, "sd_alg_misplaced"),
        ({"x": [{"_sd_alg": "sha-256"}]}, "sd_alg_misplaced"),
        ({"_sd_alg": None}, "unsupported_sd_alg"),
        ({"_sd_alg": ["sha-256"]}, "unsupported_sd_alg"),
    ],
)
def test_reserved_names_with_other_contents(payload: dict[str, Any], code: str) -> None:
    """SECURITY SD-06: refused in the payload and in a disclosed value."""
    assert refused(payload) == code
    if code != "unsupported_sd_alg":
        disclosure, digest = claim("outer", payload)
        assert refused({"_sd": [digest]}, disclosure) == code


@pytest.mark.parametrize("name", ["md5", "sha-1", "sha-256-32", "SHA-256", "sha256", "", "sha3-256"])
def test_hashes_that_are_not_accepted(name: str) -> None:
    """SECURITY SD-07."""
    assert refused({"_sd_alg": name}) == "unsupported_sd_alg"


@pytest.mark.parametrize("name", ["sha-256", "sha-384", "sha-512"])
def test_hashes_that_are_accepted(name: str) -> None:
    """SECURITY SD-07: digests by another hash than the one that is named fit nothing."""
    disclosure = encode_disclosure(SALT, 1, name="a")
    good: dict[str, Any] = {"_sd_alg": name, "_sd": [hash_text(disclosure, name)]}
    assert process_payload(good, [disclosure]).claims == {"a": 1}
    for other in {"sha-256", "sha-384", "sha-512"} - {name}:
        assert refused({**good, "_sd_alg": other}, disclosure) == "unreferenced_disclosure"


def test_claims_that_must_be_visible() -> None:
    """SECURITY SD-08: not by disclosure, not in part, and not withheld in part either."""
    exp, exp_digest = claim("exp", 1)
    jwk, jwk_digest = claim("jwk", {})
    options = {"always_disclosed": {"exp", "cnf"}}
    assert refused({"_sd": [exp_digest]}, exp, **options) == "claim_not_disclosable"
    assert refused({"cnf": {"_sd": [jwk_digest]}}, jwk, **options) == "claim_not_disclosable"
    assert refused({"cnf": {"_sd": [jwk_digest]}}, **options) == "claim_not_disclosable"
    assert refused({"cnf": {"x": [{"...": "d"}]}}, **options) == "claim_not_disclosable"
    # Below the top level the name means nothing.
    assert process_payload({"work": {"_sd": [exp_digest]}}, [exp], always_disclosed={"exp"}).claims == {
        "work": {"exp": 1}
    }


def test_every_edit_of_a_disclosure_breaks_its_digest() -> None:
    """SECURITY SD-13: another value, another salt, other white space, other escapes."""
    _disclosure, digest = claim("name", "Añb")
    for edited in (
        encode_disclosure(SALT, "Añc", name="name"),
        encode_disclosure(SALT + "A", "Añb", name="name"),
        raw([SALT, "name", "Añb"]),
        encode_base64url(f'["{SALT}", "name", "Añb"]'.encode()),
    ):
        assert refused({"_sd": [digest]}, edited) == "unreferenced_disclosure"


def test_depth_counts_over_disclosures() -> None:
    """SECURITY SD-14: each disclosure is shallow, all together are deep."""
    disclosure, digest = claim("leaf", 1)
    sent = [disclosure]
    for level in range(40):
        disclosure, digest = claim(f"level{level}", {"_sd": [digest]})
        sent.append(disclosure)
    assert refused({"_sd": [digest]}, *sent) == "too_deep"
    assert refused({"x": json.loads("[" * 33 + "]" * 33)}) == "too_deep"


JWT = "eyJ.eyJ.c2ln"


def test_the_parts_of_a_token() -> None:
    assert parse_compact(f"{JWT}~".encode()) == CompactSdJwt(JWT, ())
    assert parse_compact(f"{JWT}~WyJd~".encode()) == CompactSdJwt(JWT, ("WyJd",))
    bound = parse_compact(f"{JWT}~WyJd~WyJe~{JWT}".encode())
    assert bound == CompactSdJwt(JWT, ("WyJd", "WyJe"), JWT)
    assert bound.without_key_binding == f"{JWT}~WyJd~WyJe~"
    assert bound.encode() == f"{JWT}~WyJd~WyJe~{JWT}".encode()


@pytest.mark.parametrize(
    "text",
    [
        JWT,
        "~",
        f"~{JWT}~",
        f"{JWT}~~",
        f"{JWT}~WyJd~~",
        f"{JWT}~WyJd",
        f"{JWT}~{JWT}~{JWT}",
        f"{JWT}~WyJd~{JWT}~",
        f"{JWT}~Wy Jd~",
        f"{JWT}~Wy=~",
        f"eyJ.eyJ~{JWT}~",
        "eyJ.eyJ.~",
        "a.b.c.d~",
        f"{JWT}~\n",
        f"{JWT}~é~",
    ],
)
def test_tokens_of_another_shape(text: str) -> None:
    """SECURITY SD-15."""
    with pytest.raises(SdJwtError) as caught:
        parse_compact(text.encode())
    assert caught.value.code == "sd_jwt_syntax"


def test_limits_come_before_work() -> None:
    """SECURITY SD-14, I10."""
    began = time.thread_time()
    for content, code in (
        ((JWT + "~" + "WyJd~" * 10_000).encode(), "too_many_disclosures"),
        ((JWT + "~" * 1_000_000).encode(), "too_many_disclosures"),
        ((JWT + "~" + "A" * (MAX_DISCLOSURE_CHARACTERS + 1) + "~").encode(), "disclosure_too_large"),
        (b"a.b." + b"A" * (1024 * 1024) + b"~", "sd_jwt_syntax"),
        ((JWT + "~e30.e30." + "A" * 20_000).encode(), "sd_jwt_syntax"),
    ):
        with pytest.raises(SdJwtError) as caught:
            parse_compact(content)
        assert caught.value.code == code
    assert time.thread_time() - began < 1
    assert len(parse_compact((JWT + "~" + "WyJd~" * MAX_DISCLOSURES).encode()).disclosures) == MAX_DISCLOSURES

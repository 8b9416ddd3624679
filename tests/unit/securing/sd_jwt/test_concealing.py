"""The issuer's side (SECURITY SD-16)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skillcred.encoding.base64url import decode_base64url
from skillcred.securing.mechanism import SecuringError
from skillcred.securing.sd_jwt.concealing import SALT_BYTES, conceal_claims
from skillcred.securing.sd_jwt.disclosure import parse_disclosure
from skillcred.securing.sd_jwt.processing import process_payload

CLAIMS: dict[str, Any] = {
    "iss": "did:example:a",
    "given_name": "Maria",
    "address": {"street": "Main St", "city": "Manila", "lines": ["1", "2"]},
    "skills": ["welding", {"name": "brazing", "levels": [1, 2, 3]}],
    "a/b": {"~": None},
}
POINTERS = [
    "/given_name",
    "/address",
    "/address/street",
    "/address/lines/1",
    "/skills/1",
    "/skills/1/levels/0",
]
POINTERS += ["/skills/0", "/a~1b/~0"]


@pytest.mark.parametrize("decoys", [0, 3])
def test_all_comes_back(decoys: int) -> None:
    before = json.dumps(CLAIMS)
    concealed = conceal_claims(CLAIMS, POINTERS, decoys=decoys)
    assert json.dumps(CLAIMS) == before
    processed = process_payload(concealed.payload, concealed.disclosures)
    assert processed.claims == CLAIMS
    assert set(processed.disclosed) == set(POINTERS)
    hidden = json.dumps(concealed.payload)
    for text in ("Maria", "Main St", "welding", "brazing", "given_name"):
        assert text not in hidden
    assert process_payload(concealed.payload, []).claims == {"iss": "did:example:a", "skills": [], "a/b": {}}


def test_decoys_are_there_and_disclose_nothing() -> None:
    concealed = conceal_claims(CLAIMS, ["/given_name", "/skills/0"], decoys=5)
    assert len(concealed.disclosures) == 2
    assert len(concealed.payload["_sd"]) == 6  # type: ignore[arg-type]
    assert len(concealed.payload["skills"]) == 7  # type: ignore[arg-type]
    lengths = {len(digest) for digest in concealed.payload["_sd"]}  # type: ignore[union-attr,arg-type]
    assert lengths == {43}


def test_nothing_concealed_leaves_no_trace() -> None:
    concealed = conceal_claims(CLAIMS, [], decoys=5)
    assert (concealed.payload, concealed.disclosures) == (CLAIMS, ())


def test_the_order_of_digests_tells_nothing() -> None:
    payload = conceal_claims({"a": 1, "b": 2, "c": 3, "d": 4}, ["/a", "/b", "/c", "/d"]).payload
    assert payload["_sd"] == sorted(payload["_sd"])  # type: ignore[type-var,arg-type]
    assert list(payload) == ["_sd", "_sd_alg"]


def test_every_salt_is_new_and_long() -> None:
    salts = set()
    for _ in range(250):
        for disclosure in conceal_claims(CLAIMS, POINTERS).disclosures:
            salt = parse_disclosure(disclosure).salt
            assert len(decode_base64url(salt)) == SALT_BYTES == 16
            salts.add(salt)
    assert len(salts) == 250 * len(POINTERS)


@pytest.mark.parametrize(
    ("claims", "pointers", "code"),
    [
        (CLAIMS, ["/nobody"], "no_such_claim"),
        (CLAIMS, ["/address/nobody"], "no_such_claim"),
        (CLAIMS, ["/skills/2"], "no_such_claim"),
        (CLAIMS, ["/skills/01"], "no_such_claim"),
        (CLAIMS, ["/skills/-1"], "no_such_claim"),
        (CLAIMS, ["/skills/-"], "no_such_claim"),
        (CLAIMS, ["/given_name/x"], "no_such_claim"),
        (CLAIMS, ["/given_name", "/given_name"], "no_such_claim"),
        (CLAIMS, [""], "no_such_claim"),
        (CLAIMS, ["given_name"], "no_such_claim"),
        (CLAIMS, ["/iss"], "claim_not_disclosable"),
        (CLAIMS, ["/a~1b/~0", "/iss/x"], "claim_not_disclosable"),
        ({"_sd": []}, [], "reserved_claim_name"),
        ({"x": [{"...": 1}]}, [], "reserved_claim_name"),
        ({"x": {"_sd_alg": 1}}, [], "reserved_claim_name"),
        ({"x": [1] * 600}, [f"/x/{i}" for i in range(600)], "too_many_disclosures"),
    ],
)
def test_what_is_refused(claims: dict[str, Any], pointers: list[str], code: str) -> None:
    with pytest.raises(SecuringError) as caught:
        conceal_claims(claims, pointers, always_disclosed={"iss"})
    assert caught.value.code == code


def test_too_many_decoys() -> None:
    for decoys in (-1, 65):
        with pytest.raises(SecuringError):
            conceal_claims(CLAIMS, [], decoys=decoys)

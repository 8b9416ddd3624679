"""Looking at letters instead of walking through claims never changes what an SD-JWT says (SECURITY SD-04, SD-06)."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.encoding.strict_json import MAX_DEPTH
from skillcred.securing.mechanism import SecuringError
from skillcred.securing.sd_jwt import concealing
from skillcred.securing.sd_jwt.concealing import conceal_claims
from skillcred.securing.sd_jwt.disclosure import encode_disclosure, hash_text
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.sd_jwt.processing import process_payload

NAMES = st.sampled_from(["a", "b", "_sd", "_sd_alg", "...", "_sd_", "\u005fsd", "é", "_s\\d"])
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | NAMES
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)
CLAIMS = st.dictionaries(NAMES, VALUES, max_size=4)
SPELLINGS = st.sampled_from(["as it is", "escaped", "spaced"])


def spell(value: Any, how: str) -> bytes:
    text = json.dumps(value, indent=1 if how == "spaced" else None)
    return (text.replace("_", "\\u005f").replace(".", "\\u002e") if how == "escaped" else text).encode()


def outcome(payload: Any, disclosures: list[str], text: bytes | None) -> Any:
    try:
        done = process_payload(payload, disclosures, always_disclosed={"b"}, text=text)
    except SdJwtError as error:
        return error.code, error.pointer
    return done.claims, done.sd_alg, dict(done.disclosed)


@settings(max_examples=150, deadline=None)
@given(CLAIMS, st.lists(st.tuples(NAMES, VALUES), max_size=2), st.booleans(), SPELLINGS)
def test_the_text_beside_it_changes_nothing(
    claims: dict[str, Any], sent: list[tuple[str, Any]], at_top: bool, how: str
) -> None:
    disclosures = [encode_disclosure("salt", value, name=name) for name, value in sent if name[0] not in "_."]
    payload = {"_sd": [hash_text(text, "sha-256") for text in disclosures], **claims} if at_top else claims
    assert outcome(payload, disclosures, spell(payload, how)) == outcome(payload, disclosures, None)


def test_depth_counts_over_all_parts() -> None:
    """A disclosure that is not too deep by itself, at a place where it is; and many brackets side by side."""
    deep: Any = "x"
    for _ in range(MAX_DEPTH - 3):
        deep = [deep]
    for value, good in ((deep, True), ([deep], True), ([[deep]], False), ([[]] * 100, True)):
        disclosure = encode_disclosure("salt", value, name="a")
        payload = {"at": {"_sd": [hash_text(disclosure, "sha-256")]}}
        found = outcome(payload, [disclosure], spell(payload, "as it is"))
        assert (found[0] != "too_deep") is good, value


@settings(max_examples=150, deadline=None)
@given(CLAIMS)
def test_no_reserved_name_is_signed(claims: dict[str, Any]) -> None:
    """Whatever is to be concealed: refused or not as if everything had been walked through."""

    def refused(*pointers: str) -> tuple[str, str | None] | None:
        try:
            conceal_claims(claims, pointers)
        except SecuringError as error:
            return error.code, error.pointer
        return None

    reserved = refused()
    pointers = [f"/{name}" for name in claims if "/" not in name and "~" not in name]
    assert (refused(*pointers) is None) is (reserved is None)
    if reserved is not None:
        assert reserved[0] == "reserved_claim_name"
    assert {"_sd", "_sd_alg", "..."} == concealing.RESERVED_NAMES

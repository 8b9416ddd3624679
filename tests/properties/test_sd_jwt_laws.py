"""What must hold of every SD-JWT (SECURITY SD; RFC 9901 section 7)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.encoding.json_types import pointer_token
from skillcred.errors import SkillcredError
from skillcred.keys.algorithms import Algorithm
from skillcred.securing import attach_proof, prepare_proof
from skillcred.securing.sd_jwt.presenting import present, read_issued
from worlds.pure_world import AWARDED, NOW
from worlds.sd_jwts import AUDIENCE, HOLDER, ISSUER, NONCE, asked, check, encode, key_binding, sd_jwt

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=6).filter(
    lambda name: name not in ("_sd", "_sd_alg", "...")
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
OPEN = frozenset({"iss", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status", "aud"})
CLAIMS = st.dictionaries(
    NAMES.filter(lambda n: n not in OPEN and n not in ("sub", "jti", "nonce")), VALUES, max_size=5
)


def all_pointers(value: Any, pointer: str = "") -> list[str]:
    """Every place below `value`."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    found = []
    for name, member in members:
        place = f"{pointer}/{pointer_token(name)}"
        found += [place, *all_pointers(member, place)]
    return found


def without(value: Any, hidden: frozenset[str], pointer: str = "") -> Any:
    """`value` without what is at the hidden pointers: what a verifier should see, said in the simplest way."""
    if isinstance(value, dict):
        places = {name: f"{pointer}/{pointer_token(name)}" for name in value}
        return {
            name: without(value[name], hidden, places[name]) for name in value if places[name] not in hidden
        }
    if isinstance(value, list):
        return [
            without(item, hidden, f"{pointer}/{index}")
            for index, item in enumerate(value)
            if f"{pointer}/{index}" not in hidden
        ]
    return value


@st.composite
def issued(draw: st.DrawFn) -> tuple[bytes, dict[str, Any], list[str]]:
    """An SD-JWT VC, its claims, and what in them is concealed."""
    claims = draw(CLAIMS)
    places = all_pointers(claims)
    concealed = draw(st.lists(st.sampled_from(places), unique=True, max_size=8)) if places else []
    prepared = prepare_proof(
        "dc+sd-jwt",
        {"vct": "urn:example:type", **copy.deepcopy(claims)},
        verification_method=ISSUER.verification_method,
        algorithm=Algorithm.P256,
        created=AWARDED,
        options={
            "disclosablePointers": [*concealed],
            "decoys": draw(st.integers(0, 2)),
            "holderKey": HOLDER.public_key.to_jwk(),
        },
    )
    return attach_proof(prepared, ISSUER.sign(prepared.to_be_signed)), claims, concealed


def shown(content: bytes, **options: Any) -> Any:
    """The claims that a verifier gets, without those that the issuer adds; None if it is refused."""
    try:
        findings = asked(content) if options.get("bound") else check(content)
    except SkillcredError:
        return None
    if findings.verified is None:
        return None
    return {name: value for name, value in findings.verified.document.items() if name not in OPEN}


@given(issued(), st.data())
@settings(max_examples=80, deadline=None)
def test_a_presentation_shows_exactly_what_was_chosen(
    made: tuple[bytes, dict[str, Any], list[str]], data: st.DataObject
) -> None:
    token, claims, concealed = made
    assert shown(token) == claims
    assert set(read_issued(token).disclosed) == set(concealed)
    chosen = data.draw(st.lists(st.sampled_from(concealed), unique=True)) if concealed else []
    visible = {place for place in concealed if any(f"{c}/".startswith(f"{place}/") for c in chosen)}
    expected = without(claims, frozenset(concealed) - visible)
    presented = present(token, chosen, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, issued_at=NOW)
    assert shown(presented, bound=True) == expected
    assert shown(present(token, chosen)) == expected


@given(issued(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_disclosures_means_nothing(
    made: tuple[bytes, dict[str, Any], list[str]], rng: Any
) -> None:
    token, claims, _ = made
    jwt, *disclosures, last = token.split(b"~")
    rng.shuffle(disclosures)
    assert shown(b"~".join((jwt, *disclosures, last))) == claims


@given(issued(), issued())
@settings(max_examples=60, deadline=None)
def test_a_disclosure_of_another_token_never_attaches(
    made: tuple[bytes, dict[str, Any], list[str]], other: tuple[bytes, dict[str, Any], list[str]]
) -> None:
    jwt, *disclosures, _ = made[0].split(b"~")
    for foreign in other[0].split(b"~")[1:-1]:
        assert shown(b"~".join((jwt, *disclosures, foreign, b""))) is None
        assert shown(b"~".join((jwt, foreign, b""))) is None


@given(issued(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_never_verifies(
    made: tuple[bytes, dict[str, Any], list[str]], data: st.DataObject
) -> None:
    token, _, concealed = made
    presented = present(token, concealed, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, issued_at=NOW)
    changed = bytearray(presented)
    position = data.draw(st.integers(0, len(presented) - 1))
    changed[position] ^= data.draw(st.integers(1, 255))
    assert shown(bytes(changed), bound=True) is None
    assert shown(presented[:position], bound=True) is None


@pytest.mark.parametrize("data", [b"\x00", b"{}", b"a.b.c~", b"a.b.c~~", b"~a.b.c~", b"a.b.c~d~e.f.g"])
def test_what_is_none_is_refused(data: bytes) -> None:
    assert shown(data) is None


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_nothing_hostile_raises_anything_else(data: bytes) -> None:
    """SECURITY F-33, in small."""
    for content in (data, b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA~" + data, b"a.b.c~" + data.hex().encode() + b"~"):
        assert shown(content) is None


SPECIAL = st.sampled_from(
    [
        "_sd",
        "...",
        "_sd_alg",
        "iss",
        "iat",
        "exp",
        "nbf",
        "cnf",
        "vct",
        "aud",
        "status",
        "@context",
        "type",
        "kid",
        "jwk",
        "issuer",
        "holder",
        "credentialSubject",
        "vc",
        "nonce",
        "jti",
        "sub",
        "id",
        "sha-256",
        "VerifiableCredential",
    ]
)
HOSTILE = st.recursive(
    LEAVES | SPECIAL | st.just(ISSUER.did),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SPECIAL, inner, max_size=5),
    max_leaves=10,
)


@given(
    st.dictionaries(SPECIAL, HOSTILE, max_size=6) | HOSTILE,
    st.lists(HOSTILE, max_size=3),
    st.sampled_from(["dc+sd-jwt", "vc+sd-jwt", "vp+sd-jwt"]),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_nothing_that_was_signed_breaks_the_verifier(
    payload: Any, disclosures: list[Any], typ: str, bound: bool
) -> None:
    """Claims of every type in every place, under a good signature; a finding, never an exception."""
    if isinstance(payload, dict):
        payload = {"vct": "x", "iss": ISSUER.did} | payload
    presented = sd_jwt(payload, *(encode(disclosure) for disclosure in disclosures), typ=typ)
    token = presented + key_binding(presented) if bound else presented
    purpose = "authentication" if typ == "vp+sd-jwt" else "assertionMethod"
    for findings in (check(token, purpose=purpose), asked(token, purpose=purpose)):
        assert (findings.verified is None) == (findings.result.code != "proof_verified")

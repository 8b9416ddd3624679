"""Key binding (RFC 9901 section 7.3; SECURITY SD-09 to SD-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from skillcred.encoding.base64url import encode_base64url
from skillcred.keys.algorithms import Algorithm
from skillcred.model.outcomes import Outcome
from skillcred.securing import ProofFindings
from skillcred.securing.jose.errors import JoseError
from skillcred.securing.sd_jwt.disclosure import hash_text
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.sd_jwt.key_binding import MAX_KEY_BINDING_AGE_SECONDS
from skillcred.securing.sd_jwt.presenting import present, read_issued
from worlds.pure_world import NOW, SoftSigner
from worlds.sd_jwts import (
    AUDIENCE,
    HOLDER,
    ISSUER,
    NONCE,
    asked,
    check,
    claims,
    concealed,
    key_binding,
    sd_jwt,
)

NAME, NAME_DIGEST = concealed("given_name", "Maria")
CITY, CITY_DIGEST = concealed("city", "Manila", salt="other")
PAYLOAD = claims(_sd=[NAME_DIGEST, CITY_DIGEST])
PRESENTED = sd_jwt(PAYLOAD, NAME)


def refused(findings: ProofFindings) -> str:
    assert findings.verified is None
    assert findings.result.outcome is Outcome.FAILED, findings.result
    return findings.result.problems[0].code


def test_a_bound_presentation() -> None:
    token = PRESENTED + key_binding(PRESENTED)
    findings = asked(token)
    assert findings.verified is not None
    assert findings.verified.holder_bound
    [proof] = findings.verified.proofs
    assert (proof.domain, proof.challenge, proof.holds) == (AUDIENCE, NONCE, None)
    # Without a request it is good as well, and proves nothing about who shows it.
    silent = check(token)
    assert silent.verified is not None
    assert not silent.verified.holder_bound
    assert (silent.verified.proofs[0].domain, silent.verified.proofs[0].challenge) == (None, None)
    for half in ({"domain": AUDIENCE}, {"challenge": NONCE}):
        partly = check(token, **half)
        assert partly.verified is not None
        assert not partly.verified.holder_bound


def test_what_is_asked_for_must_be_there() -> None:
    """SECURITY SD-09: whether to ask is the verifier's decision, never the holder's."""
    assert refused(asked(PRESENTED)) == "key_binding_missing"
    for half in ({"domain": AUDIENCE}, {"challenge": NONCE}):
        assert refused(check(PRESENTED, **half)) == "key_binding_missing"
    assert refused(asked(sd_jwt(claims(cnf=None)))) == "key_binding_missing"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aud": "https://other.example"}, "audience_mismatch"),
        ({"aud": [AUDIENCE]}, "key_binding_malformed"),
        ({"aud": AUDIENCE + "/"}, "audience_mismatch"),
        ({"aud": AUDIENCE.removeprefix("x509_san_dns:")}, "audience_mismatch"),
        ({"aud": AUDIENCE.upper()}, "audience_mismatch"),
        ({"aud": None}, "key_binding_malformed"),
        ({"nonce": "other"}, "nonce_mismatch"),
        ({"nonce": NONCE[:-1]}, "nonce_mismatch"),
        ({"nonce": ""}, "key_binding_malformed"),
        ({"nonce": None}, "key_binding_malformed"),
        ({"iat": None}, "key_binding_malformed"),
        ({"iat": "2026-06-01T12:00:00Z"}, "invalid_numeric_date"),
        ({"iat": 1}, "key_binding_too_old"),
        ({"iat": int(NOW.timestamp()) - 3600}, "key_binding_too_old"),
        ({"iat": int(NOW.timestamp()) + 3600}, "key_binding_from_the_future"),
        ({"iat": 4_102_444_800}, "key_binding_from_the_future"),
        ({"exp": int(NOW.timestamp()) - 1}, "key_binding_too_old"),
        ({"nbf": int(NOW.timestamp()) + 61}, "key_binding_from_the_future"),
        ({"exp": "x"}, "invalid_numeric_date"),
        ({"sd_hash": None}, "key_binding_malformed"),
        ({"sd_hash": 1}, "key_binding_malformed"),
        ({"sd_hash": hash_text(PRESENTED, "sha-384")}, "sd_hash_mismatch"),
        ({"sd_hash": hash_text(PRESENTED[:-1], "sha-256")}, "sd_hash_mismatch"),
        ({"header_typ": "JWT"}, "key_binding_type"),
        ({"header_typ": "dc+sd-jwt"}, "key_binding_type"),
        ({"header_typ": None}, "key_binding_type"),
        ({"header_alg": "none"}, "alg_not_allowed"),
        ({"header_alg": "HS256"}, "alg_not_allowed"),
        ({"header_alg": "EdDSA"}, "key_binding_signature"),
        ({"header_crit": ["x"]}, "crit_not_allowed"),
        ({"header_jwk": SoftSigner(99, Algorithm.P256).public_key.to_jwk()}, "header_member_not_allowed"),
    ],
)
def test_bindings_that_do_not_hold(changes: dict[str, Any], code: str) -> None:
    """SECURITY SD-11, SD-12, M14."""
    assert refused(asked(PRESENTED + key_binding(PRESENTED, **changes))) == code


def test_the_window_is_stated() -> None:
    oldest = NOW - timedelta(seconds=MAX_KEY_BINDING_AGE_SECONDS)
    assert asked(PRESENTED + key_binding(PRESENTED, at=oldest)).verified is not None
    assert asked(PRESENTED + key_binding(PRESENTED, at=NOW + timedelta(seconds=60))).verified is not None
    older = key_binding(PRESENTED, at=oldest - timedelta(seconds=1))
    assert refused(asked(PRESENTED + older)) == "key_binding_too_old"
    assert check(PRESENTED + older).verified is not None  # nobody asked when


def test_a_binding_nobody_asked_for_must_still_be_right() -> None:
    for changes in ({"sd_hash": "x"}, {"header_typ": "JWT"}, {"signer": SoftSigner(99, Algorithm.P256)}):
        assert refused(check(PRESENTED + key_binding(PRESENTED, **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bound", "shown"),
    [
        ([NAME], []),
        ([NAME], [CITY]),
        ([NAME], [NAME, CITY]),
        ([NAME, CITY], [NAME]),
        ([NAME, CITY], [CITY, NAME]),
    ],
    ids=["removed", "exchanged", "added", "removed one of two", "reordered"],
)
def test_a_binding_is_for_these_disclosures_in_this_order(bound: list[str], shown: list[str]) -> None:
    """SECURITY SD-12."""
    binding = key_binding(sd_jwt(PAYLOAD, *bound))
    assert asked(sd_jwt(PAYLOAD, *bound) + binding).verified is not None
    assert refused(asked(sd_jwt(PAYLOAD, *shown) + binding)) == "sd_hash_mismatch"


@pytest.mark.parametrize(
    "confirmation",
    [
        None,
        {},
        {"jwk": HOLDER.public_key.to_jwk(), "kid": "x"},
        {"jwk": HOLDER.public_key.to_jwk(), "jku": "https://a.example"},
        {"jku": "https://127.0.0.1/keys"},
        {"kid": "key-1"},
        {"kid": "https://a.example#k"},
        {"jwk": "text"},
        {"jwk": []},
        {"jwk": {}},
        {"jwk": HOLDER.public_key.to_jwk() | {"d": "AAAA"}},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(bytes(32))}},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(b"\x01" + bytes(31))}},
        {"jwk": {"kty": "OKP", "crv": "X25519", "x": encode_base64url(bytes(32))}},
    ],
)
def test_keys_that_cannot_be_confirmed(confirmation: Any) -> None:
    """SECURITY SD-10, K-04."""
    presented = sd_jwt(claims(cnf=confirmation))
    assert refused(asked(presented + key_binding(presented))) == "key_binding_key"


def test_only_the_confirmed_key_binds() -> None:
    """SECURITY SD-10: not the issuer's, and no stranger's."""
    for signer in (ISSUER, SoftSigner(99, Algorithm.P256), SoftSigner(99)):
        assert refused(asked(PRESENTED + key_binding(PRESENTED, signer=signer))) == "key_binding_signature"


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.P256, Algorithm.P384])
def test_a_key_that_is_named_by_a_did(algorithm: Algorithm) -> None:
    holder = SoftSigner(31, algorithm)
    presented = sd_jwt(claims(cnf={"kid": holder.verification_method}))
    token = presented + key_binding(presented, signer=holder)
    findings = asked(token)
    assert findings.verified is not None
    assert findings.verified.holder_bound
    assert refused(asked(presented + key_binding(presented, signer=SoftSigner(32, algorithm)))) == (
        "key_binding_signature"
    )


def test_a_named_key_needs_its_document() -> None:
    presented = sd_jwt(claims(cnf={"kid": "did:web:holder.example#k"}))
    findings = asked(presented + key_binding(presented))
    assert (findings.result.outcome, findings.result.code) == (Outcome.INDETERMINATE, "key_not_available")
    assert [need.id for need in findings.result.needs] == ["did:web:holder.example"]


def test_what_the_holder_may_do() -> None:
    issued = sd_jwt(PAYLOAD, NAME, CITY).encode()
    token = present(issued, ["/city"], holder=HOLDER, audience=AUDIENCE, nonce=NONCE, issued_at=NOW)
    findings = asked(token)
    assert findings.verified is not None
    assert findings.verified.document["city"] == "Manila"
    assert "given_name" not in findings.verified.document
    assert present(issued, []).count(b"~") == 1
    with pytest.raises(SdJwtError):
        present(issued, ["/nobody"])
    with pytest.raises(SdJwtError):
        present(issued, [], holder=HOLDER)
    with pytest.raises(SdJwtError):
        read_issued(token)  # RFC 9901 section 7.2: a holder takes no SD-JWT+KB
    with pytest.raises(JoseError):
        read_issued(b"e30.e30.AA~")

"""COSE_Sign1 envelopes: what is accepted, what is refused, and what cannot be judged (SECURITY J, for COSE)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.encoding.cbor import Tagged, encode_cbor
from skillcred.errors import SkillcredError
from skillcred.identifiers import derive_document
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome
from skillcred.securing import (
    ProofFindings,
    ProofRequest,
    attach_proof,
    peek_controllers,
    prepare_proof,
    verify_secured_document,
)
from skillcred.securing.cose.sign1 import SIGNATURE_ALGORITHMS, build_signing_input
from worlds.pure_world import AWARDED, NOW, SoftSigner

ISSUER = SoftSigner(2)
OTHER = SoftSigner(3)
CREDENTIAL: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:uuid:9f8e7d6c-0000-4000-8000-000000000001",
    "type": ["VerifiableCredential"],
    "issuer": ISSUER.did,
    "credentialSubject": {"id": "did:example:holder"},
}
PRESENTATION: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiablePresentation"],
    "holder": ISSUER.did,
}


def message(
    header: dict[int | str, Any] | None = None,
    *,
    payload: bytes | None = None,
    unprotected: dict[int | str, Any] | None = None,
    signer: SoftSigner = ISSUER,
    tag: int | None = 18,
    external: bytes = b"",
) -> bytes:
    """A message; `...` as the value of a parameter takes it away."""
    full: dict[int | str, Any] = {
        1: -8,
        3: "application/vc",
        4: signer.verification_method.encode(),
        16: "application/vc+cose",
        **(header or {}),
    }
    protected = encode_cbor({name: value for name, value in full.items() if value is not ...})
    content = json.dumps(CREDENTIAL).encode() if payload is None else payload
    to_be_signed = encode_cbor(["Signature1", protected, external, content])
    parts = [protected, unprotected or {}, content, signer.sign(to_be_signed)]
    return encode_cbor(parts if tag is None else Tagged(tag, parts))


def check(
    content: bytes, *, purpose: str = "assertionMethod", media_type: str = "application/vc", **expected: str
) -> ProofFindings:
    parsed = parse_secured_document(content, media_type)
    documents = {did: document for did in peek_controllers(parsed) if (document := derive_document(did))}
    return verify_secured_document(parsed, ProofRequest(purpose, NOW, documents, **expected))


def code(content: bytes, **request: Any) -> tuple[str, str, str]:
    findings = check(content, **request)
    assert (findings.verified is not None) == (findings.result.outcome is Outcome.PASSED)
    problems = findings.result.problems
    return findings.result.outcome.value, findings.result.code, problems[0].code if problems else ""


@pytest.mark.parametrize("algorithm", SIGNATURE_ALGORITHMS)
def test_every_algorithm_by_both_its_names(algorithm: Algorithm) -> None:
    signer = SoftSigner(5, algorithm)
    payload = json.dumps({**CREDENTIAL, "issuer": signer.did}).encode()
    for name in SIGNATURE_ALGORITHMS[algorithm]:
        assert code(message({1: name}, payload=payload, signer=signer))[0] == "passed"


@pytest.mark.parametrize("key", SIGNATURE_ALGORITHMS)
@pytest.mark.parametrize("name", [name for names in SIGNATURE_ALGORITHMS.values() for name in names])
def test_the_key_fixes_the_algorithm(key: Algorithm, name: int) -> None:
    signer = SoftSigner(5, key)
    payload = json.dumps({**CREDENTIAL, "issuer": signer.did}).encode()
    found = code(message({1: name}, payload=payload, signer=signer))
    if name in SIGNATURE_ALGORITHMS[key]:
        assert found[0] == "passed"
    else:
        assert found == ("failed", "signature_wrong", "alg_key_mismatch")


@pytest.mark.parametrize("value", [..., None, 0, 1, 5, 4, -1, True, "ES256", b"", [], 2**63])
def test_algorithms_that_sign_nothing(value: Any) -> None:
    """5 and 4 are HMAC; 1 is AES-GCM."""
    assert code(message({1: value})) == ("failed", "proof_malformed", "alg_not_allowed")


@pytest.mark.parametrize("value", [-37, -39, -47, -257, -49])
def test_other_signatures_cannot_be_judged(value: int) -> None:
    assert code(message({1: value})) == ("indeterminate", "unsupported_proof", "unsupported_alg")


@pytest.mark.parametrize("name", [2, 5, 6, 33, 35, 32])
@pytest.mark.parametrize("where", ["header", "unprotected"])
def test_parameters_that_are_refused(name: int, where: str) -> None:
    arguments: dict[str, Any] = {where: {name: [16]}}
    found = code(message(**arguments))
    assert found[:2] == ("failed", "proof_malformed")
    assert found[2] in ("crit_not_allowed", "header_parameter_not_allowed")


@pytest.mark.parametrize("name", [1, 3, 15, 16, 34, 99, "x"])
def test_the_unprotected_header_decides_nothing(name: int | str) -> None:
    header: dict[int | str, Any] = {name: ...} if name in (1, 3, 16) else {}
    found = code(message(header, unprotected={name: -8}))
    assert found[0] == "failed"


def test_a_key_may_be_named_outside_but_not_twice() -> None:
    kid = ISSUER.verification_method.encode()
    assert code(message({4: ...}, unprotected={4: kid}))[0] == "passed"
    assert code(message({4: ...}, unprotected={4: OTHER.verification_method.encode()}))[0] == "failed"
    assert code(message(unprotected={4: kid}))[2] == "header_parameter_not_allowed"
    assert code(message({4: ...}))[0] == "passed", "the issuer has one key only"


def test_unknown_parameters_leave_it_open() -> None:
    assert code(message({99: 1})) == ("indeterminate", "unsupported_proof", "unsupported_header_parameter")
    assert code(message({15: {99: 1}}))[2] == "unsupported_header_parameter"


@pytest.mark.parametrize("value", [b"", b"x" * 3000, "text", 7, None])
def test_kid_is_bytes_of_bounded_length(value: Any) -> None:
    assert code(message({4: value}))[2] == "malformed_kid"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ({16: ...}, ("indeterminate", "unsupported_proof", "type_missing")),
        ({16: "application/vp+cose"}, ("failed", "wrong_envelope_type", "type_not_allowed")),
        ({16: "really/bad"}, ("failed", "wrong_envelope_type", "type_not_allowed")),
        ({16: "application/cwt"}, ("failed", "wrong_envelope_type", "type_not_allowed")),
        ({16: 61}, ("failed", "wrong_envelope_type", "type_not_allowed")),
        ({3: "application/vp"}, ("failed", "wrong_envelope_type", "type_not_allowed")),
        ({3: 50}, ("failed", "wrong_envelope_type", "type_not_allowed")),
        ({3: ...}, ("passed", "proof_verified", "")),
        ({16: "vc+cose"}, ("passed", "proof_verified", "")),
        ({16: "Application/VC+COSE"}, ("passed", "proof_verified", "")),
    ],
)
def test_types(header: dict[int | str, Any], found: tuple[str, str, str]) -> None:
    assert code(message(header)) == found


def test_a_credential_is_no_presentation() -> None:
    presentation = json.dumps(PRESENTATION).encode()
    vp = {3: "application/vp", 16: "application/vp+cose"}
    assert code(message(vp, payload=presentation), purpose="authentication")[0] == "passed"
    assert code(message(payload=presentation))[1] == "wrong_envelope_type"
    assert code(message(vp))[1] == "wrong_envelope_type"
    assert code(message(vp, payload=presentation))[1] == "wrong_proof_purpose"
    assert code(message(), media_type="application/vp+cose")[1] == "wrong_envelope_type"


def test_j13_only_the_second_version_has_this_type() -> None:
    """SECURITY J-13: a credential of VCDM 1.1 has no COSE form."""
    for contexts in (["https://www.w3.org/2018/credentials/v1"], [], None):
        payload = json.dumps({**CREDENTIAL, "@context": contexts}).encode()
        assert code(message(payload=payload)) == ("failed", "proof_malformed", "ambiguous_claims")


def test_tags_and_external_data() -> None:
    assert code(message(tag=None)) == ("indeterminate", "unsupported_proof", "untagged_message")
    for tag in (17, 61, 98):
        with pytest.raises(SkillcredError):
            check(message(tag=tag))
    assert code(message(external=b"x")) == ("failed", "signature_wrong", "signature_wrong")


def test_the_payload_is_strict_json() -> None:
    double = b'{"issuer":"' + ISSUER.did.encode() + b'","issuer":"did:example:x"}'
    assert code(message(payload=double))[2] == "duplicate_member"
    assert code(message(payload=b""))[2] == "json_syntax"


def test_the_key_of_another_than_the_issuer() -> None:
    """SECURITY J-05."""
    assert code(message(signer=OTHER))[1] == "issuer_key_mismatch"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({1: OTHER.did}, "claim_conflict"),
        ({2: "did:example:mallory"}, "claim_conflict"),
        ({7: b"urn:uuid:2"}, "claim_conflict"),
        ({4: 1}, "proof_expired"),
        ({5: 4102444800}, "proof_from_the_future"),
        ({6: 4102444800}, "proof_from_the_future"),
        ({6: "2026-03-15T09:00:00Z"}, "proof_malformed"),
        ({4: "9999999999"}, "proof_malformed"),
        ({4: True}, "proof_malformed"),
        ({1: ISSUER.did, 2: "did:example:holder", 6: 1}, "proof_verified"),
    ],
)
def test_claims(claims: dict[int, Any], reason: str) -> None:
    assert code(message({15: claims}))[1] == reason


def prepared() -> bytes:
    made = prepare_proof(
        "vc+cose",
        CREDENTIAL,
        verification_method=ISSUER.verification_method,
        algorithm=Algorithm.ED25519,
        created=AWARDED,
        options={"domain": "https://v.example", "challenge": "n", "expires": "2027-01-01T00:00:00Z"},
    )
    return attach_proof(made, ISSUER.sign(made.to_be_signed))


WHOLE = prepared()


def test_what_is_issued_is_one_shortest_form() -> None:
    assert code(WHOLE)[1:] == ("wrong_domain", "audience_mismatch")
    assert code(WHOLE, domain="https://v.example", challenge="m")[1] == "wrong_challenge"
    findings = check(WHOLE, domain="https://v.example", challenge="n")
    assert findings.verified is not None
    [proof] = findings.verified.proofs
    assert (proof.domain, proof.challenge, proof.created) == ("https://v.example", "n", AWARDED)
    assert WHOLE[:2] == b"\xd2\x84"


@given(position=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_any_changed_byte_is_noticed(position: int, byte: int) -> None:
    changed = WHOLE[:position] + bytes([byte]) + WHOLE[position + 1 :]
    if changed == WHOLE:
        return
    try:
        findings = check(changed, domain="https://v.example", challenge="n")
    except SkillcredError:
        return
    assert findings.verified is None


def test_the_signing_input_is_that_of_rfc_9052() -> None:
    assert build_signing_input(b"\xa1\x01\x26", b"x") == bytes.fromhex(
        "846a5369676e61747572653143a1012640 4178"
    )

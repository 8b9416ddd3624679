"""SECURITY J-04, J-05, J-11 to J-14, J-17: credentials and presentations in tokens, through the securing table."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.errors import SkillcredError
from skillcred.identifiers import ControlledIdentifierDocument, VerificationMethod, derive_document
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome
from skillcred.securing import (
    Availability,
    DocumentNotAvailable,
    ProofFindings,
    ProofRequest,
    SecuringError,
    attach_proof,
    peek_controllers,
    prepare_proof,
    verify_secured_document,
)
from skillcred.securing.jose.envelope import build_signing_input, encode_compact_jws
from worlds.pure_world import AWARDED, NOW, SoftSigner

ISSUER = SoftSigner(2)
OTHER = SoftSigner(3)
V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIAL: dict[str, Any] = {
    "@context": [V2],
    "id": "urn:uuid:9f8e7d6c-0000-4000-8000-000000000001",
    "type": ["VerifiableCredential"],
    "issuer": {"id": ISSUER.did, "name": "Issuer"},
    "validFrom": "2026-03-15T09:00:00Z",
    "credentialSubject": {"id": "did:example:holder", "name": "Ada"},
}
PRESENTATION: dict[str, Any] = {
    "@context": [V2],
    "type": ["VerifiablePresentation"],
    "holder": ISSUER.did,
}
IAT = int(AWARDED.timestamp())


def token(
    payload: dict[str, Any],
    *,
    signer: SoftSigner = ISSUER,
    header: dict[str, Any] | None = None,
    **members: Any,
) -> bytes:
    """A token with `header`, or that of a credential, changed by `members`; `...` takes one away."""
    full = {"alg": "EdDSA", "typ": "vc+jwt", "kid": signer.verification_method, **(header or {}), **members}
    shown = {name: value for name, value in full.items() if value is not ...}
    signing_input = build_signing_input(shown, json.dumps(payload).encode())
    return encode_compact_jws(signing_input, signer.sign(signing_input))


def check(
    content: bytes, *, media_type: str = "application/vc", purpose: str = "assertionMethod", **request: Any
) -> ProofFindings:
    parsed = parse_secured_document(content, media_type)
    documents = {}
    for did in peek_controllers(parsed):
        found = derive_document(did)
        documents[did] = found or DocumentNotAvailable("not_requested", Availability.NOT_REQUESTED)
    return verify_secured_document(
        parsed,
        ProofRequest(purpose, request.pop("at", NOW), request.pop("controllers", documents), **request),
    )


def code(content: bytes, **request: Any) -> tuple[str, str, str]:
    """Outcome, reason and the code of the first problem."""
    findings = check(content, **request)
    assert (findings.verified is not None) == (findings.result.outcome is Outcome.PASSED)
    problems = findings.result.problems
    return findings.result.outcome.value, findings.result.code, problems[0].code if problems else ""


def test_a_credential_verifies() -> None:
    findings = check(token({**CREDENTIAL, "iss": ISSUER.did, "iat": IAT}, cty="vc"))
    assert findings.verified is not None
    assert findings.verified.document == CREDENTIAL
    assert findings.verified.proofs[0].created == AWARDED
    assert findings.verified.proofs[0].mechanism == "vc+jwt"


def test_j05_kid_of_another_than_the_issuer() -> None:
    """The forgery of the well-known kind: the attacker's key, the victim's name."""
    for payload in (CREDENTIAL, {**CREDENTIAL, "iss": ISSUER.did}):
        assert code(token(payload, signer=OTHER)) == ("failed", "issuer_key_mismatch", "issuer_key_mismatch")
    assert code(token(PRESENTATION, signer=OTHER, typ="vp+jwt"), purpose="authentication") == (
        "failed",
        "holder_key_mismatch",
        "holder_key_mismatch",
    )
    legacy = {"iss": ISSUER.did, "vp": {"@context": [V1], "type": ["VerifiablePresentation"]}}
    assert code(token(legacy, signer=OTHER, typ="JWT"), purpose="authentication")[1] == "holder_key_mismatch"


def test_j04_j07_keys_inside_the_token() -> None:
    for member, value in (
        ("jwk", OTHER.public_key.to_jwk()),
        ("jku", "http://127.0.0.1/"),
        ("x5c", ["MIIB"]),
    ):
        found = code(token(CREDENTIAL, signer=OTHER, kid=ISSUER.verification_method, **{member: value}))
        assert found == ("failed", "proof_malformed", "header_member_not_allowed")


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1", "keys/\0", "${jndi:x}", "#other", "key-1"])
def test_j06_unknown_names_of_keys(kid: str) -> None:
    assert code(token(CREDENTIAL, kid=kid)) == ("failed", "key_not_in_document", "unknown_key")


@pytest.mark.parametrize(
    "kid", [..., ISSUER.did, "#" + ISSUER.public_key.to_multikey(), ISSUER.public_key.thumbprint()]
)
def test_other_ways_to_name_the_key(kid: Any) -> None:
    assert code(token(CREDENTIAL, kid=kid))[0] == "passed"


def test_without_kid_there_must_be_one_key_only() -> None:
    document = derive_document(ISSUER.did)
    assert document is not None
    [method] = document.verification_methods.values()
    second = VerificationMethod(ISSUER.did + "#2", method.type, ISSUER.did, OTHER.public_key)
    both = ControlledIdentifierDocument(
        ISSUER.did,
        {method.id: method, second.id: second},
        {"assertionMethod": frozenset({method.id, second.id})},
    )
    content = token(CREDENTIAL, kid=...)
    assert code(content, controllers={ISSUER.did: both}) == ("failed", "key_not_in_document", "unknown_key")


def test_an_issuer_without_a_did_cannot_be_judged() -> None:
    payload = {**CREDENTIAL, "issuer": "https://issuer.example"}
    for kid in (..., "key-1", "https://issuer.example#key-1"):
        assert code(token(payload, kid=kid)) == (
            "indeterminate",
            "unsupported_proof",
            "unsupported_identifier",
        )


def test_j13_the_two_formats_are_never_mixed() -> None:
    inner = {name: CREDENTIAL[name] for name in ("@context", "type", "credentialSubject")}
    for wrapper in ("vc", "vp"):
        for value in (inner, "oops", None, {}):
            assert code(token({**CREDENTIAL, wrapper: value})) == (
                "failed",
                "proof_malformed",
                "ambiguous_claims",
            )
    old = {"iss": ISSUER.did, "vc": inner}
    assert code(token(old))[2] == "ambiguous_claims", "VCDM 1.1 content under the new type"
    assert code(token({**CREDENTIAL, "vc": inner}, typ="JWT"))[2] == "ambiguous_claims"
    assert code(token({"iss": ISSUER.did, "vc": inner, "vp": {}}, typ="JWT"))[2] == "ambiguous_claims"
    assert code(token(CREDENTIAL, typ="JWT"))[2] == "ambiguous_claims"
    assert code(token(CREDENTIAL, typ=...)) == ("indeterminate", "unsupported_proof", "type_missing")


@pytest.mark.parametrize("contexts", [[V1], V1, [V1, V2], [], None, ..., "x"])
def test_j13_only_the_second_version_has_this_type(contexts: Any) -> None:
    """A credential or presentation of VCDM 1.1 has a JWT type of its own."""
    for document, typ in ((CREDENTIAL, "vc+jwt"), (PRESENTATION, "vp+jwt")):
        other = {**document, "@context": contexts}
        if contexts is ...:
            del other["@context"]
        assert code(token(other, typ=typ)) == ("failed", "proof_malformed", "ambiguous_claims")


TYPES = ["vc+jwt", "vp+jwt", "JWT", "vc+sd-jwt", "dc+sd-jwt", "kb+jwt", "at+jwt", "dpop+jwt", "statuslist+jwt",
         "openid4vci-proof+jwt", "oauth-authz-req+jwt"]  # fmt: skip


@pytest.mark.parametrize("typ", TYPES)
def test_j11_other_tokens_are_no_credentials(typ: str) -> None:
    assert (code(token(CREDENTIAL, typ=typ))[0] == "passed") == (typ == "vc+jwt")
    presented = code(token(PRESENTATION, typ=typ), purpose="authentication")
    assert (presented[0] == "passed") == (typ == "vp+jwt")


@pytest.mark.parametrize(
    ("typ", "media_type", "accepted"),
    [
        ("vc+jwt", "application/vc+jwt", True),
        ("VC+JWT", "application/vc+jwt", True),
        ("application/vc+jwt", "application/vc+jwt", True),
        ("vc+jwt", "application/jwt", True),
        ("vc+jwt", "application/vp+jwt", False),
        ("JWT", "application/vc+jwt", False),
        ("vc+jwt; charset=utf-8", "application/vc+jwt", False),
        ("vc", "application/vc+jwt", False),
    ],
)
def test_media_types(typ: str, media_type: str, accepted: bool) -> None:
    assert (code(token(CREDENTIAL, typ=typ), media_type=media_type)[0] == "passed") == accepted


@pytest.mark.parametrize("cty", ["vp", "JWT", "vc+jwt", "bad+cty", "application/vp"])
def test_the_content_type_must_fit(cty: str) -> None:
    assert code(token(CREDENTIAL, cty=cty)) == ("failed", "wrong_envelope_type", "type_not_allowed")


def test_the_document_is_of_the_kind_that_the_envelope_says() -> None:
    assert code(token(PRESENTATION))[1] == "wrong_envelope_type"
    both = {**CREDENTIAL, "type": ["VerifiableCredential", "VerifiablePresentation"]}
    assert code(token(both))[1] == "wrong_envelope_type"
    assert code(token(CREDENTIAL), purpose="authentication")[1] == "wrong_proof_purpose"
    assert code(token(PRESENTATION, typ="vp+jwt"))[1] == "wrong_proof_purpose"


def test_a_proof_inside_the_envelope_is_not_shown_as_checked() -> None:
    assert code(token({**CREDENTIAL, "proof": {"type": "DataIntegrityProof"}})) == (
        "indeterminate",
        "unsupported_proof",
        "unsupported_inner_proof",
    )


@pytest.mark.parametrize(
    ("name", "value"), [("iss", OTHER.did), ("jti", "urn:uuid:2"), ("sub", "did:example:mallory")]
)
def test_claims_agree_with_the_document(name: str, value: str) -> None:
    found = code(token({**CREDENTIAL, name: value}))
    assert found == ("failed", "claim_conflict", "claim_conflict")


@pytest.mark.parametrize("name", ["iss", "sub", "jti", "aud", "nonce", "cnf"])
@pytest.mark.parametrize("value", [None, 1, [], {}, "", True, [1]])
def test_claims_are_of_their_types(name: str, value: Any) -> None:
    if name == "cnf" and isinstance(value, dict):
        return
    assert code(token({**CREDENTIAL, name: value}))[2] == "malformed_claims"


@pytest.mark.parametrize("value", ["9999999999", True, [], {}, None, -1, 10**20, 253402300800])
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
def test_j14_times_are_numeric_dates(name: str, value: Any) -> None:
    assert code(token({**CREDENTIAL, name: value}))[2] == "invalid_numeric_date"


@pytest.mark.parametrize("literal", ["1e999", "1" + "0" * 400, "NaN", "Infinity"])
def test_j14_numbers_out_of_range(literal: str) -> None:
    text = json.dumps(CREDENTIAL)[:-1] + f', "exp": {literal}}}'
    signing_input = build_signing_input(
        {"alg": "EdDSA", "typ": "vc+jwt", "kid": ISSUER.verification_method}, text.encode()
    )
    found = code(encode_compact_jws(signing_input, ISSUER.sign(signing_input)))
    assert found == ("failed", "proof_malformed", "number_out_of_range")


def at(seconds: int) -> int:
    return int((NOW + timedelta(seconds=seconds)).timestamp())


@pytest.mark.parametrize(
    ("claims", "outcome", "reason"),
    [
        ({"exp": at(-1)}, "failed", "proof_expired"),
        ({"exp": at(0)}, "failed", "proof_expired"),
        ({"exp": at(1)}, "passed", "proof_verified"),
        ({"nbf": at(61)}, "failed", "proof_from_the_future"),
        ({"nbf": at(60)}, "passed", "proof_verified"),
        ({"iat": at(61)}, "failed", "proof_from_the_future"),
        ({"iat": at(60)}, "passed", "proof_verified"),
        ({"iat": IAT + 0.5}, "passed", "proof_verified"),
        ({"iat": "2026-03-15T09:00:00Z"}, "passed", "proof_verified"),
        ({"iat": "2026-06-01T12:02:00Z"}, "failed", "proof_from_the_future"),
        ({"iat": "2026-03-15"}, "failed", "proof_malformed"),
        ({"exp": "2027-03-15T09:00:00Z"}, "failed", "proof_malformed"),
        ({"exp": at(10), "iat": at(20)}, "failed", "proof_malformed"),
    ],
)
def test_j14_times_of_the_signature(claims: dict[str, Any], outcome: str, reason: str) -> None:
    assert code(token({**CREDENTIAL, **claims}))[:2] == (outcome, reason)


@pytest.mark.parametrize(
    "claims", [{}, {"exp": at(500)}, {"nbf": at(-500)}, {"iat": at(-500), "nbf": at(-700)}]
)
def test_a_proof_says_truly_when_it_holds(claims: dict[str, int]) -> None:
    content = token({**CREDENTIAL, **claims})
    findings = check(content)
    assert findings.verified is not None
    holds = findings.verified.proofs[0].holds
    assert holds is not None
    since, until = holds
    for seconds in (-761, -760, -561, -560, -559, 0, 499, 500, 501):
        instant = NOW + timedelta(seconds=seconds)
        held = (since is None or since <= instant) and (until is None or instant < until)
        assert held == (check(content, at=instant).verified is not None), seconds


def test_audience_and_nonce() -> None:
    content = token({**PRESENTATION, "aud": ["https://v.example"], "nonce": "n1"}, typ="vp+jwt")
    vp: dict[str, Any] = {"purpose": "authentication"}
    assert code(content, **vp, domain="https://v.example", challenge="n1")[0] == "passed"
    assert code(content, **vp, domain="https://w.example", challenge="n1")[1] == "wrong_domain"
    assert code(content, **vp, domain="https://v.example", challenge="n2")[1] == "wrong_challenge"
    several = token({**PRESENTATION, "aud": ["https://v.example", "x"], "nonce": "n1"}, typ="vp+jwt")
    assert code(several, **vp, domain="https://v.example", challenge="n1")[1] == "wrong_domain"
    bare = token(PRESENTATION, typ="vp+jwt")
    assert code(bare, **vp, domain="https://v.example")[1] == "wrong_domain"
    assert code(bare, **vp, challenge="n1")[1] == "wrong_challenge"


def test_a_credential_for_others() -> None:
    content = token({**CREDENTIAL, "aud": "https://v.example"})
    assert code(content)[1:] == ("wrong_domain", "audience_mismatch")
    assert code(content, domain="https://w.example")[1] == "wrong_domain"
    assert code(content, domain="https://v.example")[0] == "passed"
    several = token({**CREDENTIAL, "aud": ["https://v.example", "x"]})
    assert code(several, domain="https://v.example")[0] == "passed"


KEYS = {
    key: SoftSigner(5, key) for key in (Algorithm.ED25519, Algorithm.P256, Algorithm.P384, Algorithm.P521)
}
FITTING = {
    ("EdDSA", Algorithm.ED25519),
    ("Ed25519", Algorithm.ED25519),
    ("ES256", Algorithm.P256),
    ("ES384", Algorithm.P384),
    ("ES512", Algorithm.P521),
}
ALGS = [
    "EdDSA",
    "Ed25519",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "RS256",
    "PS256",
    "HS256",
    "HS384",
    "none",
    "Ed448",
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("alg", ALGS)
@pytest.mark.parametrize("typ", ["vc+jwt", "vp+jwt", "JWT", "kb+jwt", "vc+sd-jwt", "at+jwt"])
def test_j02_j03_j11_keys_algorithms_types(key: Algorithm, alg: str, typ: str) -> None:
    signer = KEYS[key]
    payload = {**CREDENTIAL, "issuer": signer.did}
    passed = check(token(payload, signer=signer, alg=alg, typ=typ)).verified is not None
    assert passed == ((alg, key) in FITTING and typ == "vc+jwt")


# --- VCDM 1.1 ------------------------------------------------------------------------------------------------

OLD_VC: dict[str, Any] = {
    "@context": [V1],
    "type": ["VerifiableCredential"],
    "credentialSubject": {"degree": "x"},
}
OLD: dict[str, Any] = {
    "iss": ISSUER.did,
    "sub": "did:example:holder",
    "jti": "http://issuer.example/1",
    "nbf": IAT,
    "exp": IAT + 86400,
    "vc": OLD_VC,
}


def old(changes: dict[str, Any] | None = None, inner: dict[str, Any] | None = None, **header: Any) -> bytes:
    claims = copy.deepcopy(OLD)
    claims["vc"].update(inner or {})
    claims.update(changes or {})
    return token(claims, typ=header.pop("typ", "JWT"), **header)


def test_claims_of_vcdm_1_1_stand_for_members() -> None:
    for typ in ("JWT", "jwt", "application/jwt", ...):
        findings = check(old(typ=typ), media_type="application/jwt")
        assert findings.verified is not None
        assert findings.verified.document == {
            **OLD_VC,
            "id": "http://issuer.example/1",
            "issuer": ISSUER.did,
            "credentialSubject": {"id": "did:example:holder", "degree": "x"},
            "issuanceDate": "2026-03-15T09:00:00Z",
            "expirationDate": "2026-03-16T09:00:00Z",
        }
        assert findings.verified.proofs[0].mechanism == "jwt_vc"


@pytest.mark.parametrize(
    "inner",
    [
        {"issuer": ISSUER.did},
        {"issuer": {"id": ISSUER.did, "name": "I"}},
        {"issuer": {"name": "I"}},
        {"id": "http://issuer.example/1"},
        {"issuanceDate": "2026-03-15T10:00:00+01:00"},
        {"issuanceDate": "2026-03-15T09:00:00.123Z"},
        {"expirationDate": "2026-03-16T09:00:00Z"},
        {"credentialSubject": {"id": "did:example:holder"}},
        {"credentialSubject": [{"degree": "x"}]},
    ],
)
def test_members_that_agree_with_claims(inner: dict[str, Any]) -> None:
    assert code(old(inner=inner))[0] == "passed"


@pytest.mark.parametrize(
    "inner",
    [
        {"issuer": OTHER.did},
        {"issuer": {"id": OTHER.did}},
        {"issuer": None},
        {"id": "http://issuer.example/2"},
        {"id": None},
        {"issuanceDate": "2026-03-15T09:00:01Z"},
        {"issuanceDate": "2026-03-15"},
        {"issuanceDate": 1},
        {"expirationDate": "2027-03-16T09:00:00Z"},
        {"credentialSubject": {"id": "did:example:mallory"}},
        {"credentialSubject": [{"id": "did:example:holder"}, {"id": "did:example:mallory"}]},
        {"credentialSubject": "did:example:holder"},
    ],
)
def test_j12_members_that_contradict_claims(inner: dict[str, Any]) -> None:
    assert code(old(inner=inner)) == ("failed", "claim_conflict", "claim_conflict")


STATUS = {"status_list": {"idx": 7, "uri": "https://issuer.example/lists/1"}}


@pytest.mark.parametrize("inner", [{}, {"status": STATUS}])
def test_a_status_beside_the_credential_is_one_of_it(inner: dict[str, Any]) -> None:
    """Token Status List section 6.2: any token may have the claim; it must not be passed over."""
    findings = check(old({"status": STATUS}, inner=inner))
    assert findings.verified is not None
    assert findings.verified.document["status"] == STATUS


@pytest.mark.parametrize(
    "stated", [None, {}, {"status_list": {"idx": 8, "uri": "https://issuer.example/lists/1"}}]
)
def test_j12_another_status_inside_contradicts_it(stated: Any) -> None:
    found = code(old({"status": STATUS}, inner={"status": stated}))
    assert found == ("failed", "claim_conflict", "claim_conflict")


def test_the_end_of_an_old_credential_is_no_fault_of_its_signature() -> None:
    assert code(old())[0] == "passed"
    assert OLD["exp"] < NOW.timestamp()


def test_a_presentation_of_vcdm_1_1() -> None:
    payload = {
        "iss": ISSUER.did,
        "aud": "example.com",
        "nonce": "123456789",
        "vp": {"@context": [V1], "type": ["VerifiablePresentation"]},
    }
    content = token(payload, typ="JWT")
    findings = check(content, purpose="authentication", challenge="123456789", media_type="application/jwt")
    assert findings.verified is not None
    assert findings.verified.document["holder"] == ISSUER.did
    assert findings.verified.proofs[0].domain == "example.com"
    assert code(content)[1] == "wrong_proof_purpose"
    expired = token({**payload, "exp": at(-5)}, typ="JWT")
    assert code(expired, purpose="authentication")[1] == "proof_expired"


@pytest.mark.parametrize("value", ["x", None, 1, [], [OLD_VC]])
def test_what_is_wrapped_is_an_object(value: Any) -> None:
    assert code(token({**OLD, "vc": value}, typ="JWT"))[2] == "malformed_claims"


def test_vcdm_2_0_inside_the_older_claim() -> None:
    """So the interoperability presentation of the VCDM 2.0 suite is written."""
    inner = {"@context": [V2], "issuer": ISSUER.did}
    findings = check(old(inner=inner, typ=...))
    assert findings.verified is not None
    assert findings.verified.document["validFrom"] == "2026-03-15T09:00:00Z"
    assert "issuanceDate" not in findings.verified.document


# --- issuing -------------------------------------------------------------------------------------------------


def prepare(document: dict[str, Any], purpose: str = "assertionMethod", **options: Any) -> bytes:
    prepared = prepare_proof(
        "vc+jwt",
        document,
        verification_method=ISSUER.verification_method,
        algorithm=Algorithm.ED25519,
        created=AWARDED,
        purpose=purpose,
        options=options,
    )
    return attach_proof(prepared, ISSUER.sign(prepared.to_be_signed))


def test_a_presentation_for_one_verifier() -> None:
    content = prepare(
        PRESENTATION,
        "authentication",
        domain="https://v.example",
        challenge="n1",
        expires="2026-06-01T12:00:01Z",
    )
    request = {"purpose": "authentication", "domain": "https://v.example", "challenge": "n1"}
    assert code(content, media_type="application/vp+jwt", **request)[0] == "passed"
    assert code(content, at=NOW + timedelta(seconds=1), **request)[1] == "proof_expired"


@pytest.mark.parametrize(
    ("document", "purpose", "options", "expected"),
    [
        ({**CREDENTIAL, "proof": {}}, "assertionMethod", {}, "already_secured"),
        ({**CREDENTIAL, "iss": "x"}, "assertionMethod", {}, "reserved_member"),
        ({**CREDENTIAL, "vc": {}}, "assertionMethod", {}, "reserved_member"),
        (PRESENTATION, "assertionMethod", {}, "wrong_document_type"),
        (CREDENTIAL, "authentication", {}, "wrong_document_type"),
        (CREDENTIAL, "keyAgreement", {}, "unsupported_option"),
        (CREDENTIAL, "assertionMethod", {"domain": 1}, "unsupported_option"),
        (CREDENTIAL, "assertionMethod", {"expires": "tomorrow"}, "unsupported_option"),
        (CREDENTIAL, "assertionMethod", {"id": "urn:uuid:1"}, "unsupported_option"),
    ],
)
def test_what_cannot_be_issued(
    document: dict[str, Any], purpose: str, options: dict[str, Any], expected: str
) -> None:
    with pytest.raises(SecuringError) as caught:
        prepare(document, purpose, **options)
    assert caught.value.code == expected


WHOLE = prepare(CREDENTIAL)


@given(position=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_any_changed_byte_is_noticed(position: int, byte: int) -> None:
    changed = WHOLE[:position] + bytes([byte]) + WHOLE[position + 1 :]
    if changed == WHOLE:
        return
    try:
        findings = check(changed)
    except SkillcredError:
        return
    assert findings.verified is None

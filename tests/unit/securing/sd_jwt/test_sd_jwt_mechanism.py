"""SD-JWT as a securing mechanism: kinds, issuer's key, forgeries that packages accept (SECURITY SD, J, M14)."""

from __future__ import annotations

from typing import Any

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome, Verdict
from skillcred.securing import DocumentKind, ProofFindings, SecuringError, attach_proof, prepare_proof
from skillcred.securing.sd_jwt.mechanism import _STEP_CODES, SdJwtMechanism
from skillcred.verification import verify
from skillcred.verification.messages import MESSAGES
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner
from worlds.sd_jwts import HOLDER, ISSUED, ISSUER, check, claims, concealed, encode, jwt, sd_jwt


def refused(findings: ProofFindings) -> tuple[str, str]:
    """Reason and the code of the problem of what must be refused."""
    assert findings.verified is None
    assert findings.result.outcome is Outcome.FAILED, findings.result
    return findings.result.code, findings.result.problems[0].code


def test_every_reason_has_a_sentence() -> None:
    assert set(_STEP_CODES.values()) <= MESSAGES.keys()


def test_an_sd_jwt_vc() -> None:
    name, digest = concealed("given_name", "Maria")
    payload = claims(_sd=[digest, "decoy"])
    findings = check(sd_jwt(payload, name))
    assert findings.verified is not None
    verified = findings.verified
    expected = {key: value for key, value in payload.items() if key not in ("_sd", "_sd_alg")}
    assert verified.document == expected | {"given_name": "Maria"}
    assert verified.kind is DocumentKind.SD_JWT_VC
    assert verified.confirmation == {"jwk": HOLDER.public_key.to_jwk()}
    assert not verified.holder_bound
    assert verified.proofs[0].mechanism == "dc+sd-jwt"
    assert verified.proofs[0].controller == ISSUER.did
    withheld = check(sd_jwt(payload))
    assert withheld.verified is not None
    assert withheld.verified.document == expected


NAME, NAME_DIGEST = concealed("given_name", "Maria")
FORGERIES: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "SD-01 unreferenced": (claims(), [NAME], "unreferenced_disclosure"),
    "SD-02 twice": (claims(_sd=[NAME_DIGEST, NAME_DIGEST]), [NAME], "duplicate_digest"),
    "SD-03 sent twice": (claims(_sd=[NAME_DIGEST]), [NAME, NAME], "duplicate_disclosure"),
    "SD-06 _sd is text": (claims(_sd=NAME_DIGEST), [NAME], "sd_malformed"),
    "SD-06 nested _sd_alg": (claims(x={"_sd_alg": "sha-256"}), [], "sd_alg_misplaced"),
    "SD-07 md5": (claims(_sd_alg="md5"), [], "unsupported_sd_alg"),
}
for _claim in ("iss", "exp", "nbf", "cnf", "vct", "vct#integrity", "aka_vcts", "status", "aud"):
    _disclosure, _digest = concealed(_claim, "x")
    FORGERIES[f"SD-08 {_claim} by disclosure"] = (
        claims(**{"_sd": [_digest], _claim: None}),
        [_disclosure],
        # without a plain vct it is no SD-JWT VC, whatever the disclosures say
        "vct_malformed" if _claim == "vct" else "claim_not_disclosable",
    )
for _claim in ("_sd", "...", "_sd_alg"):
    _disclosure, _digest = concealed(_claim, "x")
    FORGERIES[f"SD-04 named {_claim}"] = (claims(_sd=[_digest]), [_disclosure], "reserved_claim_name")


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_that_packages_accept(name: str) -> None:
    """SECURITY M14: the issuer's signature is good in all of them."""
    payload, disclosures, code = FORGERIES[name]
    assert refused(check(sd_jwt(payload, *disclosures)))[1] == code


def test_a_status_concealed_in_part() -> None:
    """SECURITY SD-08: draft 19 of SD-JWT VC counts the sub-claims in."""
    _, digest = concealed("idx", 5)
    payload = claims(status={"status_list": {"_sd": [digest], "uri": "https://a.example"}})
    assert refused(check(sd_jwt(payload))) == ("disclosures_wrong", "claim_not_disclosable")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": "9999999999"}, "invalid_numeric_date"),
        ({"exp": True}, "invalid_numeric_date"),
        ({"exp": []}, "invalid_numeric_date"),
        ({"exp": 10**20}, "invalid_numeric_date"),
        ({"nbf": "x"}, "invalid_numeric_date"),
        ({"iat": "2026-01-01T00:00:00Z"}, "invalid_numeric_date"),
        ({"cnf": "x"}, "malformed_claims"),
        ({"aud": "https://somebody.example"}, "audience_mismatch"),
        ({"aud": 1}, "malformed_claims"),
        ({"vct": ""}, "vct_malformed"),
        ({"vct": 1}, "vct_malformed"),
        ({"iat": ISSUED + 90_000}, "proof_from_the_future"),
        ({"iss": None}, "issuer_missing"),
    ],
)
def test_claims_that_are_not_what_they_must_be(changes: dict[str, Any], code: str) -> None:
    """SECURITY J-14."""
    assert refused(check(sd_jwt(claims(**changes))))[1] == code


def test_numbers_that_are_no_json() -> None:
    text = b'{"vct":"x","iss":"' + ISSUER.did.encode() + b'","exp":1e999}'
    assert refused(check(sd_jwt(text)))[1] == "number_out_of_range"
    twice = b'{"vct":"x","vct":"y","iss":"' + ISSUER.did.encode() + b'"}'
    assert refused(check(sd_jwt(twice)))[1] == "duplicate_member"


@pytest.mark.parametrize("changes", [{"exp": ISSUED}, {"nbf": ISSUED + 86_400 * 2}])
def test_expired_and_not_yet_valid_ones_are_never_accepted(changes: dict[str, Any]) -> None:
    """SECURITY M14, SD-08. The validity of an SD-JWT VC is a step of its own."""
    report = verify(sd_jwt(claims(**changes)).encode(), at=NOW, media_type="application/dc+sd-jwt")
    assert report.verdict is Verdict.INVALID
    assert report.reason in ("expired", "not_yet_valid")


@pytest.mark.parametrize(
    "typ",
    [
        "JWT",
        "kb+jwt",
        "vc+jwt",
        "vp+jwt",
        "at+jwt",
        "dpop+jwt",
        "statuslist+jwt",
        "openid4vci-proof+jwt",
        "example+sd-jwt",
        "sd-jwt",
        None,
    ],
)
def test_other_types(typ: str | None) -> None:
    """SECURITY J-11."""
    assert refused(check(sd_jwt(claims(), typ=typ))) == ("wrong_envelope_type", "type_not_allowed")


@pytest.mark.parametrize("payload_and_type", [(claims(), "dc+sd-jwt"), (claims(), "vc+sd-jwt")])
def test_the_issuers_part_alone_is_no_token(payload_and_type: tuple[dict[str, Any], str]) -> None:
    """SECURITY J-11, SD-15: without its separators an SD-JWT must not pass as a JWT, rid of its key binding."""
    payload, typ = payload_and_type
    assert refused(check(jwt(payload, typ=typ)))[0] == "wrong_envelope_type"


def test_what_it_came_as_must_be_what_it_says() -> None:
    token = sd_jwt(claims())
    assert check(token, media_type="application/dc+sd-jwt").verified is not None
    assert check(token).verified is not None
    for media_type in ("application/vc+sd-jwt", "application/vp+sd-jwt"):
        assert refused(check(token, media_type=media_type))[0] == "wrong_envelope_type"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "none"}, "alg_not_allowed"),
        ({"alg": "HS256"}, "alg_not_allowed"),
        ({"alg": "ES384"}, "alg_key_mismatch"),
        ({"alg": "EdDSA"}, "alg_key_mismatch"),
        ({"crit": ["exp"], "exp": 1}, "crit_not_allowed"),
        ({"b64": False}, "header_member_not_allowed"),
        ({"jwk": ISSUER.public_key.to_jwk()}, "header_member_not_allowed"),
        ({"jku": "https://127.0.0.1/keys"}, "header_member_not_allowed"),
        ({"x5u": "https://169.254.169.254/"}, "header_member_not_allowed"),
        ({"kid": {"a": 1}}, "malformed_jws"),
        ({"kid": "did:key:zzz#1"}, "unsupported_key_type"),
        ({"kid": "../../etc/passwd"}, "unknown_key"),
        ({"kid": "' OR 1=1"}, "unknown_key"),
        ({"kid": HOLDER.verification_method}, "issuer_key_mismatch"),
    ],
)
def test_headers(header: dict[str, Any], code: str) -> None:
    """SECURITY J-01 to J-09: keys come from the issuer's DID and nowhere else."""
    assert refused(check(sd_jwt(claims(), **header)))[1] == code


def test_a_stranger_who_names_the_issuer() -> None:
    """SECURITY J-04, J-05, SD-18."""
    stranger = SoftSigner(99, Algorithm.P256)
    assert refused(check(sd_jwt(claims(), signer=stranger)))[0] == "issuer_key_mismatch"
    same_kid = sd_jwt(claims(), signer=stranger, kid=ISSUER.verification_method)
    assert refused(check(same_kid))[0] == "signature_wrong"
    no_kid = sd_jwt(claims(), signer=stranger, kid=None)
    assert refused(check(no_kid))[0] == "signature_wrong"


@pytest.mark.parametrize(
    ("payload", "header"),
    [
        (claims(iss="https://issuer.example"), {"kid": "key-1"}),
        (claims(), {"alg": "RS256"}),
    ],
)
def test_what_is_not_supported_says_so(payload: dict[str, Any], header: dict[str, Any]) -> None:
    """SD-JWT VC sections 2.5 and 4: keys by issuer metadata are neither good nor bad here."""
    findings = check(sd_jwt(payload, **header))
    assert findings.verified is None
    assert (findings.result.outcome, findings.result.code) == (Outcome.INDETERMINATE, "unsupported_proof")


@pytest.mark.parametrize("vct", ["data:text/html,x", "http://127.0.0.1/", "urn:example:a", "../x"])
def test_no_type_is_ever_fetched(vct: str) -> None:
    """SECURITY SD-17: peeking names DIDs and nothing else; the purity of the room is held by its import contract."""
    token = sd_jwt(claims(vct=vct, aka_vcts=["urn:example:regulated"], **{"vct#integrity": "sha256-x"}))
    assert SdJwtMechanism().peek_controllers(parse_secured_document(token.encode())) == (ISSUER.did,)
    assert check(token).verified is not None


VCDM: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": ISSUER.did,
    "credentialSubject": {"id": "did:example:subject"},
}
VC = {"typ": "vc+sd-jwt"}


def test_the_payload_tells_the_two_meanings_of_one_type_apart() -> None:
    legacy = check(sd_jwt(claims(), **VC))
    assert legacy.verified is not None
    assert legacy.verified.kind is DocumentKind.SD_JWT_VC
    vcdm = check(sd_jwt(VCDM, **VC))
    assert vcdm.verified is not None
    assert vcdm.verified.kind is DocumentKind.VCDM
    assert refused(check(sd_jwt(VCDM | {"vct": "x"}, **VC)))[1] == "ambiguous_claims"
    assert refused(check(sd_jwt({"iss": ISSUER.did}, **VC)))[1] == "ambiguous_claims"
    assert refused(check(sd_jwt(VCDM)))[1] == "vct_malformed"
    for other in (["https://www.w3.org/2018/credentials/v1"], "https://a.example", [], None, {}):
        assert refused(check(sd_jwt(VCDM | {"@context": other}, **VC)))[1] == "ambiguous_claims"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "did:example:other"}, "claim_conflict"),
        ({"jti": "urn:x", "id": "urn:y"}, "claim_conflict"),
        ({"sub": "did:example:other"}, "claim_conflict"),
        ({"vc": {}}, "ambiguous_claims"),
        ({"vp": {}}, "ambiguous_claims"),
        ({"exp": ISSUED}, "proof_expired"),
        ({"nbf": ISSUED + 90_000}, "proof_from_the_future"),
        ({"type": "VerifiablePresentation"}, "type_not_allowed"),
        ({"issuer": {"id": HOLDER.did}}, "issuer_key_mismatch"),
    ],
)
def test_vcdm_documents_and_their_envelope(changes: dict[str, Any], code: str) -> None:
    """SECURITY J-05, J-12, J-13."""
    assert refused(check(sd_jwt(VCDM | changes, **VC)))[1] == code


@pytest.mark.parametrize(
    "name", ["issuer", "validUntil", "credentialStatus", "credentialSchema", "iss", "exp", "cnf"]
)
def test_what_a_credential_always_shows(name: str) -> None:
    """SECURITY SD-08 for VCDM (VC-JOSE-COSE section 3.2.1)."""
    disclosure, digest = concealed(name, "x")
    payload = {key: value for key, value in VCDM.items() if key != name}
    findings = check(sd_jwt(payload | {"_sd": [digest]}, disclosure, **VC))
    assert refused(findings) == ("disclosures_wrong", "claim_not_disclosable")


def test_a_presentation() -> None:
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "holder": HOLDER.did,
        "type": "VerifiablePresentation",
        "aud": "https://verifier.example",
        "nonce": "abc",
    }
    options: dict[str, Any] = {"purpose": "authentication"}
    token = sd_jwt(payload, signer=HOLDER, typ="vp+sd-jwt")
    wanted = {"domain": "https://verifier.example", "challenge": "abc"}
    findings = check(token, **options, **wanted)
    assert findings.verified is not None
    assert "aud" not in findings.verified.document
    assert findings.verified.proofs[0].challenge == "abc"
    assert refused(check(token, **options, **wanted | {"challenge": "abd"}))[0] == "wrong_challenge"
    assert (
        refused(check(token, **options, **wanted | {"domain": "https://verifier.example/"}))[0]
        == "wrong_domain"
    )
    assert refused(check(token))[0] == "wrong_proof_purpose"
    without = {name: value for name, value in payload.items() if name not in ("aud", "nonce")}
    silent = sd_jwt(without, signer=HOLDER, typ="vp+sd-jwt")
    assert refused(check(silent, **options, **wanted))[0] in ("wrong_domain", "wrong_challenge")
    assert refused(check(sd_jwt(payload, signer=ISSUER, typ="vp+sd-jwt"), **options, **wanted))[0] == (
        "holder_key_mismatch"
    )
    assert refused(check(token + jwt({}, typ="kb+jwt"), **options))[1] == "key_binding_malformed"


ISSUING: dict[str, Any] = {
    "verification_method": ISSUER.verification_method,
    "algorithm": Algorithm.P256,
    "created": AWARDED,
}


def issue(document: JsonObject, name: str = "dc+sd-jwt", **options: Any) -> bytes:
    prepared = prepare_proof(name, document, **ISSUING, options=options)
    return attach_proof(prepared, ISSUER.sign(prepared.to_be_signed))


def test_issuing_with_everything() -> None:
    """SECURITY SD-16, I2: what was prepared is what is signed, salts included."""
    document: JsonObject = {"vct": "https://provider.example/types/welder", "name": "Maria", "levels": [1, 2]}
    options: dict[str, Any] = {
        "disclosablePointers": ["/name", "/levels/1"],
        "decoys": 2,
        "holderKey": HOLDER.public_key.to_jwk(),
    }
    prepared = prepare_proof("dc+sd-jwt", document, **ISSUING, options=options)
    assert len(prepared.extra["disclosures"]) == 2  # type: ignore[arg-type]
    assert prepared.options == {"alg": "ES256", "typ": "dc+sd-jwt", "kid": ISSUER.verification_method}
    token = attach_proof(prepared, ISSUER.sign(prepared.to_be_signed))
    assert token.count(b"~") == 3
    assert token.startswith(prepared.to_be_signed + b".")
    findings = check(token)
    assert findings.verified is not None
    assert findings.verified.document == document | {
        "iss": ISSUER.did,
        "iat": int(AWARDED.timestamp()),
        "cnf": {"jwk": HOLDER.public_key.to_jwk()},
    }
    other = prepare_proof("dc+sd-jwt", document, **ISSUING, options=options)
    salts_and_digests = set(other.extra["disclosures"]) & set(prepared.extra["disclosures"])  # type: ignore[arg-type]
    assert not salts_and_digests
    assert other.to_be_signed != prepared.to_be_signed


def test_a_skill_credential_with_concealed_parts() -> None:
    document = PureWorld(provider=ISSUER).unsigned()
    token = issue(document, "vc+sd-jwt", disclosablePointers=["/credentialSubject/achievement/name"])
    findings = check(token, media_type="application/vc+sd-jwt")
    assert findings.verified is not None
    assert findings.verified.document == document
    shown = check(token.split(b"~")[0] + b"~")
    assert shown.verified is not None
    assert "name" not in shown.verified.document["credentialSubject"]["achievement"]  # type: ignore[index,call-overload,operator]


@pytest.mark.parametrize(
    ("name", "document", "options", "code"),
    [
        ("dc+sd-jwt", {}, {}, "wrong_document_type"),
        ("dc+sd-jwt", {"vct": "x", "iss": "did:example:other"}, {}, "claim_conflict"),
        ("dc+sd-jwt", {"vct": "x", "cnf": {}}, {"holderKey": HOLDER.public_key.to_jwk()}, "claim_conflict"),
        ("dc+sd-jwt", {"vct": "x"}, {"disclosablePointers": ["/vct"]}, "claim_not_disclosable"),
        (
            "dc+sd-jwt",
            {"vct": "x", "status": {"a": 1}},
            {"disclosablePointers": ["/status/a"]},
            "claim_not_disclosable",
        ),
        ("dc+sd-jwt", {"vct": "x", "_sd": []}, {}, "reserved_claim_name"),
        ("dc+sd-jwt", {"vct": "x"}, {"expires": "2027-01-01T00:00:00Z"}, "unsupported_option"),
        ("dc+sd-jwt", {"vct": "x"}, {"domain": "a"}, "unsupported_option"),
        ("dc+sd-jwt", {"vct": "x"}, {"mandatoryPointers": []}, "unsupported_option"),
        ("dc+sd-jwt", {"vct": "x"}, {"disclosablePointers": "/a"}, "unsupported_option"),
        ("dc+sd-jwt", {"vct": "x"}, {"disclosablePointers": [1]}, "unsupported_option"),
        ("dc+sd-jwt", {"vct": "x"}, {"decoys": True}, "unsupported_option"),
        ("dc+sd-jwt", {"vct": "x"}, {"holderKey": {"kty": "EC"}}, "unsupported_key_type"),
        ("vc+sd-jwt", {"vct": "x"}, {}, "wrong_document_type"),
        ("dc+sd-jwt", {"vct": "x", "a": float("nan")}, {}, "wrong_document_type"),
        (
            "dc+sd-jwt",
            {"vct": "x", "a": float("nan")},
            {"disclosablePointers": ["/a"]},
            "wrong_document_type",
        ),
        ("vc+sd-jwt", VCDM | {"iat": 1}, {}, "reserved_member"),
        ("vc+sd-jwt", VCDM | {"proof": {}}, {}, "already_secured"),
        ("vc+sd-jwt", VCDM, {"challenge": "x"}, "unsupported_option"),
        ("vc+sd-jwt", VCDM, {"expires": "soon"}, "unsupported_option"),
        ("vc+sd-jwt", VCDM, {"disclosablePointers": ["/issuer"]}, "claim_not_disclosable"),
    ],
)
def test_what_is_not_issued(name: str, document: JsonObject, options: dict[str, Any], code: str) -> None:
    with pytest.raises(SecuringError) as caught:
        issue(document, name, **options)
    assert caught.value.code == code


def test_presentations_are_made_too() -> None:
    document: JsonObject = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": "VerifiablePresentation",
        "holder": HOLDER.did,
    }
    prepared = prepare_proof(
        "vc+sd-jwt",
        document,
        verification_method=HOLDER.verification_method,
        algorithm=Algorithm.P256,
        created=NOW,
        purpose="authentication",
        options={"domain": "https://a.example", "challenge": "c", "expires": "2026-06-01T12:05:00Z"},
    )
    token = attach_proof(prepared, HOLDER.sign(prepared.to_be_signed))
    findings = check(token, purpose="authentication", domain="https://a.example", challenge="c")
    assert findings.verified is not None
    assert findings.verified.document == document
    with pytest.raises(SecuringError):
        SdJwtMechanism().media_type("dc+sd-jwt", "authentication")


def test_nothing_hostile_breaks_peeking() -> None:
    for text in ("a.b.c~", f"{encode({'alg': 'ES256'})}.{encode([])}.AA~", sd_jwt({"cnf": 1, "iss": 1})):
        assert SdJwtMechanism().peek_controllers(parse_secured_document(text.encode())) in ((), (ISSUER.did,))

"""SECURITY section 6 (D-rows) for single credentials, through the securing table."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from skillcred.encoding.multibase import encode_multibase
from skillcred.errors import IntegrityError, SkillcredError
from skillcred.identifiers import build_did_document
from skillcred.issuance import decode_prepared, encode_prepared, prepare_credential, sign_prepared
from skillcred.keys.algorithms import Algorithm
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.securing import VerifiedDocument, key_algorithms, prepare_proof
from skillcred.verification import Evidence, VerificationReport, verify
from worlds.pure_world import AWARDED, MECHANISMS, NOW, PureWorld, SoftSigner, document_item, sign

WORLD = PureWorld()
SIGNED = {name: json.loads(WORLD.credential(name)) for name in MECHANISMS}


def report_on(document: Any, *, evidence: Evidence | None = None) -> VerificationReport:
    return verify(json.dumps(document).encode(), evidence=evidence or WORLD.evidence(), at=NOW)


def proof_step(document: Any) -> tuple[str, str]:
    step = next(step for step in report_on(document).steps if step.step is Step.PROOF)
    return step.outcome.value, step.code


def with_proof(mechanism: str, **members: Any) -> dict[str, Any]:
    document = copy.deepcopy(SIGNED[mechanism])
    for name, value in members.items():
        if value is ...:
            document["proof"].pop(name)
        else:
            document["proof"][name] = value
    return document


SMALL = encode_multibase(bytes.fromhex("ed01" + "01" + "00" * 31))
"""The neutral element as an Ed25519 key in Multikey form: it "verifies" what nobody signed."""

FOREIGN_TYPE = "data_loss"
"""The contexts of these documents have no term for proofs of the older type."""
PROOF_CASES = [
    pytest.param({"type": "Ed25519Signature2020"}, "failed", "proof_malformed", id="D-04-older-type"),
    pytest.param(
        {"type": "Ed25519Signature2020", "cryptosuite": ...}, "failed", FOREIGN_TYPE, id="D-04-type-swapped"
    ),
    pytest.param(
        {"cryptosuite": "Ed25519Signature2020"}, "indeterminate", "unsupported_proof", id="D-04-type-as-suite"
    ),
    pytest.param({"type": "EcdsaSignature"}, "indeterminate", "unsupported_proof", id="D-04-other-type"),
    pytest.param({"type": ...}, "failed", "proof_malformed", id="D-04-type-missing"),
    pytest.param({"cryptosuite": "bbs-9999"}, "indeterminate", "unsupported_proof", id="D-04-unknown-suite"),
    pytest.param({"cryptosuite": "EDDSA-RDFC-2022"}, "indeterminate", "unsupported_proof", id="D-04-case"),
    pytest.param({"cryptosuite": ...}, "failed", "proof_malformed", id="D-04-suite-missing"),
    pytest.param({"cryptosuite": ["eddsa-rdfc-2022"]}, "failed", "proof_malformed", id="D-04-suite-array"),
    pytest.param(
        {"proofPurpose": "authentication"}, "failed", "wrong_proof_purpose", id="D-05-authentication"
    ),
    pytest.param({"proofPurpose": ...}, "failed", "proof_malformed", id="D-05-missing"),
    pytest.param({"proofPurpose": "unknown"}, "failed", "wrong_proof_purpose", id="D-05-unknown"),
    pytest.param({"proofPurpose": ["assertionMethod"]}, "failed", "proof_malformed", id="D-05-array"),
    pytest.param(
        {"verificationMethod": "#key"}, "failed", "invalid_verification_method", id="D-06-fragment-only"
    ),
    pytest.param(
        {"verificationMethod": "https://issuer.example/key#1"},
        "failed",
        "invalid_verification_method",
        id="D-06-http-url",
    ),
    pytest.param({"verificationMethod": {"id": "x"}}, "failed", "proof_malformed", id="D-06-embedded-object"),
    pytest.param({"verificationMethod": ...}, "failed", "proof_malformed", id="D-06-missing"),
    pytest.param(
        {"verificationMethod": "did:example:123#key"},
        "indeterminate",
        "unsupported_proof",
        id="D-06-unknown-method",
    ),
    pytest.param(
        {"verificationMethod": "did:key:" + SMALL + "#" + SMALL},
        "failed",
        "invalid_verification_method",
        id="K-04-small-order-key",
    ),
    pytest.param(
        {"verificationMethod": "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme#x"},
        "indeterminate",
        "unsupported_proof",
        id="K-01-secp256k1-key",
    ),
    pytest.param({"proofValue": ...}, "failed", "proof_malformed", id="D-08-missing"),
    pytest.param({"proofValue": ""}, "failed", "proof_malformed", id="D-08-empty"),
    pytest.param({"proofValue": None}, "failed", "proof_malformed", id="D-08-null"),
    pytest.param({"proofValue": "z"}, "failed", "signature_wrong", id="D-08-no-bytes"),
    pytest.param({"proofValue": "zOIl0"}, "failed", "proof_malformed", id="D-08-bad-characters"),
    pytest.param({"proofValue": "z" + "1" * 65}, "failed", "signature_wrong", id="D-08-65-zero-bytes"),
    pytest.param({"created": "2026-06-01T14:00:00Z"}, "failed", "proof_from_the_future", id="D-10-future"),
    pytest.param({"created": "yesterday"}, "failed", "proof_malformed", id="D-10-not-a-time"),
    pytest.param({"created": "2026-03-15T09:00:01Z"}, "failed", "signature_wrong", id="D-09-created"),
    pytest.param({"created": ...}, "failed", "signature_wrong", id="D-09-created-removed"),
    pytest.param({"expires": "2026-05-01T00:00:00Z"}, "failed", "proof_expired", id="D-10-expired"),
    pytest.param(
        {"expires": "2020-05-01T00:00:00Z"}, "failed", "proof_malformed", id="D-10-ends-before-it-begins"
    ),
    pytest.param({"expires": "2030-01-01T00:00:00Z"}, "failed", "signature_wrong", id="D-09-expires-added"),
    pytest.param({"nonce": "x"}, "failed", "signature_wrong", id="D-09-nonce-added"),
    pytest.param({"domain": "https://a.example"}, "failed", "signature_wrong", id="D-09-domain-added"),
    pytest.param({"challenge": "x"}, "failed", "signature_wrong", id="D-09-challenge-added"),
    pytest.param({"id": "urn:uuid:1"}, "failed", "signature_wrong", id="D-09-id-added"),
    pytest.param(
        {"previousProof": "urn:uuid:1"}, "failed", "proof_chain_broken", id="D-12-previous-proof-missing"
    ),
    pytest.param({"previousProof": 1}, "failed", "proof_malformed", id="D-12-previous-proof-number"),
    pytest.param({"previousProof": []}, "failed", "proof_malformed", id="D-12-previous-proof-empty"),
    pytest.param({"previousProof": ["a:b", "a:b"]}, "failed", "proof_malformed", id="D-12-previous-twice"),
    pytest.param(
        {"id": "a:b", "previousProof": "a:b"}, "failed", "proof_chain_broken", id="D-12-builds-on-itself"
    ),
    pytest.param({"id": "456321"}, "failed", "proof_malformed", id="D-09-id-that-is-no-url"),
    pytest.param({"newProp": "x"}, "failed", "proof_malformed", id="D-09-L-01-unknown-option"),
]


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize(("members", "outcome", "code"), PROOF_CASES)
def test_proof_options(mechanism: str, members: dict[str, Any], outcome: str, code: str) -> None:
    assert proof_step(with_proof(mechanism, **members)) == (outcome, code)


@pytest.mark.parametrize("value", [..., None, [], {}, "x", 1, True, [None], ["x"]])
def test_no_usable_proof(value: Any) -> None:
    """SECURITY D-01."""
    document = copy.deepcopy(SIGNED["eddsa-rdfc-2022"])
    if value is ...:
        del document["proof"]
    else:
        document["proof"] = value
    outcome, code = proof_step(document)
    assert outcome == "failed"
    assert code in ("proof_missing", "proof_malformed")


def test_a_proof_inside_the_subject_is_no_proof() -> None:
    """SECURITY D-01."""
    document = copy.deepcopy(SIGNED["eddsa-jcs-2022"])
    document["credentialSubject"]["proof"] = document.pop("proof")
    assert proof_step(document) == ("failed", "proof_missing")


def test_the_suites_are_not_interchangeable() -> None:
    """SECURITY D-04: the name of the suite is part of what is signed."""
    one, other = MECHANISMS
    for mine, theirs in ((one, other), (other, one)):
        document = with_proof(mine, cryptosuite=theirs)
        assert proof_step(document)[0] == "failed"


def attacker_proof(document: dict[str, Any]) -> dict[str, Any]:
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    return dict(json.loads(sign(unsigned, SoftSigner(66)))["proof"])


PROOF_SETS: list[Any] = [
    pytest.param(lambda good, bad, foreign: [good, bad], "signature_wrong", id="D-03-D-14-valid-and-invalid"),
    pytest.param(lambda good, bad, foreign: [bad, good], "signature_wrong", id="D-03-invalid-and-valid"),
    pytest.param(lambda good, bad, foreign: [foreign], "issuer_key_mismatch", id="D-03-only-the-attacker"),
    pytest.param(lambda good, bad, foreign: [good] * 9, "proof_malformed", id="D-03-nine-proofs"),
    pytest.param(lambda good, bad, foreign: [good] * 1000, "proof_malformed", id="D-03-thousand-proofs"),
    pytest.param(
        lambda good, bad, foreign: [good, {**good, "type": "SomeProofType"}],
        "unsupported_proof",
        id="D-03-unknown-beside",
    ),
    pytest.param(
        lambda good, bad, foreign: [{**good, "type": "SomeProofType"}, bad],
        "signature_wrong",
        id="D-03-unknown-before-invalid",
    ),
    pytest.param(
        lambda good, bad, foreign: [
            {**good, "type": "SomeProofType"},
            {**foreign, "proofValue": bad["proofValue"]},
        ],
        "signature_wrong",
        id="D-03-unknown-before-invalid-of-another",
    ),
    pytest.param(
        lambda good, bad, foreign: [{**good, "type": "SomeProofType"}, good],
        "unsupported_proof",
        id="D-03-unknown-before-valid",
    ),
]


@pytest.mark.parametrize(("build", "reason"), PROOF_SETS)
def test_proof_sets(build: Callable[[Any, Any, Any], list[Any]], reason: str) -> None:
    document = copy.deepcopy(SIGNED["eddsa-rdfc-2022"])
    good = document["proof"]
    bad = {**good, "proofValue": SIGNED["eddsa-jcs-2022"]["proof"]["proofValue"]}
    document["proof"] = build(good, bad, attacker_proof(document))
    report = report_on(document)
    assert report.verdict is not Verdict.VALID
    assert report.reason == reason


def test_a_second_proof_by_somebody_else_does_no_harm() -> None:
    document = copy.deepcopy(SIGNED["eddsa-rdfc-2022"])
    document["proof"] = [document["proof"], attacker_proof(document)]
    assert report_on(document).verdict is Verdict.VALID


@pytest.mark.parametrize(
    "issuer", [{"id": "did:example:other"}, ["did:a:b", "did:c:d"], ..., 7, "did:web:other.example"]
)
def test_the_issuer_must_be_the_signer(issuer: Any) -> None:
    """SECURITY D-07: signed by a key that is not the issuer's, or with no issuer at all."""
    unsigned = WORLD.unsigned()
    if issuer is ...:
        del unsigned["issuer"]
    else:
        unsigned["issuer"] = issuer
    try:
        document = sign(unsigned, WORLD.provider)
    except SkillcredError:
        return  # it cannot even be written down without loss
    report = verify(document, evidence=WORLD.evidence(), at=NOW)
    assert report.verdict is Verdict.INVALID


DID_WEB = "did:web:provider.example"
OTHER = SoftSigner(70)


class WebSigner(SoftSigner):
    """A signer whose identity is a did:web."""

    @property
    def verification_method(self) -> str:
        return f"{DID_WEB}#key-1"


def did_web_report(change: Callable[[dict[str, Any]], None], *, present: bool = True) -> VerificationReport:
    signer = WebSigner(5)
    unsigned = WORLD.unsigned()
    unsigned["issuer"] = DID_WEB
    document = build_did_document(DID_WEB, [(signer.verification_method, signer.public_key.to_multikey())])
    change(document)
    evidence = Evidence([document_item(DID_WEB, document)] if present else [])
    return verify(sign(unsigned, signer), evidence=evidence, at=NOW)


def code_of(report: VerificationReport, step: Step) -> str:
    return next(result.code for result in report.steps if result.step is step)


DOCUMENT_CASES: list[Any] = [
    pytest.param(lambda d: None, "proof_verified", id="as-published"),
    pytest.param(lambda d: d.update(id="did:web:evil.example"), "key_not_available", id="K-10-other-id"),
    pytest.param(
        lambda d: d.update(assertionMethod=[]), "key_not_authorised", id="D-05-not-listed-for-the-purpose"
    ),
    pytest.param(
        lambda d: (d.update(authentication=d["assertionMethod"]), d.pop("assertionMethod")),
        "key_not_authorised",
        id="D-05-authentication-only",
    ),
    pytest.param(
        lambda d: d["verificationMethod"][0].update(controller="did:web:evil.example"),
        "key_not_in_document",
        id="D-06-controller-lies",
    ),
    pytest.param(
        lambda d: d["verificationMethod"][0].update(publicKeyMultibase=OTHER.public_key.to_multikey()),
        "signature_wrong",
        id="D-06-other-key-under-that-name",
    ),
    pytest.param(lambda d: d.update(verificationMethod=[]), "key_not_in_document", id="D-06-key-is-gone"),
    pytest.param(
        lambda d: d["verificationMethod"][0].update(revoked="2026-05-01T00:00:00Z"),
        "key_revoked",
        id="K-11-revoked",
    ),
    pytest.param(
        lambda d: d["verificationMethod"][0].update(revoked="2027-05-01T00:00:00Z"),
        "proof_verified",
        id="K-11-revoked-later-than-now",
    ),
    pytest.param(
        lambda d: d["verificationMethod"][0].update(expires="2026-05-01T00:00:00Z"),
        "key_expired",
        id="K-11-expired",
    ),
]


@pytest.mark.parametrize(("change", "code"), DOCUMENT_CASES)
def test_the_identity_document_decides(change: Callable[[dict[str, Any]], None], code: str) -> None:
    report = did_web_report(change)
    assert code_of(report, Step.PROOF) == code
    assert report.verdict is not Verdict.VALID


def test_a_missing_identity_document_is_asked_for() -> None:
    report = did_web_report(lambda document: None, present=False)
    assert report.verdict is Verdict.INDETERMINATE
    assert [need.id for need in report.needs] == [DID_WEB]


@pytest.mark.parametrize(
    "extra", ["https://evil.example/v1", "https://w3id.org/security/data-integrity/v2", {"name": "x:y"}]
)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_contexts_cannot_be_appended(mechanism: str, extra: Any) -> None:
    """SECURITY L-06, L-09, L-12."""
    document = copy.deepcopy(SIGNED[mechanism])
    document["@context"].append(extra)
    assert report_on(document).verdict is not Verdict.VALID


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_contexts_cannot_be_reordered(mechanism: str) -> None:
    document = copy.deepcopy(SIGNED[mechanism])
    document["@context"] = [document["@context"][0], document["@context"][2], document["@context"][1]]
    assert report_on(document).verdict is not Verdict.VALID


def test_only_this_room_makes_verified_documents() -> None:
    with pytest.raises(TypeError):
        VerifiedDocument(object(), {}, ())


def test_prepared_is_signed_as_recorded() -> None:
    """SECURITY I2: what comes back from the record signs to the same bytes."""
    for mechanism in ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "vc+jwt"):
        signer = SoftSigner(2, key_algorithms(mechanism)[0])
        prepared = prepare_credential(
            WORLD.unsigned(),
            mechanism=mechanism,
            verification_method=signer.verification_method,
            algorithm=signer.public_key.algorithm,
            created=AWARDED,
        )
        again = decode_prepared(encode_prepared(prepared))
        assert again == prepared
        assert sign_prepared(again, signer) == sign_prepared(prepared, signer)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"credential_id": 1}'])
def test_a_broken_record_is_a_fault(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        decode_prepared(data)


class LyingSigner(SoftSigner):
    """SECURITY F-14, K-15: a device that gives wrong signatures."""

    def sign(self, message: bytes) -> bytes:
        return super().sign(message + b"x")


def test_a_wrong_signature_never_leaves() -> None:
    signer = LyingSigner(2)
    prepared = prepare_credential(
        WORLD.unsigned(),
        mechanism="eddsa-rdfc-2022",
        verification_method=signer.verification_method,
        algorithm=Algorithm.ED25519,
        created=AWARDED,
    )
    with pytest.raises(IntegrityError) as caught:
        sign_prepared(prepared, signer)
    assert caught.value.code == "signature_broken"


def test_the_wrong_key_does_not_sign() -> None:
    prepared = prepare_credential(
        WORLD.unsigned(),
        mechanism="eddsa-rdfc-2022",
        verification_method=WORLD.provider.verification_method,
        algorithm=Algorithm.ED25519,
        created=AWARDED,
    )
    with pytest.raises(IntegrityError) as caught:
        sign_prepared(prepared, SoftSigner(3))
    assert caught.value.code == "wrong_signer"


def test_what_cannot_be_protected_is_not_prepared() -> None:
    unsigned = WORLD.unsigned()
    unsigned["credentialSubject"]["licenceNumber"] = "123"
    with pytest.raises(SkillcredError) as caught:
        prepare_proof(
            "eddsa-rdfc-2022",
            unsigned,
            verification_method=WORLD.provider.verification_method,
            algorithm=Algorithm.ED25519,
            created=AWARDED,
        )
    assert caught.value.pointer == "/credentialSubject/licenceNumber"


def test_a_secured_document_is_not_secured_again() -> None:
    with pytest.raises(SkillcredError) as caught:
        prepare_proof(
            "eddsa-rdfc-2022",
            SIGNED["eddsa-rdfc-2022"],
            verification_method=WORLD.provider.verification_method,
            algorithm=Algorithm.ED25519,
            created=AWARDED,
        )
    assert caught.value.code == "already_secured"


def test_a_proof_made_a_minute_ahead_is_tolerated() -> None:
    """SECURITY I13: the stated skew, and not a second more."""
    ahead = WORLD.credential(created=NOW + timedelta(seconds=60))
    too_far = WORLD.credential(created=NOW + timedelta(seconds=61))
    assert verify(ahead, evidence=WORLD.evidence(), at=NOW).verdict is Verdict.VALID
    assert verify(too_far, evidence=WORLD.evidence(), at=NOW).reason == "proof_from_the_future"


@pytest.mark.parametrize(
    ("member", "delta", "reason"),
    [
        ("validUntil", timedelta(seconds=-1), "expired"),
        ("validUntil", timedelta(seconds=0), "issuer_authorised"),
        ("validFrom", timedelta(seconds=61), "not_yet_valid"),
        ("validFrom", timedelta(seconds=60), "issuer_authorised"),
        ("awardedDate", timedelta(seconds=61), "not_yet_valid"),
    ],
)
def test_validity_period(member: str, delta: timedelta, reason: str) -> None:
    world = PureWorld()
    world.claims[member] = format_instant(NOW + delta)
    assert world.verify().reason == reason


def test_a_status_that_was_not_read_is_not_good() -> None:
    unsigned = WORLD.unsigned()
    unsigned["credentialStatus"] = {
        "id": "https://provider.example/status/1#5",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": "https://provider.example/status/1",
    }
    report = verify(sign(unsigned, WORLD.provider), evidence=WORLD.evidence(), at=NOW)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "status_list_unavailable")


def test_what_is_not_verified_is_not_told() -> None:
    """SECURITY I8: no claim of a document whose proof does not hold leaves the verifier."""
    document = copy.deepcopy(SIGNED["eddsa-rdfc-2022"])
    document["name"] = "Surgeon"
    report = report_on(document)
    assert report.claims is None
    assert report.facts is None
    assert all(step.outcome is not Outcome.PASSED for step in report.steps[1:])

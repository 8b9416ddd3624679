"""SD-JWT VCs whose issuer is named by a certificate (SECURITY J-07, SD-18; SD-JWT VC, Issuer Signature Mechanisms)."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.json_types import JsonObject
from skillcred.identifiers import parse_controlled_identifier_document
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.certificates import TrustAnchors
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, Step, Verdict
from skillcred.securing import (
    ISSUER_ANCHORS,
    ProofFindings,
    needs_trust_anchors,
    peek_controllers,
    verify_secured_document,
)
from skillcred.securing.jose.status_list_token import (
    needs_issuer_anchors,
    peek_status_list_controllers,
    verify_status_list_token,
)
from skillcred.securing.mechanism import ProofRequest
from skillcred.verification import (
    Evidence,
    EvidenceItem,
    VerificationReport,
    build_bundle,
    replay_any_bundle,
    verify,
)
from skillcred.verification.messages import MESSAGES
from worlds.certificates import (
    AUTHORITY,
    CERTIFIED,
    HOST,
    ISSUER,
    OTHER_ROOT,
    ROOT,
    Certified,
    anchors_item,
    certify,
    crl_address,
)
from worlds.pure_world import NOW, PureWorld, SoftSigner, did_document
from worlds.sd_jwts import AUDIENCE, NONCE, asked, check, claims, concealed, jwt, key_binding, sd_jwt
from worlds.sd_jwts import ISSUER as DID_ISSUER

TRUSTED = TrustAnchors((ROOT.certificate,))
WORLD = PureWorld()


def token(by: Certified = CERTIFIED, *disclosures: str, iss: str | None = ISSUER, **header: Any) -> str:
    """An SD-JWT VC by `by`; members beside the usual ones of its header are given by name."""
    payload = header.pop("payload", None) or claims(iss=iss)
    signer: Any = by
    return sd_jwt(payload, *disclosures, signer=signer, **({"kid": None, "x5c": by.x5c} | header))


def judge(
    content: str, *anchors: Certified, media_type: str = "application/dc+sd-jwt", **options: Any
) -> VerificationReport:
    items = [anchors_item(*anchors)] if anchors else []
    evidence = WORLD.evidence().with_items([*items, *options.pop("evidence", [])])
    return verify(content.encode(), evidence=evidence, at=NOW, media_type=media_type)


def found(report: VerificationReport) -> dict[Step, tuple[Outcome, str]]:
    return {step.step: (step.outcome, step.code) for step in report.steps}


def test_an_issuer_by_certificate() -> None:
    findings = check(token(), trust_anchors=TRUSTED)
    assert findings.verified is not None, findings.result
    assert findings.verified.named_issuer == ISSUER
    proof = findings.verified.proofs[0]
    assert proof.controller == ISSUER
    assert proof.verification_method.startswith("urn:ietf:params:oauth:jwk-thumbprint:sha-256:")
    assert proof.verification_method.endswith(CERTIFIED.public_key.thumbprint())
    assert proof.holds is None, "it ends with the certificate, so nobody may remember it"


def test_disclosures_and_key_binding_are_as_everywhere() -> None:
    name, digest = concealed("given_name", "Maria")
    presented = token(CERTIFIED, name, payload=claims(iss=ISSUER, _sd=[digest]))
    whole = presented + key_binding(presented)
    findings = asked(whole, trust_anchors=TRUSTED)
    assert findings.verified is not None
    assert findings.verified.holder_bound
    assert findings.verified.document["given_name"] == "Maria"
    assert (findings.verified.proofs[0].domain, findings.verified.proofs[0].challenge) == (AUDIENCE, NONCE)
    assert asked(presented, trust_anchors=TRUSTED).result.code == "key_binding_wrong"
    changed = whole.replace(name, concealed("given_name", "Marta")[0])
    assert check(changed, trust_anchors=TRUSTED).result.code == "disclosures_wrong"


@pytest.mark.parametrize(
    ("issuer", "names", "good"),
    [
        (f"https://{HOST}", (x509.DNSName(HOST),), True),
        (f"https://{HOST}:8443/a", (x509.DNSName(HOST),), True),
        ("urn:example:issuer", (x509.UniformResourceIdentifier("urn:example:issuer"),), True),
        (ISSUER, (x509.UniformResourceIdentifier(ISSUER),), True),
        (f"{ISSUER}/", (x509.UniformResourceIdentifier(ISSUER),), False),
        (f"http://{HOST}/", (x509.DNSName(HOST),), False),
        (f"https://{HOST}.evil.example/", (x509.DNSName(HOST),), False),
        (f"https://evil.example/{HOST}", (x509.DNSName(HOST),), False),
        (f"https://evil.example@{HOST}/", (x509.DNSName(HOST),), False),
        (f"https://{HOST}#@evil.example/", (x509.DNSName(HOST),), False),
        (f"https://{HOST}?x=1", (x509.DNSName(HOST),), False),
        (f"https://sub.{HOST}/", (x509.DNSName(HOST),), False),
        (f"https://sub.{HOST}/", (x509.DNSName(f"*.{HOST}"),), False),
        (f"https://{HOST.upper()}/", (x509.DNSName(HOST),), False),
        (HOST, (x509.DNSName(HOST),), False),
        (ISSUER, (x509.RFC822Name(f"a@{HOST}"),), False),
    ],
)
def test_the_certificate_is_for_the_issuer(
    issuer: str, names: tuple[x509.GeneralName, ...], good: bool
) -> None:
    """SD-18: who holds a good certificate for himself is not the issuer that he names."""
    findings = check(token(certify(AUTHORITY, "Issuer", names=names), iss=issuer), trust_anchors=TRUSTED)
    if good:
        assert findings.verified is not None
        assert findings.verified.proofs[0].controller == issuer
    else:
        assert (findings.result.outcome, findings.result.code) == (Outcome.FAILED, "issuer_key_mismatch")


@pytest.mark.parametrize(
    ("names", "issuer"),
    [
        ((x509.DNSName(HOST),), f"https://{HOST}"),
        ((x509.UniformResourceIdentifier(ISSUER), x509.DNSName(HOST)), ISSUER),
        ((x509.DNSName(HOST), x509.DNSName("b.example")), None),
        ((x509.UniformResourceIdentifier(ISSUER), x509.UniformResourceIdentifier("urn:x")), None),
        ((x509.RFC822Name(f"a@{HOST}"),), None),
        ((x509.UniformResourceIdentifier(DID_ISSUER.did),), None),
        ((x509.UniformResourceIdentifier("did:web:issuer.example"), x509.DNSName(HOST)), None),
        ((x509.DNSName(f"*.{HOST}"),), None),
    ],
)
def test_without_iss_the_certificate_names_one_issuer(
    names: tuple[x509.GeneralName, ...], issuer: str | None
) -> None:
    content = token(certify(AUTHORITY, "Issuer", names=names), iss=None)
    findings = check(content, trust_anchors=TRUSTED)
    if issuer is None:
        assert (findings.result.outcome, findings.result.problems[0].code) == (
            Outcome.FAILED,
            "issuer_missing",
        )
        return
    report = judge(content, ROOT)
    steps = found(report)
    for step in (Step.PROOF, Step.ISSUER_BINDING, Step.CONFORMANCE):
        assert steps[step][0] is Outcome.PASSED, (step, steps[step])
    assert report.claims is not None
    assert "iss" not in report.claims, "what is shown is what was signed"
    assert report.facts is not None
    assert report.facts.issuer_id == issuer
    assert report.verdict is Verdict.INDETERMINATE


def test_anchors_are_asked_for_and_nothing_else() -> None:
    """J-07: whatever the header holds, no address in it is ever named as a need."""
    report = judge(token())
    assert found(report)[Step.PROOF] == (Outcome.INDETERMINATE, "certificate_not_trusted")
    assert report.needs == (ISSUER_ANCHORS,)
    secured = parse_secured_document(token().encode())
    assert needs_trust_anchors(secured)
    assert peek_controllers(secured) == ()
    for header in ({"x5u": "https://evil.example/chain.pem"}, {"jku": "https://evil.example/jwks"}):
        report = judge(token(**header), ROOT)
        assert found(report)[Step.PROOF][0] is Outcome.FAILED
        assert report.needs == ()


def test_with_the_anchors_the_report_goes_on_to_trust() -> None:
    report = judge(token(), ROOT)
    steps = found(report)
    for step in (Step.PARSE, Step.PROOF, Step.ISSUER_BINDING, Step.CONFORMANCE, Step.VALIDITY):
        assert steps[step][0] is Outcome.PASSED, (step, steps[step])
    assert report.facts is not None
    assert report.facts.issuer_id == ISSUER
    assert report.needs == (EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, ISSUER),)
    assert report.verdict is Verdict.INDETERMINATE, "certified is not recognised"
    assert [item.reference for item in report.evidence_used] == [ISSUER_ANCHORS]


def test_the_anchors_are_evidence_and_the_verdict_can_be_replayed() -> None:
    content = token()
    report = judge(content, OTHER_ROOT, ROOT)
    bundle = build_bundle(content.encode(), "application/dc+sd-jwt", report)
    assert replay_any_bundle(bundle) == report


@pytest.mark.parametrize("reason", ["no_trust_anchors", "timeout"])
def test_anchors_that_cannot_be_had(reason: str) -> None:
    report = judge(token(), evidence=[anchors_item(unavailable=reason)])
    assert found(report)[Step.PROOF] == (Outcome.INDETERMINATE, "certificate_not_trusted")
    assert report.needs == ()
    assert report.steps[1].problems[0].code == reason


def test_chains_that_prove_nothing() -> None:
    """J-04, J-07: an attacker's own chain, however good, and somebody else's chain."""
    attacker = certify(OTHER_ROOT, "Issuer of skills")
    cases = {
        "own root": (token(attacker), "certificate_not_trusted", Outcome.INDETERMINATE),
        "own root sent along": (
            token(attacker, x5c=[*attacker.x5c, *Certified(ROOT.key, ROOT.certificate, (ROOT.certificate,)).x5c]),
            "certificate_not_trusted",
            Outcome.INDETERMINATE,
        ),
        "somebody else's chain": (token(attacker, x5c=CERTIFIED.x5c), "signature_wrong", Outcome.FAILED),
        "a broken one behind": (token(x5c=[*CERTIFIED.x5c, "AAAA"]), "invalid_verification_method", Outcome.FAILED),
        "no list": (token(x5c=CERTIFIED.x5c[0]), "invalid_verification_method", Outcome.FAILED),
        "empty": (token(x5c=[]), "invalid_verification_method", Outcome.FAILED),
        "a key beside it": (token(jwk={"kty": "EC"}), "proof_malformed", Outcome.FAILED),
        "other algorithm": (token(alg="ES384"), "signature_wrong", Outcome.FAILED),
        "none": (token(alg="none"), "proof_malformed", Outcome.FAILED),
    }  # fmt: skip
    for name, (content, code, outcome) in cases.items():
        result = check(content, trust_anchors=TRUSTED).result
        assert (result.outcome, result.code) == (outcome, code), name


def test_what_leaves_the_question_open() -> None:
    revocable = certify(AUTHORITY, "Issuer", extensions=(crl_address(),))
    other_curve = certify(AUTHORITY, "Issuer", key=ec.generate_private_key(ec.SECP256K1()))
    old = certify(AUTHORITY, "Issuer", end=NOW - timedelta(days=1))
    foreign = sd_jwt(claims(iss=ISSUER), kid=None, x5c=other_curve.x5c)
    for content, code in (
        (token(revocable), "certificate_not_checked"),
        (token(old), "key_expired"),
        (foreign, "unsupported_proof"),
    ):
        result = check(content, trust_anchors=TRUSTED).result
        assert (result.outcome, result.code) == (Outcome.INDETERMINATE, code)
        assert code in MESSAGES


def test_a_did_is_resolved_whatever_certificates_say() -> None:
    """SD-18: an attacker cannot choose the way by which a key is found."""
    did = claims(iss=DID_ISSUER.did)
    assert check(token(payload=did), trust_anchors=TRUSTED).verified is None
    beside = sd_jwt(did, x5c=CERTIFIED.x5c)
    findings = check(beside, trust_anchors=TRUSTED)
    assert findings.verified is not None
    assert findings.verified.named_issuer is None
    assert not needs_trust_anchors(parse_secured_document(beside.encode()))


WEB = SoftSigner(27, Algorithm.P256, "did:web:issuer.example:skills")
"""Who publishes at the address `ISSUER`, as a DID."""


def check_web(content: str) -> ProofFindings:
    """With the document of `WEB`."""
    secured = parse_secured_document(content.encode(), "application/dc+sd-jwt")
    document = json.dumps(did_document(WEB)).encode()
    controllers: Any = {
        did: parse_controlled_identifier_document(document, expected_id=WEB.did)
        for did in peek_controllers(secured)
        if did == WEB.did
    }
    return verify_secured_document(
        secured, ProofRequest("assertionMethod", NOW, controllers, trust_anchors=TRUSTED)
    )


@pytest.mark.parametrize("x5c", [None, CERTIFIED.x5c])
def test_an_address_and_a_key_of_its_did_are_the_did(x5c: Any) -> None:
    """What certificates stand beside it is for others."""
    content = sd_jwt(claims(iss=ISSUER), signer=WEB, kid=WEB.verification_method, x5c=x5c)
    findings = check_web(content)
    assert findings.verified is not None, findings.result
    assert findings.verified.named_issuer == findings.verified.proofs[0].controller == WEB.did
    assert findings.verified.document["iss"] == ISSUER, "as it was signed"
    assert not needs_trust_anchors(parse_secured_document(content.encode()))
    evidence = WORLD.evidence().with_items(
        [
            EvidenceItem(
                EvidenceReference(EvidenceKind.DID_DOCUMENT, WEB.did),
                NOW,
                "test",
                json.dumps(did_document(WEB)).encode(),
            )
        ]
    )
    report = verify(content.encode(), evidence=evidence, at=NOW, media_type="application/dc+sd-jwt")
    assert found(report)[Step.ISSUER_BINDING] == (Outcome.PASSED, "issuer_controls_key")
    assert report.facts is not None
    assert report.facts.issuer_id == WEB.did


@pytest.mark.parametrize(
    "address",
    [f"{ISSUER}/", f"{ISSUER}/x", f"https://{HOST}", f"https://{HOST}:8443/skills", "https://issuer.example.evil/skills",
     f"http://{HOST}/skills", "https://ISSUER.example/skills", f"https://{HOST}/%73kills", f"{ISSUER}?x"],
)  # fmt: skip
def test_another_address_is_not_that_did(address: str) -> None:
    """SD-18: neither by its key nor by a certificate for the host does anybody become somebody else's DID."""
    content = sd_jwt(claims(iss=address), signer=WEB, kid=WEB.verification_method)
    assert check_web(content).verified is None
    certified = token(CERTIFIED, iss=address, kid=WEB.verification_method)
    findings = check_web(certified)
    assert findings.verified is None or findings.verified.named_issuer == address


def test_naming_a_key_of_the_did_does_not_give_it() -> None:
    """A certificate for the host is not a key in the document, and another's signature is none."""
    certified = token(CERTIFIED, kid=WEB.verification_method)
    assert check_web(certified).verified is None
    stranger = SoftSigner(28, Algorithm.P256, WEB.did)
    assert (
        check_web(sd_jwt(claims(iss=ISSUER), signer=stranger, kid=WEB.verification_method)).verified is None
    )


def test_certificates_are_for_sd_jwt_vcs_only() -> None:
    """A VCDM document names its issuer by a DID here, whatever envelope it is in."""
    vcdm: JsonObject = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "credentialSubject": {"id": "did:example:subject"},
    }
    result = check(token(payload=vcdm, typ="vc+sd-jwt"), trust_anchors=TRUSTED).result
    assert (result.outcome, result.code) == (Outcome.INDETERMINATE, "unsupported_proof")


def test_without_certificates_an_address_is_no_issuer() -> None:
    result = check(token(x5c=None), trust_anchors=TRUSTED).result
    assert (result.outcome, result.code) == (Outcome.INDETERMINATE, "unsupported_proof")


LIST: dict[str, Any] = {"sub": "https://status.example/1", "iat": int(NOW.timestamp()) - 60}


def status_token(by: Certified, **members: Any) -> bytes:
    signer: Any = by
    header = {"typ": "statuslist+jwt", "kid": None, "x5c": by.x5c}
    return jwt(LIST | members, signer, **header).encode()


def test_lists_of_such_issuers() -> None:
    request = ProofRequest("assertionMethod", NOW, {}, trust_anchors=TRUSTED)
    content = status_token(CERTIFIED, iss=ISSUER)
    findings = verify_status_list_token(content, request)
    assert findings.verified is not None
    assert findings.verified.proofs[0].controller == ISSUER
    assert needs_issuer_anchors(content)
    assert peek_status_list_controllers(content) == ()
    other = status_token(certify(AUTHORITY, "Other", names=(x509.DNSName("other.example"),)), iss=ISSUER)
    assert verify_status_list_token(other, request).result.code == "issuer_key_mismatch"
    assert not needs_issuer_anchors(b"no token")


def test_a_revoked_credential_of_such_an_issuer() -> None:
    """The list is by the same issuer and counts; one by a neighbour under the same authority does not."""
    lst = {"bits": 1, "lst": encode_base64url(zlib.compress(b"\x08" + bytes(16_383)))}  # entry 3 is set
    status = {"status_list": {"idx": 3, "uri": "https://status.example/1"}}
    content = token(payload=claims(iss=ISSUER, status=status))
    reference = EvidenceReference(EvidenceKind.STATUS_LIST, "https://status.example/1")
    neighbour = certify(AUTHORITY, "Other", names=(x509.DNSName("other.example"),))
    for by, issuer, expected in (
        (CERTIFIED, ISSUER, (Outcome.FAILED, "revoked")),
        (neighbour, "https://other.example", (Outcome.INDETERMINATE, "status_list_wrong_issuer")),
    ):
        published = status_token(by, iss=issuer, status_list=lst)
        item = type(anchors_item(ROOT))(reference, NOW, "test", published)
        assert found(judge(content, ROOT, evidence=[item]))[Step.STATUS] == expected


def test_evidence_that_is_taken_away_never_makes_valid() -> None:
    with_all = judge(token(), ROOT)
    without = verify(token().encode(), evidence=Evidence(), at=NOW, media_type="application/dc+sd-jwt")
    assert with_all.verdict is Verdict.INDETERMINATE
    assert without.verdict is Verdict.INDETERMINATE

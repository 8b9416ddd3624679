"""Enveloped credentials: the wrapper says nothing of its own, and everybody's key is told from the issuer's."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from skillcred.model.enveloped import EnvelopeError, unwrap_enveloped
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.securing import MECHANISM_NAMES, secured_media_type
from skillcred.verification import VerificationReport, build_report_json, verify
from worlds.presentations import PresentingWorld, enveloped
from worlds.pure_world import NOW, PureWorld, SoftSigner, sign

WORLD = PureWorld()
EVIDENCE = WORLD.evidence()
ENVELOPES = ("vc+jwt", "vc+cose", "vc+sd-jwt")
VCDM = [name for name in MECHANISM_NAMES if name not in {"dc+sd-jwt"} and name.startswith(("eddsa", "vc+"))]


def judge(document: Any) -> VerificationReport:
    return verify(json.dumps(document).encode(), evidence=EVIDENCE, at=NOW)


def wrapped(mechanism: str = "vc+jwt") -> dict[str, Any]:
    return enveloped(WORLD.credential(mechanism), secured_media_type(mechanism))


@pytest.mark.parametrize("mechanism", ENVELOPES)
def test_what_is_inside_is_verified(mechanism: str) -> None:
    report = judge(wrapped(mechanism))
    assert report.verdict is Verdict.VALID, build_report_json(report)
    assert report.claims == WORLD.unsigned()


@pytest.mark.parametrize("mechanism", ENVELOPES)
def test_base64_and_lists_are_other_spellings(mechanism: str) -> None:
    media_type = secured_media_type(mechanism)
    data = base64.b64encode(WORLD.credential(mechanism)).decode().rstrip("=")
    document = {**wrapped(mechanism), "id": f"data:{media_type};base64,{data}"}
    document |= {"type": [document["type"]], "@context": [document["@context"]]}
    assert judge(document).verdict is Verdict.VALID


BAD: dict[str, dict[str, Any]] = {
    "claims-beside": {"name": "Doctor"},
    "issuer-beside": {"issuer": "did:example:me"},
    "proof-beside": {"proof": {"type": "DataIntegrityProof"}},
    "two-types": {"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]},
    "presentation-type": {"type": "EnvelopedVerifiablePresentation"},
    "no-context": {"@context": "https://example.com/v1"},
    "inline-context": {"@context": ["https://www.w3.org/ns/credentials/v2", {"id": "@type"}]},
    "no-data-url": {"id": "https://example.com/credential.jwt"},
    "list-of-data-urls": {"id": [wrapped()["id"]]},
    "other-media-type": {"id": wrapped()["id"].replace("vc+jwt", "vc+sd-jwt")},
    "presentation-media-type": {"id": wrapped()["id"].replace("vc+jwt", "vp+jwt")},
    "json-inside": {"id": "data:application/vc," + "%7B%7D"},
    "sd-jwt-vc": {"id": wrapped()["id"].replace("vc+jwt", "dc+sd-jwt")},
    "parameter": {"id": wrapped()["id"].replace(",", ";charset=utf-8,")},
    "upper-case": {"id": wrapped()["id"].replace("application", "Application")},
    "semicolon-for-comma": {"id": wrapped()["id"].replace(",", ";")},
    "percent": {"id": wrapped()["id"].replace(".", "%2E")},
    "white-space": {"id": wrapped()["id"] + " "},
    "cose-as-text": {"id": wrapped("vc+cose")["id"].replace(";base64", "")},
    "not-base64": {"id": "data:application/vc+cose;base64,!!!"},
    "base64-with-bits-left": {"id": "data:application/vc+jwt;base64,QQB"},
    "nothing": {"id": "data:application/vc+jwt,"},
}


@pytest.mark.parametrize("name", BAD)
def test_the_wrapper_is_strict(name: str) -> None:
    document = {**wrapped(), **BAD[name]}
    report = judge(document)
    assert report.verdict is not Verdict.VALID
    assert report.claims is None
    if "Presentation" not in str(document["type"]):
        assert report.reason == "not_readable"
    with pytest.raises(EnvelopeError):
        unwrap_enveloped(document)


def test_white_space_inside_base64_is_refused() -> None:
    data = base64.b64encode(WORLD.credential("vc+jwt") + b"\n").decode()
    assert judge({**wrapped(), "id": f"data:application/vc+jwt;base64,{data}"}).reason == "not_readable"


def test_an_envelope_in_an_envelope_is_not_a_credential() -> None:
    """Depth 1: what is signed is looked at, and a wrapper is not a credential."""
    holder = PresentingWorld()
    presentation = holder.presentation(holder.credential())
    for inner in (wrapped(), presentation):
        document = {**inner, "issuer": WORLD.provider.did}
        content = sign_anything(document)
        report = verify(content, evidence=EVIDENCE, at=NOW, media_type="application/vc+jwt")
        assert report.verdict is Verdict.INVALID


def sign_anything(document: dict[str, Any]) -> bytes:
    """A JWT of our own making: the mechanism would refuse to make it."""
    head = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": WORLD.provider.verification_method}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, document)]
    signature = base64.urlsafe_b64encode(WORLD.provider.sign(b".".join(parts))).rstrip(b"=")
    return b".".join([*parts, signature])


def test_our_own_jwts_are_good_ones() -> None:
    report = verify(
        sign_anything(WORLD.unsigned()), evidence=EVIDENCE, at=NOW, media_type="application/vc+jwt"
    )
    assert report.verdict is Verdict.VALID


@pytest.mark.parametrize("mechanism", VCDM)
def test_a_good_proof_with_a_foreign_key(mechanism: str) -> None:
    """The proof holds and is not the issuer's: two findings (SECURITY D-06, D-07)."""
    content = sign(WORLD.unsigned(), SoftSigner(66), mechanism)
    report = verify(content, evidence=EVIDENCE, at=NOW, media_type=secured_media_type(mechanism))
    found = {step.step: (step.outcome, step.code) for step in report.steps}
    assert (report.verdict, report.reason) == (Verdict.INVALID, "issuer_key_mismatch")
    if mechanism in ENVELOPES:  # VC JOSE COSE section 4.1 makes it a matter of the proof already
        assert found[Step.PROOF][0] is Outcome.FAILED
        return
    assert found[Step.PROOF] == (Outcome.PASSED, "proof_verified")
    assert found[Step.ISSUER_BINDING] == (Outcome.FAILED, "issuer_key_mismatch")

"""An SD-JWT with key binding is a presentation by itself (RFC 9901 sections 4.3 and 7.3; SECURITY SD-09 to SD-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.algorithms import Algorithm
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.securing import attach_proof, prepare_proof
from skillcred.securing.sd_jwt.presenting import present
from skillcred.verification import PresentationReport, verify_presentation
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner
from worlds.sd_jwts import claims, key_binding, sd_jwt

WORLD = PureWorld()
HOLDER = SoftSigner(22, Algorithm.P256)
VERIFIER, NONCE = "https://employer.example", "n-0S6_WzA2Mj"
CLAIMS: JsonObject = {
    "iss": WORLD.provider.did,
    "vct": "https://provider.example/welder",
    "iat": int(AWARDED.timestamp()),
    "name": "Welder",
}
HOLDER_KEY: Any = HOLDER.public_key.to_jwk()


def issue(mechanism: str, holder_key: JsonObject | None = None, **changes: Any) -> bytes:
    document, pointer = (
        (CLAIMS, "/name")
        if mechanism == "dc+sd-jwt"
        else (WORLD.unsigned(), "/credentialSubject/achievement")
    )
    options: dict[str, Any] = {"disclosablePointers": [pointer]}
    if holder_key is not None:
        options["holderKey"] = holder_key
    signer = WORLD.provider
    prepared = prepare_proof(
        mechanism,
        {**document, **changes},
        verification_method=signer.verification_method,
        algorithm=signer.public_key.algorithm,
        created=AWARDED,
        options=options,
    )
    return attach_proof(prepared, signer.sign(prepared.to_be_signed))


def shown(mechanism: str = "vc+sd-jwt", **changes: Any) -> bytes:
    binding: dict[str, Any] = {"holder": HOLDER, "audience": VERIFIER, "nonce": NONCE, "issued_at": NOW}
    pointer = "/name" if mechanism == "dc+sd-jwt" else "/credentialSubject/achievement"
    return present(issue(mechanism, HOLDER_KEY), [pointer], **{**binding, **changes})


def judge(content: bytes | str, **question: Any) -> PresentationReport:
    asked = question or {"challenge": NONCE, "domain": VERIFIER}
    options = {"at": NOW, "media_type": "application/octet-stream", **asked}
    content = content.encode() if isinstance(content, str) else content
    return verify_presentation(content, evidence=WORLD.evidence(), **options)


def steps(report: PresentationReport) -> dict[Step, tuple[Outcome, str]]:
    return {step.step: (step.outcome, step.code) for step in report.steps}


def test_a_presented_credential_is_valid_with_its_holder() -> None:
    report = judge(shown())
    assert (report.verdict, report.reason) == (Verdict.VALID, "holder_proven")
    [credential] = report.credentials
    assert (credential.report.verdict, credential.holder) == (Verdict.VALID, "proven")
    assert (report.presenter_id, report.holder_id) == (None, None)
    assert not report.warnings
    assert report.evidence_used == credential.report.evidence_used != ()


def test_an_sd_jwt_vc_has_the_same_steps() -> None:
    report = judge(shown("dc+sd-jwt"))
    found = steps(report)
    assert [found[step][0] for step in (Step.PARSE, Step.PROOF, Step.CONFORMANCE, Step.HOLDER_BINDING)] == [
        Outcome.PASSED
    ] * 4
    # no accreditation covers a type of the provider's own, so the credential is not valid and neither is the whole
    assert found[Step.CREDENTIALS][0] is not Outcome.PASSED
    assert report.verdict is not Verdict.VALID


@pytest.mark.parametrize("mechanism", ["vc+sd-jwt", "dc+sd-jwt"])
@pytest.mark.parametrize(
    ("content", "question", "code"),
    [
        ({}, {"challenge": "another", "domain": VERIFIER}, "wrong_challenge"),
        ({}, {"challenge": NONCE, "domain": "https://other.example"}, "wrong_domain"),
        ({"holder": SoftSigner(99, Algorithm.P256)}, {}, "key_binding_wrong"),
        ({"issued_at": NOW - timedelta(seconds=301)}, {}, "key_binding_wrong"),
        ({"issued_at": NOW + timedelta(seconds=61)}, {}, "key_binding_wrong"),
        ({"holder": None}, {}, "key_binding_wrong"),
        ({"holder": None}, {"challenge": NONCE}, "key_binding_wrong"),
    ],
    ids=["nonce", "audience", "other-key", "old", "future", "no-binding", "no-binding-challenge-only"],
)
def test_what_does_not_answer_is_invalid_and_shows_nothing(
    mechanism: str, content: dict[str, Any], question: dict[str, Any], code: str
) -> None:
    report = judge(shown(mechanism, **content), **question)
    assert (report.verdict, report.reason) == (Verdict.INVALID, code)
    assert steps(report)[Step.PROOF] == (Outcome.FAILED, code)
    assert (report.credentials, report.presenter_id, report.holder_state) == ((), None, "not_proven")


def test_a_holder_whose_key_is_confirmed_by_its_name_is_told_by_it() -> None:
    token = sd_jwt(claims(cnf={"kid": HOLDER.verification_method}))
    report = judge(token + key_binding(token, aud=VERIFIER, nonce=NONCE))
    token_of_other = token + key_binding(
        token, aud=VERIFIER, nonce=NONCE, signer=SoftSigner(99, Algorithm.P256)
    )
    assert report.presenter_id == HOLDER.did
    assert steps(report)[Step.HOLDER_BINDING] == (Outcome.PASSED, "holder_proven")
    assert judge(token_of_other).verdict is Verdict.INVALID


def test_a_binding_for_other_disclosures_is_invalid() -> None:
    """RFC 9901 section 7.3, step 5: `sd_hash` is over exactly what is shown."""
    token = shown()
    jwt, _, binding = token.decode().split("~")
    report = judge(f"{jwt}~{binding}")
    assert (report.verdict, report.reason) == (Verdict.INVALID, "key_binding_wrong")


def test_a_key_that_the_issuer_did_not_confirm_proves_nothing() -> None:
    token = present(issue("vc+sd-jwt"), [], holder=HOLDER, audience=VERIFIER, nonce=NONCE, issued_at=NOW)
    assert (judge(token).verdict, judge(token).reason) == (Verdict.INVALID, "key_binding_wrong")


@pytest.mark.parametrize(
    "question", [{"challenge": None}, {"challenge": NONCE}, {"domain": VERIFIER}], ids=str
)
def test_the_holder_is_proven_only_to_who_asked_by_name_and_nonce(question: dict[str, Any]) -> None:
    report = judge(shown(), **question)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "holder_not_proven")
    assert report.credentials[0].report.verdict is Verdict.VALID
    assert [warning.code for warning in report.warnings] == ["presentation_not_fresh"]


@pytest.mark.parametrize("mechanism", ["vc+sd-jwt", "dc+sd-jwt"])
def test_without_a_binding_and_a_question_it_is_a_credential(mechanism: str) -> None:
    report = judge(shown(mechanism, holder=None), challenge=None)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "credential_instead")


def test_a_credential_for_this_audience_may_be_presented_to_it() -> None:
    """RFC 7519 section 4.1.3: `aud` of the issuer's part limits to whom it may be shown."""
    for audience, verdict in ((VERIFIER, Outcome.PASSED), ("https://other.example", Outcome.FAILED)):
        issued = issue("dc+sd-jwt", HOLDER_KEY, aud=audience)
        token = present(issued, [], holder=HOLDER, audience=VERIFIER, nonce=NONCE, issued_at=NOW)
        report = judge(token)
        assert steps(report)[Step.PROOF][0] is verdict
        for credential in report.credentials:
            assert credential.report.steps[1].outcome is Outcome.PASSED


@pytest.mark.parametrize("cut", range(0, 100, 7))
def test_a_flipped_byte_is_never_valid(cut: int) -> None:
    token = bytearray(shown())
    place = len(token) * cut // 100
    token[place] = ord("A") if token[place] != ord("A") else ord("B")
    assert judge(bytes(token)).verdict is not Verdict.VALID


def test_a_document_of_the_issuer_that_is_not_at_hand_is_asked_for() -> None:
    document = {**CLAIMS, "iss": "did:web:issuer.example"}
    prepared = prepare_proof(
        "dc+sd-jwt",
        document,
        verification_method="did:web:issuer.example#key",
        algorithm=WORLD.provider.public_key.algorithm,
        created=AWARDED,
        options={"holderKey": HOLDER_KEY},
    )
    issued = attach_proof(prepared, WORLD.provider.sign(prepared.to_be_signed))
    report = judge(present(issued, [], holder=HOLDER, audience=VERIFIER, nonce=NONCE, issued_at=NOW))
    assert report.verdict is Verdict.INDETERMINATE
    assert [need.id for need in report.needs] == ["did:web:issuer.example"]

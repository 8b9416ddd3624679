"""Presentations: every part must be good, and each finding stands for itself.

SECURITY D-02, D-05, D-11, D-16, D-17.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.securing import secured_media_type
from skillcred.verification import (
    DEFAULT_POLICY,
    HolderState,
    PresentationReport,
    Subject,
    build_bundle,
    build_presentation_report_json,
    peek_subject,
    replay_any_bundle,
    replay_bundle,
    verify,
    verify_presentation,
)
from skillcred.verification.bundle import BundleError
from skillcred.verification.presentation import MAX_PRESENTED
from worlds.presentations import CHALLENGE, DOMAIN, PURPOSE, PresentingWorld, enveloped
from worlds.pure_world import NOW, PureWorld, SoftSigner

WORLD = PresentingWorld()
EVIDENCE = WORLD.world.evidence()
MECHANISMS = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "vc+jwt", "vc+cose", "vc+sd-jwt")
GOOD = WORLD.credential()
STRANGER = SoftSigner(77)


def judge(
    document: bytes | dict[str, Any], media_type: str = "application/vp", **options: Any
) -> PresentationReport:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    options = {"challenge": CHALLENGE, "domain": DOMAIN, "evidence": EVIDENCE, "at": NOW, **options}
    return verify_presentation(content, media_type=media_type, **options)


def outcome(report: PresentationReport, step: Step) -> tuple[Outcome, str]:
    result = next(result for result in report.steps if result.step is step)
    return result.outcome, result.code


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("held", MECHANISMS)
def test_every_mechanism_presents_every_mechanism(mechanism: str, held: str) -> None:
    content = WORLD.present(WORLD.presentation(WORLD.credential(1, held)), mechanism)
    media_type = secured_media_type(mechanism, PURPOSE)
    assert peek_subject(content, media_type) is Subject.PRESENTATION
    assert peek_subject(content, "application/vc") is Subject.PRESENTATION
    report = judge(content, media_type)
    assert report.verdict is Verdict.VALID, build_presentation_report_json(report)
    assert (report.holder_state, report.presenter_id) == (HolderState.PROVEN, WORLD.holder.did)
    assert verify(content, evidence=EVIDENCE, at=NOW, media_type=media_type).verdict is not Verdict.VALID


@pytest.mark.parametrize("held", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
@pytest.mark.parametrize("times", [2, 4])
def test_the_same_credential_several_times_is_canonicalised_in_time(held: str, times: int) -> None:
    """Its anonymous nodes look alike in pairs, and still an honest presentation stays below the limit of work."""
    report = judge(WORLD.present(WORLD.presentation(*[WORLD.credential(1, held)] * times)))
    assert outcome(report, Step.PROOF) == (Outcome.PASSED, "proof_verified")
    assert report.verdict is Verdict.VALID, build_presentation_report_json(report)
    assert len(report.credentials) == times


@pytest.mark.parametrize("mechanism", ["vc+jwt", "vc+cose", "vc+sd-jwt"])
def test_an_enveloped_presentation_is_unwrapped(mechanism: str) -> None:
    media_type = secured_media_type(mechanism, PURPOSE)
    inner = WORLD.present(WORLD.presentation(GOOD), mechanism)
    wrapper = enveloped(inner, media_type, "EnvelopedVerifiablePresentation")
    content = json.dumps(wrapper).encode()
    assert peek_subject(content, "application/json") is Subject.PRESENTATION
    report = judge(content)
    assert report.verdict is Verdict.VALID
    assert report.document_sha256 != judge(inner, media_type).document_sha256
    wrapper["type"] = "EnvelopedVerifiableCredential"
    assert judge(wrapper).verdict is Verdict.INVALID


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_D02_good_credentials_do_not_save_a_broken_proof(mechanism: str) -> None:
    content = WORLD.present(WORLD.presentation(GOOD), mechanism)
    if content.startswith(b"{"):
        broken = json.loads(content)
        value = broken["proof"]["proofValue"]
        broken["proof"]["proofValue"] = value[:-1] + ("1" if value[-1] != "1" else "2")
        content = json.dumps(broken).encode()
    elif mechanism == "vc+cose":
        content = content[:-1] + bytes([content[-1] ^ 1])
    else:
        head, payload, signature = content.rstrip(b"~").split(b".")
        flipped = b"A" if signature[:1] != b"A" else b"B"
        content = b".".join([head, payload, flipped + signature[1:]]) + (b"~" if b"~" in content else b"")
    report = judge(content, secured_media_type(mechanism, PURPOSE))
    assert (report.verdict, outcome(report, Step.PROOF)[0]) == (Verdict.INVALID, Outcome.FAILED)
    assert report.credentials == ()
    assert report.presenter_id is None


@pytest.mark.parametrize("mechanism", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_D05_a_presentation_is_not_signed_as_a_credential_is(mechanism: str) -> None:
    content = WORLD.present(
        WORLD.presentation(GOOD), mechanism, purpose="assertionMethod", challenge=None, domain=None
    )
    for media_type in (secured_media_type(mechanism, PURPOSE), "application/vc"):
        assert judge(content, media_type, challenge=None, domain=None).verdict is not Verdict.VALID


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize(
    "asked",
    [
        {"challenge": "other"},
        {"challenge": CHALLENGE.upper()},
        {"domain": "https://other.example"},
        {"domain": DOMAIN + "/"},
    ],
)
def test_D11_the_question_must_be_answered(mechanism: str, asked: dict[str, str]) -> None:
    content = WORLD.present(WORLD.presentation(GOOD), mechanism)
    report = judge(content, secured_media_type(mechanism, PURPOSE), **asked)
    assert (report.verdict, outcome(report, Step.PROOF)[0]) == (Verdict.INVALID, Outcome.FAILED)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_D11_no_answer_is_no_answer(mechanism: str) -> None:
    media_type = secured_media_type(mechanism, PURPOSE)
    content = WORLD.present(WORLD.presentation(GOOD), mechanism, challenge=None, domain=None)
    assert judge(content, media_type).verdict is Verdict.INVALID
    unasked = judge(content, media_type, challenge=None, domain=None)
    assert unasked.verdict is Verdict.VALID
    assert [warning.code for warning in unasked.warnings] == ["presentation_not_fresh"]
    unsigned = judge(WORLD.presentation(GOOD))
    assert unsigned.verdict is Verdict.INVALID, "who asked has got no answer"


@pytest.mark.parametrize(
    ("presentation", "signer", "verdict", "state"),
    [
        pytest.param(
            WORLD.presentation(GOOD, holder=None), None, Verdict.VALID, "proven", id="no-holder-named"
        ),
        pytest.param(
            WORLD.presentation(GOOD, holder={"id": WORLD.holder.did, "name": "Me"}),
            None,
            Verdict.VALID,
            "proven",
            id="holder-object",
        ),
        pytest.param(WORLD.presentation(GOOD), STRANGER, Verdict.INVALID, "mismatch", id="key-of-another"),
        pytest.param(
            WORLD.presentation(GOOD, holder=STRANGER.did),
            STRANGER,
            Verdict.INVALID,
            "mismatch",
            id="holder-is-not-the-subject",
        ),
        pytest.param(
            WORLD.presentation(GOOD, holder=None),
            STRANGER,
            Verdict.INVALID,
            "mismatch",
            id="stranger-unnamed",
        ),
        pytest.param(
            WORLD.presentation(GOOD, WORLD.credential(2, subject=STRANGER.did)),
            None,
            Verdict.INVALID,
            "mismatch",
            id="one-is-about-another",
        ),
        pytest.param(
            WORLD.presentation(GOOD, WORLD.credential(2, subject=None)),
            None,
            Verdict.INDETERMINATE,
            "not_proven",
            id="one-is-about-nobody",
        ),
    ],
)
def test_D16_the_holder_is_a_finding_of_its_own(
    presentation: dict[str, Any], signer: SoftSigner | None, verdict: Verdict, state: str
) -> None:
    report = judge(WORLD.present(presentation, signer=signer))
    assert (report.verdict, report.holder_state.value) == (verdict, state)
    assert outcome(report, Step.PROOF)[0] is Outcome.PASSED
    assert outcome(report, Step.CREDENTIALS)[0] is Outcome.PASSED


def test_D17_nothing_presented_is_not_valid() -> None:
    report = judge(WORLD.present(WORLD.presentation()))
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "no_credentials")


def test_D17_one_bad_credential_among_good_ones() -> None:
    expired = WORLD.credential(2, validUntil="2026-05-01T00:00:00Z")
    report = judge(WORLD.present(WORLD.presentation(GOOD, expired)))
    assert (report.verdict, report.reason) == (Verdict.INVALID, "credential_invalid")
    assert [item.report.reason for item in report.credentials] == ["issuer_authorised", "expired"]
    unknown = PresentingWorld(PureWorld(provider=SoftSigner(9)), WORLD.holder).credential(3)
    report = judge(WORLD.present(WORLD.presentation(GOOD, unknown)))
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "credential_indeterminate")
    assert [need.id for need in report.needs] == [SoftSigner(9).did]


def test_D17_there_is_a_limit() -> None:
    most = [GOOD] * (MAX_PRESENTED + 1)
    report = judge(WORLD.present(WORLD.presentation(*most), "eddsa-jcs-2022"))
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "too_many_credentials")
    assert report.credentials == ()


def test_D17_a_presentation_holds_no_presentation() -> None:
    inner = json.loads(WORLD.present(WORLD.presentation(GOOD)))
    report = judge(WORLD.present(WORLD.presentation(inner), "vc+jwt"), "application/vp+jwt")
    assert (report.verdict, report.reason) == (Verdict.INVALID, "presentation_not_conforming")


def test_an_unsigned_presentation_is_judged_by_its_credentials_and_never_valid() -> None:
    report = judge(WORLD.presentation(GOOD), challenge=None, domain=None)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "presentation_not_signed")
    assert [item.report.verdict for item in report.credentials] == [Verdict.VALID]
    assert (report.holder_state, report.holder_id) == (HolderState.NOT_PROVEN, None)
    lenient = replace(DEFAULT_POLICY, presentation_proof_required=False)
    taken = judge(WORLD.presentation(GOOD), challenge=None, domain=None, policy=lenient)
    assert (taken.verdict, taken.holder_state) == (Verdict.VALID, HolderState.NOT_PROVEN)
    expired = WORLD.credential(2, validUntil="2026-05-01T00:00:00Z")
    assert (
        judge(WORLD.presentation(expired), challenge=None, domain=None, policy=lenient).verdict
        is Verdict.INVALID
    )
    for proof in (None, [], {}, "x"):
        assert judge({**WORLD.presentation(GOOD), "proof": proof}, policy=lenient).verdict is Verdict.INVALID


def test_a_credential_is_not_a_presentation() -> None:
    assert judge(json.dumps(GOOD).encode()).reason == "credential_instead"
    assert judge({"type": "Other"}).reason == "not_a_presentation"
    content = base64.b64decode(WORLD.credential(1, "vc+cose")["id"].split(",")[1])
    assert judge(content, "application/vc+cose").verdict is Verdict.INVALID


def test_it_can_be_replayed_with_its_question() -> None:
    content = WORLD.present(WORLD.presentation(GOOD))
    report = judge(content)
    bundle = build_bundle(content, "application/vp", report)
    assert replay_any_bundle(bundle) == report
    with pytest.raises(BundleError):
        replay_bundle(bundle)
    changed = json.loads(bundle)
    changed["challenge"] = "other"
    assert replay_any_bundle(json.dumps(changed).encode()).verdict is Verdict.INVALID
    del changed["challenge"]
    with pytest.raises(BundleError):
        replay_any_bundle(json.dumps(changed).encode())


def test_the_report_says_all() -> None:
    shown = build_presentation_report_json(judge(WORLD.present(WORLD.presentation(GOOD))))
    assert shown["format"] == "skillcred-presentation-report-1"
    assert shown["holder"] == {
        "state": "proven",
        "holder_id": WORLD.holder.did,
        "presenter_id": WORLD.holder.did,
    }
    [credential] = shown["credentials"]
    assert (credential["pointer"], credential["holder"]) == ("/verifiableCredential/0", "proven")
    assert credential["report"]["verdict"] == "valid"
    assert [step["step"] for step in shown["steps"]] == [
        "parse",
        "proof",
        "conformance",
        "credentials",
        "holder_binding",
    ]

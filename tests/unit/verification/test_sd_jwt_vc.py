"""SD-JWT VCs: judged by rules of their own, and never valid for lack of a check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skillcred.model.conformance_sd_jwt_vc import check_sd_jwt_vc
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.profiles.facts import sd_jwt_vc_facts
from skillcred.securing import attach_proof, prepare_proof
from skillcred.verification import VerificationReport, verify
from worlds.pure_world import AWARDED, NOW, PureWorld

WORLD = PureWorld()
ISSUED = int(AWARDED.timestamp())
CLAIMS = {
    "iss": WORLD.provider.did,
    "vct": "https://provider.example/welder",
    "iat": ISSUED,
    "name": "Welder",
}


def judge(**members: Any) -> VerificationReport:
    claims = {name: value for name, value in {**CLAIMS, **members}.items() if value is not None}
    signer = WORLD.provider
    prepared = prepare_proof(
        "dc+sd-jwt",
        claims,
        verification_method=signer.verification_method,
        algorithm=signer.public_key.algorithm,
        created=AWARDED,
    )
    content = attach_proof(prepared, signer.sign(prepared.to_be_signed))
    return verify(content, evidence=WORLD.evidence(), at=NOW, media_type="application/dc+sd-jwt")


def found(report: VerificationReport) -> dict[Step, tuple[Outcome, str]]:
    return {step.step: (step.outcome, step.code) for step in report.steps}


def test_each_step_has_its_answer() -> None:
    report = judge()
    steps = found(report)
    for step in (Step.PARSE, Step.PROOF, Step.ISSUER_BINDING, Step.CONFORMANCE, Step.VALIDITY):
        assert steps[step][0] is Outcome.PASSED, (step, steps[step])
    for step in (Step.PROFILE, Step.SCHEMA, Step.STATUS):
        assert steps[step][0] is Outcome.NOT_APPLICABLE
    assert report.verdict is not Verdict.VALID, "its type says nothing that an accreditation could cover"
    assert report.facts is not None
    assert (report.facts.issuer_id, report.facts.valid_from) == (WORLD.provider.did, AWARDED)
    assert report.facts.title == {"und": "https://provider.example/welder"}


def test_a_declared_status_is_looked_at() -> None:
    status = {"status_list": {"idx": 3, "uri": "https://status.example/1"}}
    assert found(judge(status=status))[Step.STATUS][0] is Outcome.INDETERMINATE


def test_dates_count() -> None:
    assert judge(exp=int(NOW.timestamp()) - 3600).verdict is Verdict.INVALID
    assert judge(nbf=int(NOW.timestamp()) + 3600).verdict is Verdict.INVALID
    assert found(judge(exp=int(NOW.timestamp()) + 3600))[Step.VALIDITY][0] is Outcome.PASSED


BAD: list[tuple[dict[str, Any], str]] = [
    ({"vct": None}, "/vct"),
    ({"vct": ""}, "/vct"),
    ({"vct": 7}, "/vct"),
    ({"vct": ["a"]}, "/vct"),
    ({"vct": "x" * 2000}, "/vct"),
    ({"vct#integrity": 1}, "/vct#integrity"),
    ({"aka_vcts": "urn:example:regulated"}, "/aka_vcts"),
    ({"aka_vcts": []}, "/aka_vcts"),
    ({"aka_vcts": [1]}, "/aka_vcts"),
    ({"aka_vcts": [["urn:a"]]}, "/aka_vcts"),
    ({"aka_vcts": [" "]}, "/aka_vcts"),
    ({"aka_vcts": ["urn:a", "urn:a"]}, "/aka_vcts"),
    ({"aka_vcts": {"urn:a": 1}}, "/aka_vcts"),
    ({"aka_vcts": ["x" * 2000]}, "/aka_vcts"),
    ({"iss": None}, "/iss"),
    ({"iss": "provider"}, "/iss"),
    ({"iss": {"id": "did:example:1"}}, "/iss"),
    ({"exp": "2026-01-01T00:00:00Z"}, "/exp"),
    ({"exp": 1.5}, "/exp"),
    ({"exp": True}, "/exp"),
    ({"exp": -1}, "/exp"),
    ({"exp": 10**15}, "/exp"),
    ({"nbf": ISSUED, "exp": ISSUED - 1}, "/exp"),
    ({"iat": "yesterday"}, "/iat"),
    ({"nbf": []}, "/nbf"),
    ({"sub": 1}, "/sub"),
    ({"cnf": "key"}, "/cnf"),
    ({"cnf": {}}, "/cnf"),
    ({"status": []}, "/status"),
]


@pytest.mark.parametrize(("members", "pointer"), BAD)
def test_what_does_not_conform(members: dict[str, Any], pointer: str) -> None:
    document: dict[str, Any] = {**CLAIMS, **members}
    document = {name: value for name, value in document.items() if value is not None}
    assert [problem.pointer for problem in check_sd_jwt_vc(document)] == [pointer]
    sd_jwt_vc_facts(document)


def test_examples_of_the_draft_conform(shared_dir: Path) -> None:
    blocks = json.loads((shared_dir / "vectors/sd-jwt-vc/draft-examples.json").read_bytes())
    tried = 0
    for example in blocks["examples"]:
        claims = {name: value for name, value in example["payload"].items() if not name.startswith("_sd")}
        if "vct" in claims:
            assert check_sd_jwt_vc({"iss": "https://issuer.example", **claims}) == (), example["section"]
            tried += 1
    assert tried >= 3


@pytest.mark.parametrize("document", [None, [], "x", 1])
def test_what_is_no_object(document: Any) -> None:
    assert check_sd_jwt_vc(document)

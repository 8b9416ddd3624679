"""The operator's trust anchors, from the file to the verdict."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from skillcred.adapters.trust_anchors import ConfiguredTrustAnchors
from skillcred.bootstrap import build_verifier_without_database
from skillcred.errors import ConfigurationError
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, Step
from skillcred.securing import ISSUER_ANCHORS
from skillcred.settings import Settings
from worlds.application import FixedClock, open_application
from worlds.certificates import CERTIFIED, ISSUER, OTHER_ROOT, ROOT
from worlds.pure_world import NOW
from worlds.sd_jwts import claims, sd_jwt

TOKEN = sd_jwt(claims(iss=ISSUER), signer=CERTIFIED, kid=None, x5c=CERTIFIED.x5c).encode()  # type: ignore[arg-type]
SD_JWT = "application/dc+sd-jwt"


def test_the_file_decides(tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.pem"
    anchors.write_bytes(OTHER_ROOT.pem + ROOT.pem)
    for file, offline, proof, reason in (
        (anchors, False, Outcome.PASSED, "issuer_not_recognised"),
        (anchors, True, Outcome.PASSED, "issuer_not_recognised"),
        (None, False, Outcome.INDETERMINATE, "certificate_not_trusted"),
    ):
        application = open_application(
            tmp_path / f"{file is None}{offline}", clock=FixedClock(NOW), trust_anchors_file=file
        )
        try:
            report = application.verify_document(TOKEN, media_type=SD_JWT, offline=offline).report
        finally:
            application.close()
        outcomes = {step.step: step.outcome for step in report.steps}
        assert (outcomes[Step.PROOF], report.reason) == (proof, reason)
        assert report.needs == ()


def test_without_a_deployment(tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.pem"
    anchors.write_bytes(ROOT.pem)
    for file, outcome in ((anchors, Outcome.PASSED), (None, Outcome.INDETERMINATE)):
        verify_document = build_verifier_without_database(Settings(trust_anchors_file=file))
        report = verify_document(TOKEN, media_type=SD_JWT, at=NOW, offline=True).report
        assert report.steps[1].outcome is outcome


def test_a_file_that_is_no_set_of_anchors_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "anchors.pem"
    with pytest.raises(ConfigurationError) as error:
        ConfiguredTrustAnchors.read(file)
    assert error.value.code == "trust_anchors_unreadable"
    for content in (b"", json.dumps({"x5c": CERTIFIED.x5c}).encode(), ROOT.pem[:200]):
        file.write_bytes(content)
        with pytest.raises(ConfigurationError) as error:
            ConfiguredTrustAnchors.read(file)
        assert error.value.code == "invalid_trust_anchors"
    if os.geteuid() != 0:
        file.chmod(0)
        with pytest.raises(ConfigurationError) as error:
            ConfiguredTrustAnchors.read(file)
        assert error.value.code == "trust_anchors_unreadable"


def test_there_are_no_other_anchors() -> None:
    source = ConfiguredTrustAnchors(ROOT.pem)
    assert source.fetch_evidence(ISSUER_ANCHORS, at=NOW).content == ROOT.pem
    other = EvidenceReference(EvidenceKind.TRUST_ANCHORS, "others")
    assert source.fetch_evidence(other, at=NOW).unavailable == "evidence_kind_not_supported"

"""Verification: document, evidence, policy and instant in; report out. No I/O."""

from skillcred.verification.bundle import build_bundle, replay_bundle
from skillcred.verification.evidence import Evidence, EvidenceItem
from skillcred.verification.pipeline import verify
from skillcred.verification.policy import DEFAULT_POLICY, VerificationPolicy
from skillcred.verification.report import VerificationReport, build_report_json

__all__ = [
    "DEFAULT_POLICY",
    "Evidence",
    "EvidenceItem",
    "VerificationPolicy",
    "VerificationReport",
    "build_bundle",
    "build_report_json",
    "replay_bundle",
    "verify",
]

"""Verification: document, evidence, policy and instant in; report out. No I/O."""

from skillcred.verification.bundle import AnyReport, build_bundle, replay_any_bundle, replay_bundle
from skillcred.verification.evidence import Evidence, EvidenceItem
from skillcred.verification.holder_binding import HolderState
from skillcred.verification.parsing import Subject, peek_subject
from skillcred.verification.pipeline import verify
from skillcred.verification.policy import DEFAULT_POLICY, VerificationPolicy
from skillcred.verification.presentation import verify_presentation
from skillcred.verification.presentation_report import (
    PresentationReport,
    PresentedCredential,
    build_presentation_report_json,
)
from skillcred.verification.report import VerificationReport, build_report_json

__all__ = [
    "DEFAULT_POLICY",
    "AnyReport",
    "Evidence",
    "EvidenceItem",
    "HolderState",
    "PresentationReport",
    "PresentedCredential",
    "Subject",
    "VerificationPolicy",
    "VerificationReport",
    "build_bundle",
    "build_presentation_report_json",
    "build_report_json",
    "peek_subject",
    "replay_any_bundle",
    "replay_bundle",
    "verify",
    "verify_presentation",
]

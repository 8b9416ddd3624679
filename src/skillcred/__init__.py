"""Skill credentials for people on the move: who signed, who vouches, and what could not be checked.

The Python API is the pure function `verify` and the values that cross it.
"""

from skillcred.verification import (
    DEFAULT_POLICY,
    Evidence,
    EvidenceItem,
    VerificationPolicy,
    VerificationReport,
    build_report_json,
    verify,
)

__all__ = [
    "DEFAULT_POLICY",
    "Evidence",
    "EvidenceItem",
    "VerificationPolicy",
    "VerificationReport",
    "build_report_json",
    "verify",
]

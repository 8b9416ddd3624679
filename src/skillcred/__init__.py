"""Skill credentials for people on the move: verify them, and tell who vouches for the issuer.

`verify` is the pure function that everything else stands around; what it takes and gives is exported with it.
"""

__version__ = "0.1.0"

from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.verification import (
    DEFAULT_POLICY,
    Evidence,
    EvidenceItem,
    VerificationPolicy,
    VerificationReport,
    build_report_json,
    replay_bundle,
    verify,
)

__all__ = [
    "DEFAULT_POLICY",
    "Evidence",
    "EvidenceItem",
    "Outcome",
    "Step",
    "Verdict",
    "VerificationPolicy",
    "VerificationReport",
    "__version__",
    "build_report_json",
    "replay_bundle",
    "verify",
]

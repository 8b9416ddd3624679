"""The report on a presentation: its own checks, the holder, and the report on each credential."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import EvidenceReference, Problem, Step, StepResult, Verdict
from skillcred.verification.evidence import EvidenceItem
from skillcred.verification.holder_binding import HolderState
from skillcred.verification.messages import get_message
from skillcred.verification.report import (
    VerificationReport,
    build_evidence_list,
    build_problem_list,
    build_report_json,
    build_step_json,
)

PRESENTATION_REPORT_FORMAT: Final = "skillcred-presentation-report-1"


@dataclass(frozen=True, slots=True)
class PresentedCredential:
    """One credential of a presentation: where it stands, whether the presenter is its holder, its own report, and the
    bytes that this is about, which are in no report."""

    pointer: str
    holder: HolderState
    report: VerificationReport
    document: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PresentationReport:
    """What verifying one presentation gave. Equal inputs give equal reports.

    `holder_id` is what the verified presentation names, `presenter_id` the one whose key is proved; both are
    absent where nothing was verified. `challenge` and `domain` are what the verifier asked for.
    """

    verdict: Verdict
    reason: str
    evaluated_at: datetime
    policy: str
    document_sha256: str
    challenge: str | None
    domain: str | None
    steps: tuple[StepResult, ...]
    holder_id: str | None
    presenter_id: str | None
    credentials: tuple[PresentedCredential, ...]
    evidence_used: tuple[EvidenceItem, ...]

    @property
    def needs(self) -> tuple[EvidenceReference, ...]:
        """The evidence that some step, of the presentation or of a credential, lacked and nobody tried to get."""
        own = (need for step in self.steps for need in step.needs)
        theirs = (need for credential in self.credentials for need in credential.report.needs)
        return tuple(dict.fromkeys((*own, *theirs)))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What does not change the verdict on the presentation and should be known."""
        return tuple(warning for step in self.steps for warning in step.warnings)

    @property
    def holder_state(self) -> HolderState:
        """The finding about the holder in one word."""
        code = next(step.code for step in self.steps if step.step is Step.HOLDER_BINDING)
        return {"holder_proven": HolderState.PROVEN, "holder_mismatch": HolderState.MISMATCH}.get(
            code, HolderState.NOT_PROVEN
        )


def build_presentation_report_json(report: PresentationReport) -> JsonObject:
    """The report as JSON; the sentences are English, the codes are stable and can be translated."""
    message = get_message(report.reason)
    return {
        "format": PRESENTATION_REPORT_FORMAT,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "sentence": message.sentence,
        "next_step": message.next_step,
        "evaluated_at": format_instant(report.evaluated_at),
        "policy": report.policy,
        "document_sha256": report.document_sha256,
        "challenge": report.challenge,
        "domain": report.domain,
        "holder": {
            "state": report.holder_state.value,
            "holder_id": report.holder_id,
            "presenter_id": report.presenter_id,
        },
        "warnings": build_problem_list(report.warnings),
        "steps": [build_step_json(step) for step in report.steps],
        "credentials": [
            {
                "pointer": credential.pointer,
                "holder": credential.holder.value,
                "report": build_report_json(credential.report),
            }
            for credential in report.credentials
        ],
        "evidence": build_evidence_list(report.evidence_used),
    }

"""The verification report: verdict, every step, what the signature covers, who vouches, on what evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from skillcred.encoding.json_types import FrozenJson, JsonObject, JsonValue
from skillcred.model.datetimes import format_instant, format_utc
from skillcred.model.outcomes import EvidenceReference, Problem, StepResult, Verdict
from skillcred.profiles import CredentialFacts
from skillcred.trust import Voucher
from skillcred.verification.evidence import EvidenceItem
from skillcred.verification.messages import get_message

REPORT_FORMAT: Final = "skillcred-report-1"


class VerificationReport(NamedTuple):
    """What verifying one document gave. Equal inputs give equal reports.

    `claims` and `facts` come from the verified document only and are absent where there is none.
    """

    verdict: Verdict
    reason: str
    evaluated_at: datetime
    policy: str
    document_sha256: str
    steps: tuple[StepResult, ...]
    claims: JsonObject | None
    facts: CredentialFacts | None
    vouchers: tuple[Voucher, ...]
    issuer_registered_name: str | None
    evidence_used: tuple[EvidenceItem, ...]
    diagnostics: Mapping[str, FrozenJson]
    asked_at: datetime | None = None

    @property
    def needs(self) -> tuple[EvidenceReference, ...]:
        """The evidence that some step lacked and that nobody has tried to get yet."""
        return tuple(dict.fromkeys([need for step in self.steps for need in step.needs]))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What does not change the verdict and should be known."""
        return tuple([warning for step in self.steps for warning in step.warnings])


def build_report_json(report: VerificationReport) -> JsonObject:
    """The report as JSON; the sentences are English, the codes are stable and can be translated."""
    return _thaw_members(
        {
            **build_report_opening(report.verdict, report.reason),
            **build_report_head(report),
            "warnings": build_problem_list(report.warnings),
            "steps": [build_step_members(step) for step in report.steps],
            **build_report_tail(report),
        }
    )


# The parts of a report share with it what it holds: they are to be written at once, or to be copied.


def build_report_opening(verdict: Verdict, reason: str) -> dict[str, FrozenJson]:
    """The members at the beginning, which depend on nothing else."""
    message = get_message(reason)
    return {
        "format": REPORT_FORMAT,
        "verdict": str(verdict),
        "reason": reason,
        "sentence": message.sentence,
        "next_step": message.next_step,
    }


def build_report_head(report: VerificationReport) -> dict[str, FrozenJson]:
    """The other members that stand before warnings and steps."""
    return {
        "evaluated_at": format_utc(report.evaluated_at),
        "policy": report.policy,
        "document_sha256": report.document_sha256,
        "summary": _summary_json(report),
        "vouched_by": [_voucher_json(voucher) for voucher in report.vouchers],
    }


def build_report_tail(report: VerificationReport) -> dict[str, FrozenJson]:
    """The members that stand after the steps."""
    return {
        "claims": report.claims,
        "evidence": build_evidence_list(report.evidence_used),
        "diagnostics": report.diagnostics,
    }


def _summary_json(report: VerificationReport) -> JsonObject | None:
    facts = report.facts
    if facts is None:
        return None
    return {
        "title": dict(facts.title),
        "issuer_id": facts.issuer_id,
        "issuer_name": facts.issuer_name,
        "issuer_registered_name": report.issuer_registered_name,
        "subject_id": facts.subject_id,
        "profile": facts.profile_id,
        "award_date": None if facts.award_date is None else format_utc(facts.award_date),
        "valid_from": None if facts.valid_from is None else format_utc(facts.valid_from),
        "valid_until": None if facts.valid_until is None else format_utc(facts.valid_until),
    }


def _voucher_json(voucher: Voucher) -> JsonObject:
    return {
        "body_did": voucher.body.did,
        "body_name": voucher.body.name,
        "country": voucher.body.country,
        "accreditation_id": voucher.accreditation_id,
        "since": format_instant(voucher.since),
        "until": _instant(voucher.until),
        "status_now": str(voucher.now.standing),
        "status_now_since": _instant(voucher.now.since),
    }


def build_step_json(step: StepResult) -> JsonObject:
    """One step, with the sentence for its code."""
    return _thaw_members(build_step_members(step))


def build_step_members(step: StepResult) -> dict[str, FrozenJson]:
    """The same as a part of a report."""
    message = get_message(step.code)
    return {
        "step": str(step.step),
        "outcome": str(step.outcome),
        "code": step.code,
        "sentence": message.sentence,
        "next_step": message.next_step,
        "problems": build_problem_list(step.problems),
        "warnings": build_problem_list(step.warnings),
        "needs": [{"kind": str(need.kind), "id": need.id} for need in step.needs],
        "details": step.details,
    }


def build_problem_list(problems: Iterable[Problem]) -> list[JsonValue]:
    """Problems or warnings."""
    return [
        {"code": code, "message": message, "pointer": pointer, "type": problem_type}
        for code, message, pointer, problem_type in problems
    ]


def build_evidence_list(items: Iterable[EvidenceItem]) -> list[JsonValue]:
    """What evidence was used, without its contents."""
    return [
        {
            "kind": str(item.reference.kind),
            "id": item.reference.id,
            "sha256": item.sha256,
            "retrieved_at": format_instant(item.retrieved_at),
            "source": item.source,
            "unavailable": item.unavailable,
        }
        for item in items
    ]


def _thaw(value: FrozenJson) -> JsonValue:
    if value is None or isinstance(value, (str, int, float)):
        return value
    return _thaw_members(value) if isinstance(value, Mapping) else [_thaw(item) for item in value]


def _thaw_members(members: Mapping[str, FrozenJson]) -> JsonObject:
    return {name: _thaw(item) for name, item in members.items()}


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)

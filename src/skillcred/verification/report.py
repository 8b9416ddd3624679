"""The verification report: verdict, every step, what the signature covers, who vouches, on what evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType, NoneType
from typing import Final, NamedTuple

from skillcred.encoding.json_types import FrozenJson, JsonObject, JsonValue
from skillcred.model.datetimes import format_instant
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
    return {
        **build_report_head(report),
        "steps": [build_step_json(step) for step in report.steps],
        **build_report_tail(report),
    }


def build_report_head(report: VerificationReport) -> JsonObject:
    """The members that stand before the steps."""
    message = get_message(report.reason)
    return {
        "format": REPORT_FORMAT,
        "verdict": str(report.verdict),
        "reason": report.reason,
        "sentence": message.sentence,
        "next_step": message.next_step,
        "evaluated_at": format_instant(report.evaluated_at),
        "policy": report.policy,
        "document_sha256": report.document_sha256,
        "summary": _summary_json(report),
        "vouched_by": [_voucher_json(voucher) for voucher in report.vouchers],
        "warnings": build_problem_list(report.warnings),
    }


def build_report_tail(report: VerificationReport) -> JsonObject:
    """The members that stand after the steps."""
    return {
        "claims": report.claims,
        "evidence": build_evidence_list(report.evidence_used),
        "diagnostics": _thaw_members(report.diagnostics),
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
        "award_date": _instant(facts.award_date),
        "valid_from": _instant(facts.valid_from),
        "valid_until": _instant(facts.valid_until),
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
    message = get_message(step.code)
    return {
        "step": str(step.step),
        "outcome": str(step.outcome),
        "code": step.code,
        "sentence": message.sentence,
        "next_step": message.next_step,
        "problems": build_problem_list(step.problems) if step.problems else [],
        "warnings": build_problem_list(step.warnings) if step.warnings else [],
        "needs": [{"kind": str(need.kind), "id": need.id} for need in step.needs] if step.needs else [],
        "details": _thaw_members(step.details) if step.details else {},
    }


def build_problem_list(problems: Iterable[Problem]) -> list[JsonValue]:
    """Problems or warnings."""
    return [_problem_json(problem) for problem in problems]


def build_evidence_list(items: Iterable[EvidenceItem]) -> list[JsonValue]:
    """What evidence was used, without its contents."""
    return [_evidence_json(item) for item in items]


def _problem_json(problem: Problem) -> JsonObject:
    return {
        "code": problem.code,
        "message": problem.message,
        "pointer": problem.pointer,
        "type": problem.type,
    }


def _evidence_json(item: EvidenceItem) -> JsonObject:
    return {
        "kind": str(item.reference.kind),
        "id": item.reference.id,
        "sha256": item.sha256,
        "retrieved_at": format_instant(item.retrieved_at),
        "source": item.source,
        "unavailable": item.unavailable,
    }


_LEAVES: Final = (str, int, float, NoneType)


def _thaw(value: FrozenJson) -> JsonValue:
    if isinstance(value, _LEAVES):
        return value
    # Asking an object whether it is a Mapping is dear, so the usual ones are told by their types.
    if not isinstance(value, tuple) and isinstance(value, (MappingProxyType, Mapping)):
        return _thaw_members(value)
    return [_thaw(item) for item in value]


def _thaw_members(members: Mapping[str, FrozenJson]) -> JsonObject:
    # Most values are leaves, so they are not worth a call each.
    return {name: item if isinstance(item, _LEAVES) else _thaw(item) for name, item in members.items()}


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)

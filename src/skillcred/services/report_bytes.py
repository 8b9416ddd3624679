"""Reports as the bytes in which they are handed out, over HTTP and from `verify_many`."""

from __future__ import annotations

from functools import lru_cache

from pydantic_core import to_json

from skillcred.model.outcomes import Outcome, Step, StepResult
from skillcred.verification import AnyReport, PresentationReport, build_presentation_report_json
from skillcred.verification.report import build_report_head, build_report_tail, build_step_json


def encode_report(report: AnyReport) -> bytes:
    """The report as JSON in UTF-8, without white space."""
    if isinstance(report, PresentationReport):
        return to_json(build_presentation_report_json(report))
    # As `build_report_json` has it, but most steps say nothing beside their code, and are at hand as bytes.
    steps = b",".join([_encode_step(step) for step in report.steps])
    before, after = to_json(build_report_head(report)), to_json(build_report_tail(report))
    return b'%b,"steps":[%b],%b' % (before[:-1], steps, after[1:])


def _encode_step(step: StepResult) -> bytes:
    if step.problems or step.needs or step.warnings or step.details:
        return to_json(build_step_json(step))
    return _encode_bare_step(step.step, step.outcome, step.code)


@lru_cache(maxsize=512)
def _encode_bare_step(step: Step, outcome: Outcome, code: str) -> bytes:
    return to_json(build_step_json(StepResult(step, outcome, code)))

"""Reports as the bytes in which they are handed out, over HTTP and from `verify_many`."""

from __future__ import annotations

from functools import lru_cache

from pydantic_core import to_json

from skillcred.model.outcomes import Outcome, Problem, Step, StepResult, Verdict
from skillcred.verification import AnyReport, PresentationReport, build_presentation_report_json
from skillcred.verification.report import (
    build_problem_list,
    build_report_head,
    build_report_opening,
    build_report_tail,
    build_step_members,
)


def encode_report(report: AnyReport) -> bytes:
    """The report as JSON in UTF-8, without white space."""
    if isinstance(report, PresentationReport):
        return to_json(build_presentation_report_json(report))
    # As `build_report_json` has it, but what depends on codes alone is at hand as bytes. Details
    # are dictionaries, but nothing forbids a read-only mapping there, which pydantic does not know by itself.
    steps: list[bytes] = []
    warned: list[Problem] = []
    for step in report.steps:
        name, outcome, code, problems, needs, warnings, details = step
        if problems or needs or warnings:
            warned += warnings
            steps.append(to_json(build_step_members(step), fallback=dict))
        elif details:
            steps.append(
                b"%b%b}" % (_encode_bare_step(name, outcome, code)[:-3], to_json(details, fallback=dict))
            )
        else:
            steps.append(_encode_bare_step(name, outcome, code))
    return b'%b,%b,"warnings":%b,"steps":[%b],%b' % (
        _encode_opening(report.verdict, report.reason)[:-1],
        to_json(build_report_head(report))[1:-1],
        to_json(build_problem_list(warned)) if warned else b"[]",
        b",".join(steps),
        to_json(build_report_tail(report), fallback=dict)[1:],
    )


@lru_cache(maxsize=512)
def _encode_opening(verdict: Verdict, reason: str) -> bytes:
    return to_json(build_report_opening(verdict, reason))


@lru_cache(maxsize=512)
def _encode_bare_step(step: Step, outcome: Outcome, code: str) -> bytes:
    """A step without findings; it ends with its details, which are empty."""
    return to_json(build_step_members(StepResult(step, outcome, code)), fallback=dict)

"""Reports as the bytes in which they are handed out, over HTTP and from `verify_many`."""

from __future__ import annotations

from pydantic_core import to_json

from skillcred.verification import (
    AnyReport,
    PresentationReport,
    build_presentation_report_json,
    build_report_json,
)


def encode_report(report: AnyReport) -> bytes:
    """The report as JSON in UTF-8, without white space."""
    if isinstance(report, PresentationReport):
        return to_json(build_presentation_report_json(report))
    return to_json(build_report_json(report))

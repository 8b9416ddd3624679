"""`skillcred verify` and `skillcred replay`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from skillcred.cli.exits import VERDICT_EXITS
from skillcred.cli.files import read_input, write_output
from skillcred.cli.local import open_verifier
from skillcred.cli.report_text import build_presentation_lines, build_report_lines
from skillcred.cli.terminal import print_json, print_lines
from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.model.datetimes import parse_instant
from skillcred.verification import (
    AnyReport,
    PresentationReport,
    build_presentation_report_json,
    build_report_json,
    replay_any_bundle,
)
from skillcred.verification.bundle import MAX_BUNDLE_BYTES


class ReportFormat(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[ReportFormat, typer.Option("--format", help="How to print the report.")]


def verify(
    file: Annotated[
        str,
        typer.Argument(
            help="The credential, presentation or badge, or - for standard input.", show_default=False
        ),
    ],
    report_format: FormatOption = ReportFormat.TEXT,
    at: Annotated[
        str | None,
        typer.Option(
            help="Judge as of this instant (2026-05-01T12:00:00Z) instead of now.", show_default=False
        ),
    ] = None,
    asked_at: Annotated[
        str | None,
        typer.Option(
            help="Tell also whether the issuer was authorised on this date; it changes no verdict.",
            show_default=False,
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use the local registry only; fetch nothing.")
    ] = False,
    status_list: Annotated[
        list[str] | None,
        typer.Option(
            help="With --at: a status list of then that you kept; stands in for the one published now.",
            show_default=False,
        ),
    ] = None,
    save_evidence: Annotated[
        Path | None,
        typer.Option(
            help="Write the credential and all evidence to this file, for `replay`.", show_default=False
        ),
    ] = None,
) -> None:
    """Verify a credential or a presentation. Exit code: 0 valid, 1 invalid, 2 indeterminate."""
    instant = None if at is None else parse_instant(at)
    content = read_input(file, max_bytes=MAX_BYTES)
    kept_lists = [read_input(kept, max_bytes=MAX_BYTES) for kept in status_list or ()]
    with open_verifier() as verify_document:
        verification = verify_document.upload(
            content,
            at=instant,
            offline=offline,
            asked_at=None if asked_at is None else parse_instant(asked_at),
            kept_lists=kept_lists,
        )
    if save_evidence is not None:
        write_output(save_evidence, verification.bundle())
    _conclude(verification.report, report_format)


def replay(
    bundle: Annotated[
        str, typer.Argument(help="A file that `verify --save-evidence` wrote.", show_default=False)
    ],
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Reach a saved verdict again from its evidence, offline. Prints the same report, with the same exit code."""
    _conclude(replay_any_bundle(read_input(bundle, max_bytes=MAX_BUNDLE_BYTES)), report_format)


def _conclude(report: AnyReport, report_format: ReportFormat) -> None:
    presented = isinstance(report, PresentationReport)
    shown = (
        build_presentation_report_json(report)
        if isinstance(report, PresentationReport)
        else build_report_json(report)
    )
    if report_format is ReportFormat.JSON:
        print_json(shown)
    elif presented:
        print_lines(build_presentation_lines(shown))
    else:
        print_lines(build_report_lines(shown))
    raise typer.Exit(VERDICT_EXITS[report.verdict])

"""`skillcred recognise` and `skillcred recognition`: what credentials are worth in another country."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from skillcred.adapters.clock import SystemClock
from skillcred.cli.files import read_input
from skillcred.cli.local import open_verifier
from skillcred.cli.terminal import print_json, print_line, print_table, visible
from skillcred.cli.verification import FormatOption, ReportFormat
from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.recognition.case import RecognitionResult
from skillcred.recognition.records import Purpose, Source, TimeLimit
from skillcred.recognition.wire import QuestionError, build_result_json, read_day
from skillcred.recognition.wording import DISCLAIMER, WHO_DECIDES, get_sentence
from skillcred.services.pair_view import build_pair_json
from skillcred.services.recognition import Recognition, RecognitionRequest

app = typer.Typer(no_args_is_help=True)
AtOption = Annotated[
    str | None, typer.Option(help="Day that is asked about, 2026-03-01.", show_default="today")
]


def recognise(
    to: Annotated[str, typer.Option("--to", help="Destination, ISO 3166-1 alpha-2.", show_default=False)],
    purpose: Annotated[
        str, typer.Option(help="regulated-profession, non-regulated-work, study, immigration or credit.")
    ],
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE...", help="Credentials of one holder.")
    ] = None,
    occupation: Annotated[str | None, typer.Option(help="ISCO-08 code.", show_default=False)] = None,
    at: AtOption = None,
    said: Annotated[
        list[str] | None, typer.Option(help="Code of a condition that the holder says is met.")
    ] = None,
    nationality: Annotated[
        str | None, typer.Option(help="Only for agreements whose text uses it.", show_default=False)
    ] = None,
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Tell what credentials may expect in another country, and why. The competent body decides."""
    with open_verifier() as verify_document:
        result = Recognition(verify_document, SystemClock())(
            RecognitionRequest(
                documents=[read_input(name, max_bytes=MAX_BYTES) for name in files or []],
                destination=to,
                purpose=_purpose(purpose),
                occupation=occupation,
                at=_day(at),
                said=tuple(said or ()),
                nationality=nationality,
            )
        )
    if report_format is ReportFormat.JSON:
        print_json(build_result_json(result))
    else:
        _show(result)


@app.command("between")
def between(
    origin: Annotated[str, typer.Argument(help="ISO 3166-1 alpha-2.", show_default=False)],
    destination: Annotated[str, typer.Argument(help="ISO 3166-1 alpha-2.", show_default=False)],
    at: AtOption = None,
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Tell what exists for people who go from one country to another."""
    with open_verifier() as verify_document:
        pair = Recognition(verify_document, SystemClock()).between(origin, destination, _day(at))
    if report_format is ReportFormat.JSON:
        print_json(build_pair_json(pair))
        return
    print_table(
        ("agreement", "name", "on that day"),
        [(f.agreement.id, visible(f.agreement.name), get_sentence(f.reason)) for f in pair.agreements],
    )
    print_table(
        ("procedure", "name", "who decides"),
        [(p.id, visible(p.name), visible(p.competent_body)) for p in pair.procedures],
    )
    print_line(DISCLAIMER)


def _show(result: RecognitionResult) -> None:
    print_line(f"{result.outcome.value}: {get_sentence(result.outcome.value)}")
    print_line(f"{get_sentence(result.nature.value)} {DISCLAIMER} {WHO_DECIDES}")
    for heading, codes in (
        ("To bring", result.bring),
        ("Differences", result.differences),
        ("What would change it", result.would_change),
        ("Uncertain", result.uncertain),
    ):
        if codes:
            print_line(f"{heading}: " + " ".join(get_sentence(code) for code in codes))
    for procedure in result.procedures:
        print_line(f"{procedure.name}: {procedure.competent_body}")
        print_line(
            f"  decides within: {_within(procedure.decide)}; receipt confirmed within: "
            f"{_within(procedure.acknowledge)}; {_named(procedure.sources)}, as of {procedure.as_of}"
        )
    print_table(
        ("rule", "step", "result", "source", "as of"),
        [
            (
                line.rule_id,
                line.inputs.get("condition", line.inputs.get("element", line.step)),
                get_sentence(line.result),
                _named(line.sources),
                line.as_of,
            )
            for line in result.lines
        ],
    )


def _named(sources: tuple[Source, ...]) -> str:
    return visible("; ".join(source.address or source.title for source in sources))


def _within(limit: TimeLimit | None) -> str:
    return "no limit seen" if limit is None else f"{limit.count} {limit.unit.replace('_', ' ')}(s)"


def _purpose(text: str) -> Purpose:
    try:
        return Purpose(text.replace("-", "_"))
    except ValueError:
        raise QuestionError("There is no such purpose.", code="recognition_unknown_purpose") from None


def _day(text: str | None) -> date | None:
    return None if text is None else read_day(text, "/at")

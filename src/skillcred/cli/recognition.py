"""`skillcred recognise` and `skillcred recognition`: what credentials are worth in another country."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

import typer

from skillcred.adapters.clock import SystemClock
from skillcred.bootstrap import build_verifier_without_database
from skillcred.cli.files import read_input
from skillcred.cli.local import open_application
from skillcred.cli.terminal import print_json, print_line, print_table, visible
from skillcred.cli.verification import FormatOption, ReportFormat
from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.profiles import Level
from skillcred.recognition.case import RecognitionResult
from skillcred.recognition.plain_text import build_plain_text
from skillcred.recognition.questions import QuestionError, read_day
from skillcred.recognition.records import Purpose
from skillcred.recognition.wire import build_result_json
from skillcred.recognition.wording import DISCLAIMER, get_sentence
from skillcred.services.pair_view import build_pair_json
from skillcred.services.recognition import Recognition, RecognitionRequest
from skillcred.settings import load_settings

app = typer.Typer(no_args_is_help=True)
AtOption = Annotated[
    str | None, typer.Option(help="Day that is asked about, 2026-03-01.", show_default="today")
]


FilesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="FILE...", help="Credentials of one holder.")
]
ToOption = Annotated[str, typer.Option("--to", help="Destination, ISO 3166-1 alpha-2.", show_default=False)]
PurposeOption = Annotated[
    str, typer.Option(help="regulated-profession, non-regulated-work, study, immigration or credit.")
]
OccupationOption = Annotated[str | None, typer.Option(help="ISCO-08 code.", show_default=False)]
SaidOption = Annotated[
    list[str] | None, typer.Option(help="Code of a condition that the holder says is met.")
]
LevelOption = Annotated[
    str | None, typer.Option(help="Level that is asked for there, DE-DQR:6.", show_default=False)
]
HoursOption = Annotated[
    int | None, typer.Option(help="Hours of training that are asked for there.", show_default=False, min=1)
]
FieldOption = Annotated[
    str | None, typer.Option(help="Field of study that is asked for there, ISCED-F code.", show_default=False)
]
NationalityOption = Annotated[
    str | None, typer.Option(help="Only for agreements whose text uses it.", show_default=False)
]


def recognise(
    to: ToOption,
    purpose: PurposeOption,
    files: FilesArgument = None,
    occupation: OccupationOption = None,
    at: AtOption = None,
    said: SaidOption = None,
    level_sought: LevelOption = None,
    hours_sought: HoursOption = None,
    field_sought: FieldOption = None,
    nationality: NationalityOption = None,
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Tell what credentials may expect in another country, and why. The competent body decides."""
    request = RecognitionRequest(
        documents=[read_input(name, max_bytes=MAX_BYTES) for name in files or []],
        destination=to,
        purpose=read_purpose(purpose),
        occupation=occupation,
        at=_day(at),
        said=tuple(said or ()),
        nationality=nationality,
        level_sought=_level(level_sought),
        hours_sought=hours_sought,
        field_sought=field_sought,
    )
    with _open_recognition() as recognition:
        result = recognition(request)
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
    with _open_recognition() as recognition:
        pair = recognition.between(origin, destination, _day(at))
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


@contextmanager
def _open_recognition() -> Iterator[Recognition]:
    """With what this deployment adds to the data; without a database, with what is shipped."""
    settings = load_settings()
    if settings.database_url is None and not settings.embedded_database.is_file():
        yield Recognition(build_verifier_without_database(settings), SystemClock())
        return
    with open_application() as application:
        yield application.recognition


def _show(result: RecognitionResult) -> None:
    for line in build_plain_text(result):
        print_line(visible(line))


def read_purpose(text: str) -> Purpose:
    """A purpose as people write it. Raises `QuestionError`."""
    try:
        return Purpose(text.replace("-", "_"))
    except ValueError:
        raise QuestionError("There is no such purpose.", code="recognition_unknown_purpose") from None


def _level(text: str | None) -> Level | None:
    if text is None:
        return None
    framework, colon, code = text.partition(":")
    if not (framework and colon and code):
        raise QuestionError("A level is written like DE-DQR:6.", pointer="/level_sought")
    return Level(framework, code)


def _day(text: str | None) -> date | None:
    return None if text is None else read_day(text, "/at")

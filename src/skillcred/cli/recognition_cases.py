"""`skillcred recognition advise` and `skillcred recognition cases`: statements, and cases before an authority."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.cli.files import read_input, write_output
from skillcred.cli.local import OrganisationOption, actor_for, open_application, operator_of
from skillcred.cli.recognition import (
    FilesArgument,
    OccupationOption,
    PurposeOption,
    SaidOption,
    ToOption,
    read_purpose,
)
from skillcred.cli.terminal import print_bytes, print_json, print_line, print_table
from skillcred.cli.yaml_files import MAX_YAML_BYTES, parse_yaml_object
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.recognition.case import Answer
from skillcred.recognition.progress import read_decision
from skillcred.recognition.questions import QuestionError, read_choice
from skillcred.recognition.workflow import CaseState, Decision
from skillcred.services.case_records import RecognitionCase
from skillcred.services.read_recognition_cases import build_case_json
from skillcred.services.recognition import RecognitionRequest

app = typer.Typer(no_args_is_help=True)
CaseArgument = Annotated[str, typer.Argument(help="Id, as `cases list` shows it.", show_default=False)]
OutputOption = Annotated[Path | None, typer.Option(help="File.", show_default="standard output")]
KeyOption = Annotated[str, typer.Option(help="The same key gives the same bytes.", show_default=False)]
_OPTIONAL: Final[JsonObject] = {
    "stage": "final",
    "measures": [],
    "differences": [],
    "appeal": None,
    "final_due": None,
}


def advise(
    to: ToOption,
    purpose: PurposeOption,
    idempotency_key: KeyOption,
    files: FilesArgument = None,
    occupation: OccupationOption = None,
    said: SaidOption = None,
    output: OutputOption = None,
) -> None:
    """Sign, as the operator, a statement that advises on recognition. It decides nothing."""
    with open_application() as application:
        stored = application.issue_recognition_statement.advise(
            operator_of(application), _request(files, to, purpose, occupation, said), idempotency_key
        )
    _write(stored.content, output)


@app.command("list")
def list_cases(
    organisation: OrganisationOption,
    state: Annotated[CaseState | None, typer.Option(help="Only these.", show_default="all")] = None,
) -> None:
    """List the cases of an authority with their deadlines."""
    with open_application() as application:
        found = application.read_recognition_cases.list_all(actor_for(application, organisation), state)
    print_table(
        ("id", "state", "decide by", "overdue"),
        [
            (case.id, case.progress.state.value, str(due.decide_by or ""), " ".join(due.overdue))
            for case, due in found
        ],
    )


@app.command("show")
def show(organisation: OrganisationOption, case_id: CaseArgument) -> None:
    """Show a case with the prepared comparison and what happened, as JSON."""
    with open_application() as application:
        view = application.read_recognition_cases.get(actor_for(application, organisation), case_id)
    print_json(build_case_json(view))


@app.command("submit")
def submit(
    organisation: OrganisationOption,
    to: ToOption,
    purpose: PurposeOption,
    files: FilesArgument = None,
    occupation: OccupationOption = None,
    said: SaidOption = None,
    authority: Annotated[
        str | None, typer.Option(help="DID of the authority.", show_default="the organisation itself")
    ] = None,
) -> None:
    """Submit a case to an authority."""
    with open_application() as application:
        case = application.submit_recognition_case(
            actor_for(application, organisation), _request(files, to, purpose, occupation, said), authority
        )
    _tell(case)


@app.command("take")
def take(organisation: OrganisationOption, case_id: CaseArgument) -> None:
    """Take a case, which confirms its receipt."""
    with open_application() as application:
        _tell(application.assess_recognition_case.take(actor_for(application, organisation), case_id))


@app.command("ask")
def ask(
    organisation: OrganisationOption,
    case_id: CaseArgument,
    items: Annotated[list[str], typer.Argument(help="What is asked for.", show_default=False)],
) -> None:
    """Ask for more evidence; until it comes no time limit runs."""
    with open_application() as application:
        actor = actor_for(application, organisation)
        _tell(application.assess_recognition_case.request_evidence(actor, case_id, items))


@app.command("add")
def add(
    organisation: OrganisationOption,
    case_id: CaseArgument,
    files: Annotated[list[str], typer.Argument(help="Credentials.", show_default=False)],
) -> None:
    """Hand in more evidence."""
    contents = [read_input(name, max_bytes=MAX_BYTES) for name in files]
    with open_application() as application:
        actor = actor_for(application, organisation)
        _tell(application.submit_recognition_case.add_evidence(actor, case_id, contents))


@app.command("find")
def find(
    organisation: OrganisationOption,
    case_id: CaseArgument,
    element: Annotated[list[str] | None, typer.Option(help="profile=not_met", show_default=False)] = None,
    condition: Annotated[list[str] | None, typer.Option(help="home_licence=met", show_default=False)] = None,
) -> None:
    """Record what the authority found; not_met on an element is a substantial difference."""
    with open_application() as application:
        case = application.assess_recognition_case.record_findings(
            actor_for(application, organisation),
            case_id,
            elements=_answers(element, "/element"),
            conditions=_answers(condition, "/condition"),
        )
    _tell(case)


@app.command("decide")
def decide(
    organisation: OrganisationOption,
    case_id: CaseArgument,
    file: Annotated[
        str,
        typer.Argument(
            help="YAML or JSON: kind, reasons, and where they apply stage, measures, differences, appeal, final_due.",
            show_default=False,
        ),
    ],
) -> None:
    """Decide a case."""
    decision = _read_decision(parse_yaml_object(read_input(file, max_bytes=MAX_YAML_BYTES)))
    with open_application() as application:
        actor = actor_for(application, organisation)
        _tell(application.assess_recognition_case.decide(actor, case_id, decision))


@app.command("issue")
def issue(organisation: OrganisationOption, case_id: CaseArgument, output: OutputOption = None) -> None:
    """Sign the statement of the decision; again gives the same bytes."""
    with open_application() as application:
        actor = actor_for(application, organisation)
        _, stored = application.issue_recognition_statement.decide(actor, case_id)
    _write(stored.content, output)


@app.command("withdraw")
def withdraw(organisation: OrganisationOption, case_id: CaseArgument) -> None:
    """Take a case back before it is decided; its credentials are erased."""
    with open_application() as application:
        _tell(application.assess_recognition_case.withdraw(actor_for(application, organisation), case_id))


@app.command("annul")
def annul(
    organisation: OrganisationOption,
    case_id: CaseArgument,
    reason: Annotated[str, typer.Option(help="Why.", show_default=False)],
) -> None:
    """Set a decision aside; its statement is revoked."""
    with open_application() as application:
        actor = actor_for(application, organisation)
        _tell(application.assess_recognition_case.annul(actor, case_id, reason))


def _request(
    files: list[str] | None, to: str, purpose: str, occupation: str | None, said: list[str] | None
) -> RecognitionRequest:
    return RecognitionRequest(
        documents=[read_input(name, max_bytes=MAX_BYTES) for name in files or []],
        destination=to,
        purpose=read_purpose(purpose),
        occupation=occupation,
        said=tuple(said or ()),
    )


def _answers(items: list[str] | None, pointer: str) -> dict[str, Answer]:
    found = {}
    for item in items or []:
        name, _, value = item.partition("=")
        found[name] = read_choice(Answer, value, pointer)
    return found


def _read_decision(document: JsonObject) -> Decision:
    given = {**_OPTIONAL, **document}
    measures = given["measures"] if isinstance(given["measures"], list) else []
    given["measures"] = [
        {"description": None, "until": None, **item} if isinstance(item, dict) else item for item in measures
    ]
    try:
        return read_decision(given)
    except (KeyError, TypeError, ValueError):
        raise QuestionError("This is no decision as it is written here.", pointer="/") from None


def _tell(case: RecognitionCase) -> None:
    print_line(f"{case.id} {case.progress.state.value}")


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        print_bytes(content)
    else:
        write_output(output, content)

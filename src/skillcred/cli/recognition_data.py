"""`skillcred recognition import`, `tables`, `sign-rules`, `vouch`, `vouchings`: what a deployment adds to the data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.cli.exits import USAGE
from skillcred.cli.files import read_input, write_output
from skillcred.cli.local import OrganisationOption, actor_for, open_application, operator_of
from skillcred.cli.terminal import print_bytes, print_line, print_table, visible
from skillcred.services.import_recognition_table import TableImport
from skillcred.services.listed_rows import MAX_LIST_BYTES
from skillcred.services.vouch_for_rules import MAX_VOUCHING_BYTES, VouchingError

MAX_SHOWN_PROBLEMS: Final = 50
LabelOption = Annotated[
    str, typer.Option(help="Name of the table (a-z, 0-9, dot, hyphen).", show_default=False)
]


def import_table(
    file: Annotated[str, typer.Argument(help="CSV, or - for standard input.", show_default=False)],
    label: LabelOption,
    as_of: Annotated[str, typer.Option(help="Day of its data, 2026-11-23.", show_default=False)],
    confirm: Annotated[
        str | None,
        typer.Option(
            help="Digest that the preview showed; without it nothing is changed.", show_default=False
        ),
    ] = None,
) -> None:
    """Show what a table of named qualifications would add; with --confirm, take it over."""
    content = read_input(file, max_bytes=MAX_LIST_BYTES)
    with open_application() as application:
        actor = operator_of(application)
        service = application.import_recognition_table
        if confirm is None:
            plan = service.preview(actor, content, label=label, as_of=as_of)
        else:
            plan = service.confirm(actor, content, label=label, as_of=as_of, digest=confirm)
    _show(plan)
    if plan.problems:
        raise typer.Exit(USAGE)
    if confirm is None:
        print_line(f"Nothing was changed. To take it over: --confirm {plan.digest}")
    else:
        print_line("Taken over.")


def tables() -> None:
    """List the tables that were imported."""
    with open_application() as application:
        found = application.import_recognition_table.list_all(operator_of(application))
    print_table(
        ("label", "as of", "imported", "sha256"),
        [(item.label, item.as_of, item.imported_at.isoformat(), item.sha256) for item in found],
    )


def remove_table(label: LabelOption) -> None:
    """Take a table out again."""
    with open_application() as application:
        application.import_recognition_table.remove(operator_of(application), label)
    print_line("Removed.")


def sign_rules(
    organisation: OrganisationOption,
    rules: Annotated[list[str], typer.Argument(help="Ids of records.", show_default=False)],
    idempotency_key: Annotated[
        str, typer.Option(help="The same key gives the same bytes.", show_default=False)
    ],
    output: Annotated[Path | None, typer.Option(help="File.", show_default="standard output")] = None,
) -> None:
    """An enrolled body signs that records of the recognition data are right."""
    with open_application() as application:
        stored = application.vouch_for_rules.sign(
            actor_for(application, organisation), rules, idempotency_key
        )
    if output is None:
        print_bytes(stored.content)
    else:
        write_output(output, stored.content)


def vouch(
    file: Annotated[str, typer.Argument(help="What a body signed, or -.", show_default=False)],
) -> None:
    """Take over what an enrolled body signed about rules, after verifying it."""
    content = read_input(file, max_bytes=MAX_VOUCHING_BYTES)
    with open_application() as application:
        checked = application.vouch_for_rules.add(operator_of(application), content)
    for item in checked.vouchings:
        print_line(f"{item.record_id}: vouched for by {visible(item.by_name)} since {item.since}")


def vouchings() -> None:
    """List what bodies vouch for, each verified now."""
    rows = []
    with open_application() as application:
        service = application.vouch_for_rules
        for item in service.list_all(operator_of(application)):
            try:
                checked = service.check(item.content)
            except VouchingError as error:
                rows.append((item.sha256, "", error.code))
                continue
            rows += [(item.sha256, found.record_id, f"by {found.by_name}") for found in checked.vouchings]
            rows += [(item.sha256, name, "the record is another now") for name in checked.changed]
    print_table(("sha256", "rule", "state"), [(sha, rule, visible(state)) for sha, rule, state in rows])


def remove_vouching(
    sha256: Annotated[str, typer.Argument(help="As `recognition vouchings` shows it.", show_default=False)],
) -> None:
    """Take a vouching out again."""
    with open_application() as application:
        application.vouch_for_rules.remove(operator_of(application), sha256)
    print_line("Removed.")


def _show(plan: TableImport) -> None:
    print_line(f"{plan.rows} rows from {len(plan.countries)} countries, as of {plan.as_of}")
    if plan.replaces is not None:
        print_line(f"in place of {plan.replaces} rows of the table {plan.label}")
    for problem in plan.problems[:MAX_SHOWN_PROBLEMS]:
        print_line(f"row {problem.row}: {problem.code}: {visible(problem.message)}")
    if len(plan.problems) > MAX_SHOWN_PROBLEMS:
        print_line(f"… and {len(plan.problems) - MAX_SHOWN_PROBLEMS} more")

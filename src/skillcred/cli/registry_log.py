"""`skillcred registry log`: what changed in the registry, whether the record of it is whole, and checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.cli.files import read_input, write_output
from skillcred.cli.local import open_application, operator_of
from skillcred.cli.terminal import print_line, print_table, visible
from skillcred.model.datetimes import format_instant
from skillcred.services.checkpoints import MAX_CHECKPOINT_BYTES, encode_checkpoint, parse_checkpoint
from skillcred.services.compare_registry_tables import TableComparison

FAULTS: Final = 1
"""Exit code where something is wrong with the log."""
_SAYS: Final = {
    "entry_altered": "the entry is not as it was written",
    "entry_missing": "an entry is missing here",
    "entry_out_of_place": "the entry is not in its place",
    "chain_broken": "the entry does not follow the one before it",
    "log_truncated": "the checkpoint knows this entry, and the log does not have it",
    "log_rewritten": "the checkpoint knows another entry of this number",
    "checkpoint_signature": "the signature of the checkpoint is wrong",
    "checkpoint_key_unknown": "the checkpoint is signed with a key that the operator does not have here",
    "checkpoint_key_compromised": "the checkpoint was signed when its key was compromised",
}

_ROW_SAYS: Final = {
    "row_missing": "the log tells of it, and it is not there",
    "row_not_logged": "it is there, and the log does not tell of it",
    "row_differs": "it is not what the log tells",
}

app = typer.Typer(no_args_is_help=True)


@app.command("show")
def show(
    after: Annotated[int, typer.Option(help="Only entries with higher numbers.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="Most entries to show.", min=1, max=10_000)] = 100,
) -> None:
    """Show entries of the log."""
    with open_application() as application:
        entries = application.read_registry_log(after=after, limit=limit)
    print_table(
        ("number", "at", "actor", "action", "subject", "sha256"),
        [
            (
                str(entry.number),
                format_instant(entry.at),
                visible(entry.actor),
                visible(entry.action),
                visible(entry.subject),
                entry.sha256[:16],
            )
            for entry in entries
        ],
    )


@app.command("verify")
def verify(
    checkpoint: Annotated[
        list[str] | None,
        typer.Option(
            help="File of a checkpoint that was kept elsewhere; may be repeated.", show_default="none"
        ),
    ] = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="Also compare what is recorded with what the log tells.")
    ] = False,
) -> None:
    """Read the whole log through; exit code 1 if an entry was edited, taken out, swapped or put in, or (--tables) if an
    enrolment, accreditation, event or recorded key is not what the log tells.

    A log that was cut off, restored from an old copy or computed anew is found only against a checkpoint."""
    kept = [parse_checkpoint(read_input(name, max_bytes=MAX_CHECKPOINT_BYTES)) for name in checkpoint or ()]
    with open_application() as application:
        found = application.verify_registry_log(kept)
        # A log that is not whole tells nothing about the tables.
        compared = application.compare_registry_tables() if tables and not found.faults else None
    for fault in found.faults:
        print_line(f"FAULT  entry {fault.number}: {fault.code}: {_SAYS[fault.code]}", "bold red")
    if found.faults:
        raise typer.Exit(FAULTS)
    print_line(f"ok     {found.entries} entries, last {found.last_sha256 or '-'}")
    if kept:
        print_line(f"ok     {found.checkpoints} checkpoints agree")
    else:
        print_line("note   no checkpoint was compared: entries cut off at the end would not be noticed")
    if compared is not None:
        _show_tables(compared)


def _show_tables(compared: TableComparison) -> None:
    for fault in compared.faults:
        row = f"{fault.row.table} {visible(fault.row.key)}"
        print_line(f"FAULT  {row}: {fault.code}: {_ROW_SAYS[fault.code]}", "bold red")
    if compared.faults:
        raise typer.Exit(FAULTS)
    print_line(f"ok     {compared.rows} rows of the registry are what the log tells")
    print_line("note   imported lists, proposals, and keys that are kept here are not compared")


@app.command("checkpoint")
def checkpoint(
    to: Annotated[
        Path, typer.Option(help="Where to write it. Keep it on another machine.", show_default=False)
    ],
) -> None:
    """Verify the log and sign how far it has come, with the operator's key."""
    with open_application() as application:
        made = application.make_checkpoint(operator_of(application))
    write_output(to, encode_checkpoint(made))
    print_line(f"entry {made.number}, digest {made.sha256}: written to {to}")

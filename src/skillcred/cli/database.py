"""`skillcred db`."""

from __future__ import annotations

import typer

from skillcred.bootstrap import upgrade_database
from skillcred.cli.terminal import print_line
from skillcred.settings import load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def common() -> None:
    """Keeps `upgrade` a command of its own, so that more can join it."""


@app.command("upgrade")
def upgrade() -> None:
    """Make the database, or bring it to the form that this version needs."""
    upgrade_database(load_settings())
    print_line("The database is up to date.")

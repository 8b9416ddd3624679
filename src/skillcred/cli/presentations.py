"""`skillcred presentations`."""

from __future__ import annotations

import typer

from skillcred.cli.local import open_application
from skillcred.cli.terminal import print_line

app = typer.Typer(no_args_is_help=True)


@app.callback()
def common() -> None:
    """Keeps `purge` a command of its own, so that more can join it."""


@app.command("purge")
def purge() -> None:
    """Forget what is due: what was shown and not verified for 15 minutes, and what the page asked a day ago. A serving
    process does it every minute by itself."""
    with open_application() as application:
        purged = application.presenting.purge()
    print_line(
        f"Requests ended: {purged.expired}. Presentations forgotten: {purged.forgotten}. "
        f"Requests deleted: {purged.deleted}."
    )

"""Commands about what wallets have shown."""

from __future__ import annotations

import typer

app = typer.Typer(help="What wallets have shown to this deployment.", no_args_is_help=True)

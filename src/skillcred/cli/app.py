"""The table of commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from skillcred import __version__
from skillcred.cli import (
    api_keys,
    badges,
    database,
    fsck,
    issuing,
    keys,
    offers,
    organisations,
    presentations,
    recognition,
    recognition_cases,
    recognition_data,
    registry,
    serving,
    skills,
    status,
    vc_jose,
    vc_json_schema,
    verification,
    wallet,
)
from skillcred.cli.demo import command as demo
from skillcred.cli.terminal import print_line


@dataclass
class Invocation:
    """What the command line says beside the command."""

    traceback: bool = False


app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Issue and verify skill credentials, and tell who vouches for the issuer.",
    epilog="Settings come from SKILLCRED_… variables; docs/operations.md lists them and the exit codes.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print_line(f"skillcred {__version__}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where a fault arose.")] = False,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options that come before the command."""
    if isinstance(context.obj, Invocation):
        context.obj.traceback = traceback


app.command()(verification.verify)
app.command()(verification.replay)
app.command()(recognition.recognise)
app.command()(skills.skills)
app.command()(skills.occupations)
app.command()(issuing.issue)
app.command()(serving.serve)
app.command()(fsck.fsck)
app.command()(demo.demo)
app.add_typer(badges.app, name="credentials", help="Signed credentials as files.")
app.add_typer(offers.app, name="offers", help="Credentials prepared for people's wallets.")
app.add_typer(status.app, name="status", help="Revoke and suspend credentials.")
app.add_typer(registry.app, name="registry", help="National bodies and accreditations.")
recognition.app.command("import")(recognition_data.import_table)
recognition.app.command("tables")(recognition_data.tables)
recognition.app.command("remove-table")(recognition_data.remove_table)
recognition.app.command("sign-rules")(recognition_data.sign_rules)
recognition.app.command("vouch")(recognition_data.vouch)
recognition.app.command("vouchings")(recognition_data.vouchings)
recognition.app.command("remove-vouching")(recognition_data.remove_vouching)
recognition.app.command("advise")(recognition_cases.advise)
recognition.app.add_typer(recognition_cases.app, name="cases", help="Cases before an authority.")
app.add_typer(recognition.app, name="recognition", help="What exists between countries.")
app.add_typer(skills.data, name="data", help="Data of others that this deployment uses.")
app.add_typer(organisations.app, name="organisations", help="Organisations that use this deployment.")
app.add_typer(keys.app, name="keys", help="Signing keys of an organisation.")
app.add_typer(api_keys.app, name="api-keys", help="Secrets for calling the HTTP interface and signing in.")
app.add_typer(presentations.app, name="presentations", help="What wallets have shown to this deployment.")
app.add_typer(wallet.app, name="wallet", help="A holder's own wallet: get credentials, show them.")
app.add_typer(database.app, name="db", help="The database.")
app.add_typer(vc_jose.app, name="vc-jose", help="Envelopes by a key in a file, for the W3C test suite.")
app.add_typer(vc_json_schema.app, name="vc-json-schema", help="The W3C suite for schemas of credentials.")

"""`skillcred keys`."""

from __future__ import annotations

from typing import Annotated

import typer

from skillcred.cli.exits import UNAVAILABLE
from skillcred.cli.files import read_input
from skillcred.cli.local import OrganisationOption, actor_for, open_application
from skillcred.cli.terminal import print_line, print_table
from skillcred.keys.certificates import MAX_ANCHOR_BYTES
from skillcred.keys.public_key import Algorithm
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.services.records import SigningKey

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_all(organisation: OrganisationOption) -> None:
    """List the keys of an organisation, also those no longer in use."""
    with open_application() as application:
        keys = application.list_keys(actor_for(application, organisation))
    _show(list(keys))


@app.command("create")
def create(
    organisation: OrganisationOption,
    algorithm: Annotated[Algorithm, typer.Option(help="Algorithm of the key.")] = Algorithm.ED25519,
) -> None:
    """Make a key of an algorithm that the organisation has no active key of."""
    with open_application() as application:
        key = application.create_key(actor_for(application, organisation), algorithm.value)
    _show([key])


@app.command("rotate")
def rotate(
    organisation: OrganisationOption,
    algorithm: Annotated[
        Algorithm | None, typer.Option(help="Algorithm of the new key; that of the old one unless given.")
    ] = None,
) -> None:
    """Make a new active key and retire the old one. What the old one signed still verifies."""
    with open_application() as application:
        key = application.rotate_key(
            actor_for(application, organisation), algorithm.value if algorithm else None
        )
    _show([key])


@app.command("retire")
def retire(
    organisation: OrganisationOption,
    key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.", show_default=False)],
) -> None:
    """Stop signing with a key. What it signed while it was active still verifies."""
    with open_application() as application:
        key = application.retire_key(actor_for(application, organisation), key_id)
    _show([key])


@app.command("compromise")
def compromise(
    organisation: OrganisationOption,
    key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.", show_default=False)],
    since: Annotated[
        str | None,
        typer.Option(help="Since when somebody else may have it (2026-09-01T00:00:00Z).", show_default="now"),
    ] = None,
) -> None:
    """Report a key as stolen, for good: only what provably existed before is believed. Before it, `keys rotate` makes
    the next one. Status lists that it signed are signed anew with a sound key; exit code 69 if that cannot be."""
    with open_application() as application:
        done = application.report_stolen_key(
            actor_for(application, organisation),
            key_id,
            None if since is None else parse_instant(since),
        )
    _show([done.key])
    for publication in done.lists.published:
        print_line(f"signed anew: status list {publication.list_id}/{publication.view.value}")
    for failure in done.lists.failed:
        print_line(
            f"NOT SIGNED ANEW  status list {failure.list_id}/{failure.view.value}: {failure.code}", "bold red"
        )
    if done.lists.failed:
        print_line("Until these lists are signed with a sound key, no credential in them is valid anywhere.")
        print_line("Make a key (skillcred keys create), then: skillcred status publish --all")
        raise typer.Exit(UNAVAILABLE)


@app.command("request-certificate")
def request_certificate(
    organisation: OrganisationOption,
    key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.", show_default=False)],
) -> None:
    """Print what an authority wants to see to certify a key (PKCS #10), with the organisation's address as the name."""
    with open_application() as application:
        request = application.request_certificate(actor_for(application, organisation), key_id)
    typer.echo(request.decode("ascii"), nl=False)


@app.command("certify")
def certify(
    organisation: OrganisationOption,
    key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.", show_default=False)],
    certificates: Annotated[
        str | None,
        typer.Argument(
            help="Certificates in PEM, that of the key first; - for standard input.", show_default=False
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Sign without certificates again.")] = False,
) -> None:
    """Put certificates beside an active key; SD-JWT VCs that it signs have them in their header (x5c)."""
    if (certificates is None) != remove:
        raise typer.BadParameter("Give a file of certificates, or --remove.")
    content = None if certificates is None else read_input(certificates, max_bytes=MAX_ANCHOR_BYTES)
    with open_application() as application:
        key = application.certify_key(actor_for(application, organisation), key_id, content)
    _show([key])


def _show(keys: list[SigningKey]) -> None:
    print_table(
        ("state", "algorithm", "active from", "retired", "id"),
        [
            (
                key.state.value,
                key.algorithm,
                format_instant(key.activated_at),
                format_instant(key.retired_at) if key.retired_at else "-",
                key.id,
            )
            for key in keys
        ],
    )

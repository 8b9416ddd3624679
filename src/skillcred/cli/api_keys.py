"""`skillcred api-keys`."""

from __future__ import annotations

from typing import Annotated

import typer

from skillcred.cli.local import (
    OrganisationOption,
    actor_for,
    find_organisation,
    open_application,
    operator_of,
)
from skillcred.cli.terminal import print_line, print_table
from skillcred.model.datetimes import format_instant
from skillcred.services.permissions import ROLE_OF_KIND

app = typer.Typer(no_args_is_help=True)


@app.command("create")
def create(
    organisation: OrganisationOption,
    label: Annotated[str, typer.Option(help="What it is for; not the name of a person.", show_default=False)],
) -> None:
    """Make an API key and print its secret, which is shown only this once."""
    with open_application() as application:
        target = find_organisation(application, organisation)
        role = ROLE_OF_KIND[target.kind]
        _, secret = application.create_api_key(operator_of(application), target.id, role, label)
    print_line(secret)


@app.command("list")
def list_all(organisation: OrganisationOption) -> None:
    """List the API keys of an organisation, without their secrets."""
    with open_application() as application:
        keys = application.list_api_keys(actor_for(application, organisation))
    print_table(
        ("id", "role", "created", "revoked", "label"),
        [
            (
                key.id,
                key.role.value,
                format_instant(key.created_at),
                format_instant(key.revoked_at) if key.revoked_at else "-",
                key.label,
            )
            for key in keys
        ],
    )


@app.command("revoke")
def revoke(
    organisation: OrganisationOption,
    api_key_id: Annotated[
        str, typer.Argument(help="The key's id, as `api-keys list` shows it.", show_default=False)
    ],
) -> None:
    """Revoke an API key. It stops working at once."""
    with open_application() as application:
        application.revoke_api_key(actor_for(application, organisation), api_key_id)
    print_line(f"revoked {api_key_id}")

"""`skillcred organisations`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from skillcred.cli.local import open_application, operator_of
from skillcred.cli.terminal import print_table
from skillcred.keys.public_key import Algorithm
from skillcred.services.records import Organisation, OrganisationKind

app = typer.Typer(no_args_is_help=True)


class DidMethod(StrEnum):
    """How an organisation is identified: by an address of this service, or by its first key for ever."""

    WEB = "web"
    KEY = "key"


@app.command("create")
def create(
    kind: Annotated[OrganisationKind, typer.Option(help="What it is here for.", show_default=False)],
    slug: Annotated[
        str, typer.Option(help="Short name in lower case; part of its did:web.", show_default=False)
    ],
    name: Annotated[str, typer.Option(help="Name that people know it by.", show_default=False)],
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2 code.", show_default=False)],
    did_method: Annotated[
        DidMethod, typer.Option(help="web: keys can be rotated. key: they cannot.")
    ] = DidMethod.WEB,
    algorithm: Annotated[Algorithm, typer.Option(help="Algorithm of its first key.")] = Algorithm.ED25519,
    did: Annotated[
        str | None,
        typer.Option(
            help="The DID of a body that keeps its keys elsewhere; none is made.", show_default="made"
        ),
    ] = None,
) -> None:
    """Admit an organisation and make its first key. The first one must be the operator."""
    with open_application() as application:
        organisation = application.create_organisation(
            actor=None if kind is OrganisationKind.OPERATOR else operator_of(application),
            kind=kind,
            slug=slug,
            name=name,
            country=country,
            did_method=did_method.value,
            algorithm=algorithm.value,
            did=did,
        )
    _show([organisation])


@app.command("list")
def list_all() -> None:
    """List the organisations."""
    with open_application() as application:
        organisations = application.list_organisations()
    _show(organisations)


def _show(organisations: list[Organisation]) -> None:
    print_table(
        ("slug", "kind", "country", "name", "did"),
        [(o.slug, o.kind.value, o.country, o.name, o.did) for o in organisations],
    )

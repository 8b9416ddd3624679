"""`skillcred issue`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skillcred.cli.files import read_input, write_output
from skillcred.cli.local import OrganisationOption, actor_for, open_application
from skillcred.cli.terminal import print_bytes
from skillcred.encoding.strict_json import MAX_BYTES, parse_json_object
from skillcred.profiles import PROFILES
from skillcred.securing import EXPERIMENTAL_NAMES, MECHANISM_NAMES
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.issuing import DEFAULT_MECHANISM


def issue(
    organisation: OrganisationOption,
    profile: Annotated[
        str, typer.Option(help=f"Kind of credential: {', '.join(PROFILES)}.", show_default=False)
    ],
    claims: Annotated[
        str,
        typer.Option(
            help="File with what the credential says (JSON), or - for standard input.", show_default=False
        ),
    ],
    idempotency_key: Annotated[
        str, typer.Option(help="The same key and claims again give the same bytes again.", show_default=False)
    ],
    mechanism: Annotated[
        str, typer.Option(help=f"How it is secured: {', '.join(MECHANISM_NAMES)}.")
    ] = DEFAULT_MECHANISM,
    second_mechanism: Annotated[
        str | None,
        typer.Option(
            help=f"An experimental proof beside it: {', '.join(EXPERIMENTAL_NAMES) or 'none here'}.",
            show_default="none",
        ),
    ] = None,
    holder_key: Annotated[
        Path | None,
        typer.Option(
            help="File with the public key of the holder (JWK), for dc+sd-jwt and vc+sd-jwt.",
            show_default="none",
        ),
    ] = None,
    renews: Annotated[
        str | None, typer.Option(help="Id of the credential that this one takes the place of.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Write to this file.", show_default="standard output")
    ] = None,
) -> None:
    """Issue and sign a credential in the name of a provider."""
    document = parse_json_object(read_input(claims, max_bytes=MAX_BYTES))
    key = None if holder_key is None else parse_json_object(read_input(str(holder_key), max_bytes=MAX_BYTES))
    request = IssuanceRequest(
        profile, document, mechanism, holder_key=key, second_mechanism=second_mechanism, renews=renews
    )
    with open_application() as application:
        actor = actor_for(application, organisation)
        stored = application.issue_credential(actor, request, idempotency_key)
    if output is None:
        print_bytes(stored.content)
    else:
        write_output(output, stored.content)

"""`skillcred status scheme`, `message` and `refresh`: what credentials tell beside revocation and suspension."""

from __future__ import annotations

from typing import Annotated

import typer

from skillcred.cli.local import OrganisationOption, actor_for, open_application
from skillcred.cli.terminal import print_line
from skillcred.model.datetimes import format_instant
from skillcred.services.records import StatusEventKind
from skillcred.status.scheme import StatusScheme

CredentialArgument = Annotated[str, typer.Argument(help="Id of the credential.", show_default=False)]
ReasonOption = Annotated[str, typer.Option(help="Why; kept with the event.", show_default=False)]


def scheme(
    organisation: OrganisationOption,
    message: Annotated[
        list[str] | None,
        typer.Option("--message", help="A message, for the values from 0 on; 2, 4, 8, ... 256 of them."),
    ] = None,
    reference: Annotated[
        list[str] | None, typer.Option("--reference", help="A web address that tells more of the messages.")
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="A newer version can be announced.")] = False,
    nothing: Annotated[bool, typer.Option("--none", help="Nothing more is told.")] = False,
) -> None:
    """See what the next credentials can tell beside revocation and suspension, or settle it anew."""
    wanted = bool(message or reference or refresh)
    if wanted and nothing:
        raise typer.BadParameter("Say --none, or what is told.")
    with open_application() as application:
        actor = actor_for(application, organisation)
        if wanted or nothing:
            found = application.status_schemes.set(
                actor, messages=message or (), references=reference or (), refresh=refresh
            )
        else:
            found = application.status_schemes.get(actor)
    _show(found)


def message(
    credential: CredentialArgument,
    organisation: OrganisationOption,
    reason: ReasonOption,
    value: Annotated[int, typer.Option(help="The number of the message.", show_default=False)],
) -> None:
    """Set the message of a credential."""
    _record(credential, organisation, StatusEventKind.MESSAGE, value, reason)


def refresh(credential: CredentialArgument, organisation: OrganisationOption, reason: ReasonOption) -> None:
    """Announce that there is a newer version of a credential, for good."""
    _record(credential, organisation, StatusEventKind.REFRESH, 1, reason)


def _record(credential: str, organisation: str, kind: StatusEventKind, value: int, reason: str) -> None:
    with open_application() as application:
        actor = actor_for(application, organisation)
        event = application.status_schemes.record_value(
            actor, credential, kind=kind, value=value, reason=reason
        )
    print_line(f"{event.kind.value} {event.value} since {format_instant(event.recorded_at)}")


def _show(found: StatusScheme) -> None:
    for value, text in enumerate(found.messages):
        print_line(f"message {value}: {text}")
    for address in found.references:
        print_line(f"reference: {address}")
    print_line(f"refresh: {'yes' if found.refresh else 'no'}")

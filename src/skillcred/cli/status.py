"""`skillcred status`: revoke and suspend credentials, publish lists, and prove that they lost nothing."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from skillcred.cli.exits import UNAVAILABLE
from skillcred.cli.files import read_input
from skillcred.cli.local import OrganisationOption, actor_for, open_application
from skillcred.cli.status_batches import cancel_batch, revoke_batch
from skillcred.cli.status_schemes import message, refresh, scheme
from skillcred.cli.terminal import print_line, print_table
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.services.list_status_lists import SMALL_HERD
from skillcred.services.records import StatusEventKind

MAX_LIST_BYTES: Final = 2 * 1024 * 1024
"""Most bytes of a published list of ours, whose bits compress to a tenth of that at worst."""

app = typer.Typer(no_args_is_help=True)

CredentialArgument = Annotated[str, typer.Argument(help="Id of the credential.", show_default=False)]
ReasonOption = Annotated[str, typer.Option(help="Why; kept with the event.", show_default=False)]
EffectiveOption = Annotated[
    str | None,
    typer.Option("--effective", help="Since when (2026-09-01T00:00:00Z).", show_default="now"),
]


@app.command("revoke")
def revoke(
    credential: CredentialArgument,
    organisation: OrganisationOption,
    reason: ReasonOption,
    effective: EffectiveOption = None,
) -> None:
    """Revoke a credential, for good."""
    _change(credential, organisation, StatusEventKind.REVOKED, reason, effective)


@app.command("suspend")
def suspend(credential: CredentialArgument, organisation: OrganisationOption, reason: ReasonOption) -> None:
    """Suspend a credential for now."""
    _change(credential, organisation, StatusEventKind.SUSPENDED, reason, None)


@app.command("reinstate")
def reinstate(credential: CredentialArgument, organisation: OrganisationOption, reason: ReasonOption) -> None:
    """Lift the suspension of a credential."""
    _change(credential, organisation, StatusEventKind.REINSTATED, reason, None)


@app.command("publish")
def publish(
    status_list: Annotated[
        str | None, typer.Argument(help="Id of a list.", metavar="LIST", show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All lists of this deployment.")] = False,
) -> None:
    """Publish the lists that lack something or are about to end; exit code 69 if one of them could not be."""
    if every == (status_list is not None):
        raise typer.BadParameter("Name one list, or say --all.")
    with open_application() as application:
        done = application.publish_due_lists(status_list)
    for publication in done.published:
        print_line(f"published {publication.list_id}/{publication.view.value} version {publication.version}")
    for failure in done.failed:
        print_line(f"not published {failure.list_id}/{failure.view.value}: {failure.code}", "bold red")
    if done.failed:
        raise typer.Exit(UNAVAILABLE)
    if not done.published:
        print_line("nothing to publish")


@app.command("lists")
def lists(organisation: OrganisationOption) -> None:
    """List the status lists of an organisation, and how many entries of each were given out."""
    with open_application() as application:
        found = application.list_status_lists(actor_for(application, organisation))
    print_table(
        ("list", "state", "given out", "of", "changes"),
        [
            (
                item.record.id,
                "open" if item.record.closed_at is None else "closed",
                str(item.record.allocated),
                str(item.record.length),
                str(item.record.events),
            )
            for item in found
        ],
    )
    for item in found:
        if item.small_herd:
            print_line(
                f"{item.record.id}: fewer than {SMALL_HERD} credentials share this list, so whoever watches it and "
                "knows some of their holders may guess who a change is about"
            )


@app.command("recover")
def recover(
    published: Annotated[str, typer.Argument(help="A published list; - for standard input.", metavar="FILE")],
    organisation: OrganisationOption,
) -> None:
    """Take over what a published list says, after an older backup was put back."""
    content = read_input(published, max_bytes=MAX_LIST_BYTES)
    with open_application() as application:
        found = application.recover_status_list(actor_for(application, organisation), content)
    print_line(
        f"{found.list_id}/{found.view.value}: {found.changed} changed, {found.given_up} entries given up"
    )


app.command("revoke-batch")(revoke_batch)
app.command("cancel-batch")(cancel_batch)
app.command("scheme")(scheme)
app.command("message")(message)
app.command("refresh")(refresh)


def _change(
    credential: str, organisation: str, kind: StatusEventKind, reason: str, effective: str | None
) -> None:
    effective_at = None if effective is None else parse_instant(effective)
    with open_application() as application:
        actor = actor_for(application, organisation)
        event = application.change_status(
            actor, credential, kind=kind, reason=reason, effective_at=effective_at
        )
    print_line(f"{event.kind.value} since {format_instant(event.effective_at)}")

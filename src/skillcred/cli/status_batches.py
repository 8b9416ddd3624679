"""`skillcred status revoke-batch` and `cancel-batch`: many credentials under one reason, with progress, resumable."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Annotated, Final

import typer

from skillcred.bootstrap import Application
from skillcred.cli.files import read_input
from skillcred.cli.local import OrganisationOption, actor_for, open_application
from skillcred.cli.terminal import print_line, print_table
from skillcred.errors import InputError
from skillcred.model.datetimes import parse_instant
from skillcred.services.batch_records import BatchSelection, BatchState, StatusBatch
from skillcred.services.records import Actor, StatusEventKind
from skillcred.services.start_status_batch import StatusBatchRequest

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
FAILED: Final = 1
"""Exit code where a credential could not be changed, or the batch was cancelled."""


class BatchOptionsError(InputError):
    """The options do not say what to do."""

    default_code = "batch_options"


def revoke_batch(
    organisation: OrganisationOption,
    reason: Annotated[str | None, typer.Option(help="Why; kept with each event.")] = None,
    ids: Annotated[
        str | None,
        typer.Option(help="File with the ids of credentials, one a line, or - for standard input."),
    ] = None,
    issued_under: Annotated[
        str | None, typer.Option(help="What the idempotency keys of an issuance batch start with.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Kind of credential.")] = None,
    issued_from: Annotated[
        str | None, typer.Option(help="Issued at or after (2026-09-01T00:00:00Z).")
    ] = None,
    issued_until: Annotated[str | None, typer.Option(help="Issued before.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Verification method that signed; it must not sign any more.")
    ] = None,
    effective: Annotated[
        str | None, typer.Option(help="Since when they should not have been relied on.", show_default="now")
    ] = None,
    suspend: Annotated[bool, typer.Option("--suspend", help="Suspend them instead.")] = False,
    reinstate: Annotated[bool, typer.Option("--reinstate", help="Lift their suspension instead.")] = False,
    resume: Annotated[
        str | None, typer.Option(help="Id of a batch that was interrupted; go on with it.")
    ] = None,
) -> None:
    """Revoke many credentials, for good: those listed in a file, or those that meet every condition."""
    selection = BatchSelection(
        credential_ids=() if ids is None else _read_ids(ids),
        issued_under=issued_under,
        profile=profile,
        issued_from=None if issued_from is None else parse_instant(issued_from),
        issued_until=None if issued_until is None else parse_instant(issued_until),
        verification_method=key,
    )
    stated = bool(selection.credential_ids) or selection.is_stated
    if (resume is None) == (reason is None) or (
        resume is not None and (stated or effective or suspend or reinstate)
    ):
        raise BatchOptionsError("Give either a reason and which credentials, or --resume and nothing else.")
    if suspend and reinstate:
        raise BatchOptionsError("Say either --suspend or --reinstate.")
    with open_application() as application:
        actor = actor_for(application, organisation)
        if resume is None:
            request = StatusBatchRequest(
                _kind(suspend=suspend, reinstate=reinstate),
                reason or "",
                selection,
                None if effective is None else parse_instant(effective),
            )
            batch_id = application.start_status_batch(actor, request, secrets.token_hex(20)).id
        else:
            batch_id = application.get_status_batch(actor, resume).batch.id
        print_line(f"batch {batch_id}")
        _show(application.run_status_batches.run(batch_id))
        batch = _show_end(application, actor, batch_id)
    if batch.failed or batch.state is BatchState.CANCELLED:
        raise typer.Exit(FAILED)


def cancel_batch(
    organisation: OrganisationOption,
    batch_id: Annotated[
        str, typer.Argument(metavar="BATCH", help="Id that the start of it printed.", show_default=False)
    ],
) -> None:
    """Stop a batch that is under way. What was changed stays changed; the rest is left alone."""
    with open_application() as application:
        actor = actor_for(application, organisation)
        application.cancel_status_batch(actor, batch_id)
        batch = _show_end(application, actor, batch_id)
    print_line(f"{batch.total - batch.next_number + 1} left alone")


def _kind(*, suspend: bool, reinstate: bool) -> StatusEventKind:
    if reinstate:
        return StatusEventKind.REINSTATED
    return StatusEventKind.SUSPENDED if suspend else StatusEventKind.REVOKED


def _read_ids(file: str) -> tuple[str, ...]:
    try:
        text = read_input(file, max_bytes=MAX_FILE_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BatchOptionsError("The file of ids is not UTF-8.") from error
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _show(progress: Iterable[StatusBatch]) -> None:
    """One line for each tenth of the work."""
    told = 0
    for batch in progress:
        seen = batch.next_number - 1
        tenth = seen * 10 // max(1, batch.total)
        if tenth > told:
            told = tenth
            print_line(f"{seen} of {batch.total}")


def _show_end(application: Application, actor: Actor, batch_id: str) -> StatusBatch:
    progress = application.get_status_batch(actor, batch_id)
    batch = progress.batch
    print_line(
        f"{batch.state.value}: {batch.done} changed, {batch.already} already so, {batch.failed} failed"
    )
    if progress.failures:
        rows = [(item.credential_id, item.outcome or "") for item in progress.failures]
        print_table(("credential", "why"), rows)
    return batch

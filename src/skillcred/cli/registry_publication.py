"""`skillcred registry publish`, and the verified copy of a registry that somebody publishes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.adapters.clock import SystemClock
from skillcred.adapters.registry.views import MAX_VIEW_BYTES
from skillcred.bootstrap import build_registry_updater
from skillcred.cli.files import read_input, write_output
from skillcred.cli.local import open_application, operator_of
from skillcred.cli.terminal import print_line, visible
from skillcred.model.datetimes import format_instant
from skillcred.services.publication_ports import CopyState
from skillcred.services.publish_registry import DEFAULT_KEEP, MIN_KEEP
from skillcred.settings import load_settings

SPLIT: Final = 1
"""Exit code where verifiers were shown different things."""

copy = typer.Typer(no_args_is_help=True)


def publish(
    to: Annotated[Path, typer.Option(help="Folder that a static file server gives out.", show_default=False)],
    keep_days: Annotated[
        int,
        typer.Option(help="Days for which files stay that the registry names no more.", min=MIN_KEEP.days),
    ] = DEFAULT_KEEP.days,
) -> None:
    """Publish the registry: sign what changed, renew what would run out. Run it every day, and after changes."""
    with open_application() as application:
        done = application.publish_registry(operator_of(application), to, keep=timedelta(days=keep_days))
    for subject, code in sorted(done.left_out.items()):
        print_line(f"LEFT OUT  {visible(subject)}: {code}", "bold yellow")
    for body, code in sorted(done.kept.items()):
        print_line(f"KEPT      {visible(body)}: {code}", "bold yellow")
    print_line(f"{done.statements} accreditations are published")
    if done.removed:
        print_line(f"{done.removed} old files were removed")
    print_line(f"signed anew: {', '.join(done.signed) or 'nothing'}")


def update() -> None:
    """Bring the copy of the published registry up to date. What does not verify is not used: the old copy stays."""
    settings = load_settings()
    _show(build_registry_updater(settings)())


@copy.command("status")
def status() -> None:
    """Check all of the copy again, and tell how old it is and until when it may be used."""
    _show(build_registry_updater(load_settings()).state())


@copy.command("view")
def view(
    to: Annotated[Path, typer.Option(help="Where to write it.", show_default=False)],
) -> None:
    """Write what this verifier was shown: the signed list of all files, and the checkpoint of the log. Send it to other
    verifiers, by another way than the registry's."""
    write_output(to, build_registry_updater(load_settings()).view())
    print_line(f"written to {to}")


@copy.command("compare")
def compare(
    views: Annotated[
        list[str], typer.Argument(help="Files that other verifiers wrote with `view`.", show_default=False)
    ],
) -> None:
    """Compare with what other verifiers were shown; exit code 1 if the registry shows different things to different
    people."""
    updater = build_registry_updater(load_settings())
    split = False
    for name in views:
        found = updater.compare(read_input(name, max_bytes=MAX_VIEW_BYTES))
        for differing in found.differing:
            print_line(f"SPLIT  {visible(name)}: {differing} is not the same there", "bold red")
        if found.differing:
            split = True
        elif found.compared or found.checkpoints:
            print_line(f"ok     {visible(name)}: {found.compared} files in the same version are the same")
        else:
            print_line(f"note   {visible(name)}: nothing in the same version; compare again after an update")
    if split:
        raise typer.Exit(SPLIT)


def _show(state: CopyState) -> None:
    info = state.info
    now = SystemClock().now()
    print_line(f"version   {info.timestamp_version} (snapshot {info.snapshot_version})")
    print_line(f"updated   {format_instant(info.updated_at)} ({_span(info.updated_at, now)} ago)")
    print_line(f"usable    until {format_instant(info.expires_at)} ({_span(now, info.expires_at)} from now)")
    for did, code in sorted(state.left_out.items()):
        print_line(f"LEFT OUT  {visible(did)}: {code}", "bold yellow")


def _span(earlier: datetime, later: datetime) -> str:
    """A length of time as people say it."""
    minutes = max(0, int((later - earlier).total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 72 * 60 else f"{minutes // 1440} days"

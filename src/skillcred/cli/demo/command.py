"""`skillcred demo`: the main job in a throw-away folder; exit 0 only if every verdict was as expected."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import typer

from skillcred.adapters.clock import SystemClock
from skillcred.cli.demo.cast import BODY, UNIVERSITY, UNKNOWN_COLLEGE, WELDING_SCHOOL, Part, Player, engage
from skillcred.cli.demo.client import DemoClient
from skillcred.cli.demo.folder import DemoFolder
from skillcred.cli.demo.service_process import find_free_port, running_service
from skillcred.cli.demo.story import Exhibit, tell
from skillcred.cli.report_text import Line, build_report_lines, build_short_report_lines
from skillcred.cli.terminal import print_line, print_lines
from skillcred.encoding.json_types import JsonObject
from skillcred.model.datetimes import format_instant

NOT_AS_EXPECTED = 1


def demo() -> None:
    """Run the main job, end to end, on a service of its own. Exit code 0 only if every verdict was as expected."""
    with tempfile.TemporaryDirectory(prefix="skillcred-demo-") as name:
        folder = DemoFolder(Path(name), f"http://127.0.0.1:{find_free_port()}")
        print_line("A service of its own, in a folder that is thrown away afterwards.", "bold")
        players = engage(folder.settings())
        with (
            running_service(folder.base_url, folder.variables(), folder.root / "service.log"),
            DemoClient(folder.base_url) as client,
        ):
            as_expected = _play(client, players, folder.base_url)
    if not as_expected:
        print_line("Some verdicts were not as expected.", "bold red")
        raise typer.Exit(NOT_AS_EXPECTED)
    print_line("All verdicts were as expected.", "bold green")


def _play(client: DemoClient, players: Mapping[Part, Player], base_url: str) -> bool:
    print_line(f"It answers at {base_url}; everything below goes through its HTTP interface.")
    told = tell(client, players)
    for number, line in enumerate(
        (
            f"The registry enrolled a national body: {BODY.name}",
            f"The body accredited {UNIVERSITY.name} to award nursing qualifications",
            f"The body accredited {WELDING_SCHOOL.name} for training in welding, and nothing else",
            f"{UNKNOWN_COLLEGE.name} was accredited by nobody",
            f"{UNIVERSITY.name} issued a nursing qualification to its holder",
            "An employer uploads what candidates sent:",
        ),
        start=1,
    ):
        print_line(f"{number}. {line}")
    genuine, *others = told.exhibits
    results = [_upload(client, genuine, build_report_lines)]
    results += [_upload(client, exhibit, build_short_report_lines) for exhibit in others]
    client.suspend(
        players[BODY].secret,
        told.accreditation_id,
        format_instant(SystemClock().now()),
        "Inspection of the clinical placements (demo).",
    )
    later = replace(
        genuine,
        what="the genuine credential again, after the body has suspended the university",
        reason="issuer_authorised_then",
    )
    return all([*results, _upload(client, later, build_short_report_lines)])


def _upload(client: DemoClient, exhibit: Exhibit, build_lines: Callable[[JsonObject], list[Line]]) -> bool:
    print_line("")
    print_line(f"── {exhibit.file_name}: {exhibit.what}", "bold")
    report = client.upload(exhibit.file_name, exhibit.content)
    print_lines((f"   {text}" if text else "", style) for text, style in build_lines(report))
    if (report["verdict"], report["reason"]) == (exhibit.verdict, exhibit.reason):
        return True
    print_line(f"   Expected was: {exhibit.verdict} ({exhibit.reason})", "bold red")
    return False

"""`skillcred demo`: the main job in a throw-away folder; exit 0 only if every verdict was as expected."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import typer

from skillcred.adapters.clock import SystemClock
from skillcred.bootstrap import build_application
from skillcred.cli.demo.cast import UNIVERSITY, UNKNOWN_COLLEGE, WELDING_SCHOOL, Part, Player, engage
from skillcred.cli.demo.client import DemoClient
from skillcred.cli.demo.folder import DemoFolder
from skillcred.cli.demo.holder import claim_into_wallet, present_to_employer
from skillcred.cli.demo.service_process import find_free_port, running_service
from skillcred.cli.demo.story import NURSING_CHAIN, Exhibit, tell
from skillcred.cli.demo.turns import Paper, Turn, make_change
from skillcred.cli.report_text import Line, build_report_lines, build_short_report_lines
from skillcred.cli.terminal import print_line, print_lines
from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.model.datetimes import format_instant
from skillcred.services.report_bytes import encode_report
from skillcred.services.verify_document import Verification
from skillcred.settings import Settings
from skillcred.verification import replay_bundle

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
            as_expected = _play(client, players, folder)
    if not as_expected:
        print_line("Something was not as expected.", "bold red")
        raise typer.Exit(NOT_AS_EXPECTED)
    print_line("All verdicts were as expected.", "bold green")


def _play(client: DemoClient, players: Mapping[Part, Player], folder: DemoFolder) -> bool:
    print_line(f"It answers at {folder.base_url}; bodies, providers and employers use its HTTP interface.")
    told = tell(client, players)
    print_line("Three countries enrolled, each body accredits another below it, and that one a provider:")
    for chain in (NURSING_CHAIN, *(turn.chain for turn in told.turns)):
        print_line(f"  {chain[0].country}  {_in_words(chain)}")
    print_line(
        f"{WELDING_SCHOOL.name} may train welders and nothing else. Nobody accredited {UNKNOWN_COLLEGE.name}."
    )
    print_line(f"{UNIVERSITY.name} issued a nursing qualification. An employer uploads what candidates sent:")
    genuine, *others = told.exhibits
    results = [_upload(client, genuine, build_report_lines)]
    results += [_upload(client, exhibit, build_short_report_lines) for exhibit in others]
    wallet = claim_into_wallet(client, players, folder)
    print_line("")
    print_line("── Later: what becomes of a provider, and what its credentials are worth then", "bold")
    for turn in (told.suspend_at(format_instant(SystemClock().now())), *told.turns):
        before = _verify_and_keep(folder.settings(), turn.papers)
        make_change(client, players, turn)
        _announce(turn)
        results += [
            _compare(client, turn, paper, kept) for paper, kept in zip(turn.papers, before, strict=True)
        ]
    results.append(present_to_employer(client, players, wallet))
    return all(results)


def _in_words(chain: tuple[Part, ...]) -> str:
    return " → ".join(part.name for part in chain)


def _upload(client: DemoClient, exhibit: Exhibit, build_lines: Callable[[JsonObject], list[Line]]) -> bool:
    print_line("")
    print_line(f"── {exhibit.file_name}: {exhibit.what}", "bold")
    report = client.upload(exhibit.file_name, exhibit.content)
    print_lines((f"   {text}" if text else "", style) for text, style in build_lines(report))
    if (report["verdict"], report["reason"]) == (exhibit.verdict, exhibit.reason):
        return True
    print_line(f"   Expected was: {exhibit.verdict} ({exhibit.reason})", "bold red")
    return False


def _verify_and_keep(settings: Settings, papers: tuple[Paper, ...]) -> list[Verification]:
    """The papers verified on the machine itself, with their evidence, as `skillcred verify --save-evidence` does."""
    application = build_application(settings)
    try:
        return [application.verify_document(paper.content) for paper in papers]
    finally:
        application.close()


def _announce(turn: Turn) -> None:
    provider, above = turn.chain[-1].name, turn.chain[-2].name
    if turn.successor is None:
        change = f"{above}: the accreditation of {provider} is {turn.kind}"
    else:
        kind, part = turn.successor
        change = f"{above}: {part.name} follows {provider} ({kind})"
    print_line(f"   {turn.chain[0].country}  {change}, from {turn.effective_at[:10]}")


def _compare(client: DemoClient, turn: Turn, paper: Paper, kept: Verification) -> bool:
    """Whether the verdict is what the dates say, and the evidence from before still gives the report from before."""
    report = client.upload(paper.file_name, paper.content)
    replayed = replay_bundle(kept.bundle())
    same = encode_report(replayed) == encode_report(kept.report)
    now, reason = report["verdict"], report["reason"]
    print_line(
        f"       awarded {paper.awarded}   before: {kept.report.verdict.value.upper()}   "
        f"now: {str(now).upper()} ({reason}, {turn.finding})   "
        f"replayed: {replayed.verdict.value.upper()}, {'the same' if same else 'ANOTHER'} report"
    )
    if (
        same
        and (now, reason) == (paper.verdict, paper.reason)
        and kept.report.reason == "issuer_authorised"
        and turn.finding in _finding_codes(report)
    ):
        return True
    print_line(
        f"   Expected was: valid before and when replayed, now {paper.verdict} ({paper.reason})", "bold red"
    )
    return False


def _finding_codes(report: JsonObject) -> set[str]:
    """The codes of the warnings and of what the checks found."""
    steps = [step for step in as_list(report["steps"]) if isinstance(step, dict)]
    findings = [*as_list(report["warnings"]), *(item for step in steps for item in as_list(step["problems"]))]
    return {str(finding["code"]) for finding in findings if isinstance(finding, dict)}

"""`skillcred demo`, as `make demo` runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from skillcred.cli import run
from skillcred.cli.demo import command
from skillcred.cli.demo.client import DemoClient, ServiceRefusedError
from skillcred.cli.demo.folder import DemoFolder
from skillcred.cli.demo.holder import claim_into_wallet, present_to_employer
from skillcred.cli.demo.service_process import ServiceNotStartedError, find_free_port, running_service
from skillcred.cli.demo.story import tell
from worlds.commands import start_skillcred


def test_demo_tells_every_verdict_and_leaves_nothing_behind(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    result = subprocess.run(
        [sys.executable, "-m", "skillcred.cli", "demo"],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    verdicts = re.findall(r"^   (VALID|INVALID|INDETERMINATE)  \((\w+)\)$", result.stdout, re.MULTILINE)
    assert verdicts == [
        ("VALID", "issuer_authorised"),
        ("INVALID", "signature_wrong"),
        ("INDETERMINATE", "issuer_not_recognised"),
        ("INVALID", "issuer_not_authorised"),
    ]
    later = re.findall(
        r"awarded (\S+)   before: (\w+)   now: (\w+) \((\w+), (\w+)\)   replayed: (\w+), the same report$",
        result.stdout,
        re.MULTILINE,
    )
    then, not_then = ("VALID", "issuer_authorised_then"), ("INVALID", "issuer_not_authorised")
    assert later == [
        ("2024-06-14", "VALID", *then, "accreditation_suspended", "VALID"),
        ("2024-03-28", "VALID", *then, "accreditation_ended", "VALID"),
        ("2025-03-28", "VALID", *not_then, "accreditation_ended", "VALID"),
        ("2024-05-29", "VALID", *then, "accreditation_succeeded", "VALID"),
        ("2025-05-29", "VALID", *not_then, "accreditation_succeeded", "VALID"),
    ]
    chains = re.findall(r"^  ([A-Z]{2})  (.+) → (.+) → (.+)$", result.stdout, re.MULTILINE)
    assert [country for country, *_ in chains] == ["PH", "KE", "TH"]
    assert "   Her wallet checked it and keeps it, bound to a key of hers (dc+sd-jwt)." in result.stdout
    *_, employer, name_kept, end = result.stdout.rstrip().splitlines()
    assert employer == "   The employer sees: VALID  (issuer_authorised_then), and that it is hers."
    assert name_kept == "   Her name was not asked for, and was not shown."
    assert end == "All verdicts were as expected."
    assert "\x1b" not in result.stdout
    assert list(temporary.iterdir()) == []
    assert list(tmp_path.iterdir()) == [temporary]


def test_demo_fails_if_a_verdict_is_another_or_a_change_does_not_do_what_its_date_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    genuine_tell, genuine_change = command.tell, command.make_change

    def tell_wrongly(*arguments: Any) -> Any:
        told = genuine_tell(*arguments)
        first, forged, *others = told.exhibits
        return replace(told, exhibits=(first, replace(forged, content=first.content), *others))

    def change_wrongly(client: Any, players: Any, turn: Any) -> None:
        genuine_change(
            client,
            players,
            replace(turn, effective_at="2026-01-01T00:00:00Z") if turn.kind == "ended" else turn,
        )

    monkeypatch.setattr(command, "running_service", partial(running_service, start=start_skillcred))
    monkeypatch.setattr(command, "tell", tell_wrongly)
    monkeypatch.setattr(command, "make_change", change_wrongly)
    assert run(["demo"]) == 1
    output = capsys.readouterr().out
    assert "Expected was: invalid (signature_wrong)" in output
    assert "Expected was: valid before and when replayed" in output
    assert output.rstrip().endswith("Something was not as expected.")


def test_a_wallet_that_gets_or_shows_nothing_is_told(
    demo_service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With links that lead to nothing, the holder's part ends with a code, and is not as expected."""
    folder = DemoFolder(tmp_path, demo_service.base_url)

    def astray(found: Any, name: str) -> Any:
        return found | {name: str(found[name])[:-6] + "000000"}

    offer, ask = DemoClient.offer, DemoClient.ask
    elsewhere = DemoFolder(tmp_path / "other", demo_service.base_url)
    elsewhere.root.mkdir()
    with DemoClient(demo_service.base_url) as client:
        with monkeypatch.context() as patched:
            patched.setattr(
                DemoClient, "offer", lambda *found: astray(offer(*found), "offer_uri_by_reference")
            )
            assert claim_into_wallet(client, demo_service.players, elsewhere) is None
        wallet = claim_into_wallet(client, demo_service.players, folder)
        assert wallet is not None
        monkeypatch.setattr(DemoClient, "ask", lambda *found: astray(ask(*found), "link"))
        assert not present_to_employer(client, demo_service.players, wallet)
        assert not present_to_employer(client, demo_service.players, None)
    output = capsys.readouterr().out
    assert output.count("   It ended with ") == 2


def test_story_can_be_told_twice(demo_service: Any) -> None:
    """`skillcred serve --demo` in the same folder again gives the same files."""
    with DemoClient(demo_service.base_url) as client:
        again = tell(client, demo_service.players)
    assert again == demo_service.told


def test_service_that_does_not_start_says_why(tmp_path: Path) -> None:
    base_url = f"http://127.0.0.1:{find_free_port()}"
    with (
        pytest.raises(ServiceNotStartedError, match="unknown_setting"),
        running_service(
            base_url, {"SKILLCRED_NO_SUCH_SETTING": "1"}, tmp_path / "service.log", start_skillcred
        ),
    ):
        pytest.fail("it started")


def test_client_does_not_take_a_refusal_for_an_answer(demo_service: Any) -> None:
    with DemoClient(demo_service.base_url) as client, pytest.raises(ServiceRefusedError, match="401"):
        client.enrol("wrong", {"did": "did:web:body.example", "name": "Body", "country": "PH"})

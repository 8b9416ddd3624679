"""`skillcred status revoke-batch` as a process of its own: progress, a kill in the middle, and going on."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skillcred.model.outcomes import Verdict
from skillcred.services.batch_records import BatchSelection
from skillcred.services.start_status_batch import StatusBatchRequest
from worlds.application import DemoRegistry, build_demo_registry
from worlds.commands import run_skillcred_text

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DemoRegistry]:
    demo = build_demo_registry(tmp_path)
    yield demo
    demo.application.close()


@pytest.fixture
def command(registry: DemoRegistry, tmp_path: Path) -> Command:
    settings = registry.application.settings
    places = {
        "SKILLCRED_DATABASE_URL": settings.database_address,
        "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
    }

    def run(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        verb = "revoke-batch" if arguments[:1] != ("cancel-batch",) else "cancel-batch"
        command = ("status", verb, "-o", "welding-school", *(item for item in arguments if item != verb))
        return run_skillcred_text(*command, cwd=tmp_path, variables=places | variables, stdin=stdin)

    return run


def test_killed_and_resumed(registry: DemoRegistry, command: Command) -> None:
    made = [registry.issue(f"intake/{number}") for number in range(3)]
    other = registry.issue("other")
    crash = {"SKILLCRED_CRASH_POINTS_ENABLED": "true", "SKILLCRED_CRASH": "before-batch-chunk-commit:1"}
    died = command("--reason", "A typo.", "--issued-under", "intake/", **crash)
    assert died.returncode == -signal.SIGKILL, died.stderr
    [batch_id] = re.findall(r"^batch ([0-9a-f]{40})$", died.stdout, re.MULTILINE)

    def verdicts() -> list[Verdict]:
        application = registry.application
        return [application.verify_document(item.content).report.verdict for item in (*made, other)]

    assert verdicts() == [Verdict.VALID] * 4
    resumed = command("--resume", batch_id)
    assert resumed.returncode == 0, resumed.stderr
    assert "3 of 3\n" in resumed.stdout
    assert "finished: 3 changed, 0 already so, 0 failed" in resumed.stdout
    assert verdicts() == [Verdict.INVALID] * 3 + [Verdict.VALID]


def test_a_list_of_ids_with_an_unknown_one(registry: DemoRegistry, command: Command) -> None:
    made = registry.issue()
    done = command("--reason", "A typo.", "--ids", "-", stdin=f"{made.credential_id}\n\nurn:nothing\n")
    assert done.returncode == 1, done.stderr
    assert "finished: 1 changed, 0 already so, 1 failed" in done.stdout
    assert re.search(r"^urn:nothing +no_status$", done.stdout, re.MULTILINE)
    lifted = command("--reason", "None.", "--reinstate", "--ids", "-", stdin=f"{made.credential_id}\n")
    assert lifted.returncode == 1, lifted.stderr
    assert "status_final" in lifted.stdout  # revoked is for good


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "batch_options"),
        (("--reason", "x", "--profile", "training"), "nothing_selected"),
        (("--reason", "x", "--profile", "training", "--suspend", "--reinstate"), "batch_options"),
    ],
)
def test_what_is_refused(command: Command, arguments: tuple[str, ...], code: str) -> None:
    refused = command(*arguments)
    assert refused.returncode == 64
    assert refused.stderr.startswith(f"skillcred: {code}: "), refused.stderr


def test_a_batch_that_was_interrupted_is_cancelled(registry: DemoRegistry, command: Command) -> None:
    made = registry.issue("intake/0")
    request = StatusBatchRequest(
        "revoked", "A mistake.", BatchSelection(credential_ids=(made.credential_id,))
    )
    batch = registry.application.start_status_batch(registry.provider, request, "mistake")
    cancelled = command("cancel-batch", batch.id)
    assert cancelled.returncode == 0, cancelled.stderr
    assert "cancelled: 0 changed, 0 already so, 0 failed" in cancelled.stdout
    assert "1 left alone" in cancelled.stdout
    resumed = command("--resume", batch.id)
    assert (resumed.returncode, "cancelled: 0 changed" in resumed.stdout) == (1, True)

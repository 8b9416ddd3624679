"""`skillcred status scheme`, `message` and `refresh` as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from skillcred.settings import PREFIX
from worlds.application import build_demo_registry


def test_from_scheme_to_message(tmp_path: Path) -> None:
    demo = build_demo_registry(tmp_path)
    settings = demo.application.settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {
        "SKILLCRED_DATABASE_URL": settings.database_address,
        "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "skillcred.cli", "status", *arguments, "-o", "welding-school"]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    assert run("scheme").stdout.split("\n")[0] == "refresh: no"
    settled = run("scheme", "--message", "In order.", "--message", "Renewal is due.", "--refresh")
    assert (settled.returncode, settled.stderr) == (0, "")
    assert (
        settled.stdout
        == run("scheme").stdout
        == ("message 0: In order.\nmessage 1: Renewal is due.\nrefresh: yes\n")
    )
    credential = demo.issue("told")
    said = run("message", credential.credential_id, "--value", "1", "--reason", "Five years are over.")
    assert said.stdout.startswith("message 1 since "), said.stderr
    assert run("refresh", credential.credential_id, "--reason", "A new edition.").returncode == 0
    wrong = run("message", credential.credential_id, "--value", "2", "--reason", "There is none.")
    assert wrong.returncode != 0
    assert "invalid_status_value" in wrong.stderr
    assert run("scheme", "--message", "one").returncode != 0
    assert run("scheme", "--none").stdout == "refresh: no\n"
    assert run("scheme", "--none", "--refresh").returncode != 0
    demo.application.close()

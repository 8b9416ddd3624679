"""`skillcred status scheme`, `message` and `refresh` as processes of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from worlds.application import build_demo_registry
from worlds.commands import run_skillcred_text


def test_from_scheme_to_message(tmp_path: Path) -> None:
    demo = build_demo_registry(tmp_path)
    settings = demo.application.settings
    variables = {
        "SKILLCRED_DATABASE_URL": settings.database_address,
        "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ("status", *arguments, "-o", "welding-school")
        return run_skillcred_text(*command, cwd=tmp_path, variables=variables)

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
    listed = run("lists").stdout.splitlines()
    assert [line.split()[1:] for line in listed[1:2]] == [["open", "1", "131072", "2"]]
    assert "fewer than 1000 credentials share this list" in listed[2]
    assert run("scheme", "--none").stdout == "refresh: no\n"
    assert run("scheme", "--none", "--refresh").returncode != 0
    demo.application.close()

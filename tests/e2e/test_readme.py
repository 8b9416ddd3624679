"""What the README tells a newcomer to type works, in the order in which it stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import missing
from skillcred.cli.demo.cast import UNIVERSITY
from skillcred.settings import PREFIX
from worlds.commands import run_skillcred_text


def blocks(readme: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def readme(project_dir: Path) -> str:
    """Its text."""
    return (project_dir / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(project_dir: Path, readme: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the commands of the tour have been run, one after the other."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(project_dir / "schemas", folder / "schemas")
    (commands,) = blocks(readme, "console")
    for line in commands.splitlines():
        program, *arguments = shlex.split(line.removeprefix("$ "))
        assert program == "skillcred"
        result = run_skillcred_text(*arguments, cwd=folder)
        assert result.returncode == 0, f"{line}\n{result.stdout}{result.stderr}"
    return folder


def shell(folder: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would type it, with the project's own programs on the path."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_tour_by_command_line(folder: Path) -> None:
    assert shell(folder, "skillcred verify nurse.json").stdout.startswith("VALID  (issuer_authorised)")
    assert (folder / "nurse-evidence.json").is_file()


def test_tour_from_python(folder: Path, readme: str) -> None:
    (program,) = blocks(readme, "python")
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert result.stdout.splitlines() == [
        "valid issuer_authorised",
        "indeterminate key_not_available ['did_document']",
    ], result.stderr


def test_tour_by_http(folder: Path, readme: str, demo_service: Any) -> None:
    if shutil.which("curl") is None:
        missing("curl is not installed")
    _, commands = blocks(readme, "sh")
    commands = commands.replace("http://127.0.0.1:8000", demo_service.base_url)
    (folder / "nurse.json").replace(folder / "own.json")
    (folder / "nurse.json").write_bytes(demo_service.credential("genuine.json"))
    verify, issue = re.split(r"\n(?=curl)", commands)
    result = shell(folder, verify)
    assert '"verdict":"valid"' in result.stdout, result.stderr
    result = shell(folder, issue, API_KEY=demo_service.players[UNIVERSITY].secret)
    assert '"proof"' in result.stdout, result.stderr


def test_two_commands_stand_near_the_top(readme: str) -> None:
    first = readme.splitlines()[:20]
    assert any(line.startswith("make demo") for line in first)
    assert any(line.startswith("make test") for line in first)

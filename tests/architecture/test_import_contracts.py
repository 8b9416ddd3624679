"""The import contracts hold, and they do fail when a room is added or an import points upwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; sys.path.insert(0, 'src'); "
        "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def copy(project_dir: Path, tmp_path: Path) -> Path:
    shutil.copy(project_dir / "pyproject.toml", tmp_path)
    shutil.copytree(
        project_dir / "src" / "skillcred",
        tmp_path / "src" / "skillcred",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return tmp_path


def test_contracts_hold(copy: Path) -> None:
    result = lint_imports(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        pytest.param("utils/__init__.py", "", "not listed as layers", id="room-outside-the-table"),
        pytest.param("keys/extra.py", "import skillcred.trust", "skillcred.keys.extra", id="import-upwards"),
        pytest.param(
            "verification/extra.py", "import httpx2", "knows no framework BROKEN", id="core-does-io"
        ),
        pytest.param("services/extra.py", "import sqlalchemy", "ports only BROKEN", id="service-knows-sql"),
    ],
)
def test_contracts_can_fail(copy: Path, file: str, line: str, broken: str) -> None:
    target = copy / "src" / "skillcred" / file
    target.parent.mkdir(exist_ok=True)
    target.write_text(f'"""Breaks a contract."""\n\n{line}\n', encoding="utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1
    assert broken in result.stdout

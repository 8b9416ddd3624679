"""The wheel holds all that the program needs at run time, and works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from skillcred.settings import PREFIX


@pytest.fixture(scope="module")
def installed(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=project_dir,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Python with the unpacked wheel before everything else on its path."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_everything_shipped_is_in_it(project_dir: Path, installed: Path) -> None:
    def files(folder: Path) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    for name in ("schemas", "alembic"):
        assert files(installed / "skillcred" / "_shipped" / name) == files(project_dir / name)
    assert files(project_dir / "src" / "skillcred") <= files(installed / "skillcred")


def test_nothing_of_the_checkout_leaks_into_it(installed: Path) -> None:
    top = {path.name.split("-")[0] for path in installed.iterdir()}
    assert top == {"skillcred"}
    assert not [path for path in installed.rglob("*") if path.suffix in {".pem", ".key", ".sqlite3"}]


def test_it_works_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "-c", "import skillcred; print(skillcred.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed)
    upgraded = run(installed, "-m", "skillcred.cli", "db", "upgrade", cwd=tmp_path)
    assert upgraded.returncode == 0, upgraded.stderr
    verified = run(installed, "-m", "skillcred.cli", "verify", "absent.json", cwd=tmp_path)
    assert verified.returncode == 64
    pages = run(
        installed,
        "-c",
        "from skillcred.web.api.shipped_documents import load_shipped_documents as load; load()",
        cwd=tmp_path,
    )
    assert pages.returncode == 0, pages.stderr

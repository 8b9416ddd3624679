"""What the documentation says is there, is there; what the repository must not hold, it does not."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from skillcred import __version__
from skillcred.settings import PREFIX, Settings

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", PROJECT / "keys" / "README.md"]
PAGES += sorted((PROJECT / "docs").rglob("*.md"))


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not target.startswith(("https://", "http://", "mailto:"))]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_commands_exist(page: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert (
        set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)) <= targets
    )


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_source_files_that_are_named_exist(page: Path) -> None:
    """`room/file.py` in backticks, relative to `src/skillcred/`, the project, or the tests."""
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|toml|jsonld)|(?:[\w-]+/)+)`", text))
    roots = (
        PROJECT / "src" / "skillcred",
        PROJECT,
        PROJECT / "src" / "skillcred" / "securing" / "data_integrity",
    )
    assert {name for name in named if not any((root / name).exists() for root in roots)} == set()


def test_every_room_is_on_the_map() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [
        entry.name + ("/" if entry.is_dir() else "")
        for entry in (PROJECT / "src" / "skillcred").iterdir()
        if entry.name not in {"__init__.py", "__pycache__", "py.typed"}
    ]
    assert [room for room in rooms if f"| `{room}` |" not in page] == []


def test_every_setting_is_documented() -> None:
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    settings = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    documented = set(re.findall(r"^\| `(SKILLCRED_[A-Z_]+)` \|", page, re.MULTILINE))
    assert documented == settings


def test_changelog_knows_this_version() -> None:
    assert f"## {__version__}" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


def committed_texts() -> list[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    if listed.returncode != 0:
        pytest.skip("this is not a git checkout")
    texts = []
    for name in listed.stdout.split("\0"):
        path = PROJECT / name
        if name and path.is_file() and path.suffix not in {".png", ".ico", ".woff2"}:
            texts.append((name, path.read_text(encoding="utf-8", errors="replace")))
    return texts


def test_no_machine_path_or_registry_address_is_committed() -> None:
    # Spelt in pieces, so that this file does not find itself.
    machine_path = re.compile("/(?:" + "|".join(["wo" + "rk", "ro" + "ot"]) + r")/[a-z.]")
    address = re.compile(
        r"https?://[^\s\"']+\.(?:whl|tgz|tar\.gz)|--(?:extra-)?index" + r"-url[ =]|regis" + "try.npmjs"
    )
    found = [name for name, text in committed_texts() if machine_path.search(text) or (address.search(text))]
    assert found == []


def test_no_secret_is_committed() -> None:
    marker = "-----BEGIN " + "(?:ENCRYPTED |EC |RSA |OPENSSH )?PRIVATE KEY-----"
    assert [name for name, text in committed_texts() if re.search(marker, text)] == []
    assert [
        name for name, _ in committed_texts() if name.startswith("keys/") and name != "keys/README.md"
    ] == []

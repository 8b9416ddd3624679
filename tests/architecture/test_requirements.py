"""Pins are complete, hashed, free of download addresses, and new enough (SECURITY W-34)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

FILES = ["runtime.txt", "dev.txt", "build.txt"]
MINIMUM = {
    # package: first version without a known fault that concerns us (SECURITY W-34)
    "cryptography": (46, 0, 5),
    "jinja2": (3, 1, 6),
    "pyjwt": (2, 12),
    "python-multipart": (0, 0, 27),
    "starlette": (1, 0),
}


def normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(project_dir: Path, file: str) -> dict[str, str]:
    text = (project_dir / "requirements" / file).read_text(encoding="utf-8")
    return {
        normalise(name): version
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE)
    }


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_hashes_and_nothing_else_is_there(project_dir: Path, file: str) -> None:
    text = (project_dir / "requirements" / file).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip()]
    assert lines
    for line in lines:
        assert re.fullmatch(
            r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+(\s*--hash=sha256:[0-9a-f]{64})+", line.strip()
        ), line[:80]


def test_what_the_project_names_is_pinned(project_dir: Path) -> None:
    project = tomllib.loads((project_dir / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {"runtime.txt": project["dependencies"] + project["optional-dependencies"]["postgresql"]}
    named["dev.txt"] = named["runtime.txt"] + project["optional-dependencies"]["dev"]
    for file, requirements in named.items():
        names = {normalise(re.split(r"[\[<>=~! ]", requirement)[0]) for requirement in requirements}
        assert names - pins(project_dir, file).keys() == set()


def test_tests_run_what_is_shipped(project_dir: Path) -> None:
    shipped, tested = pins(project_dir, "runtime.txt"), pins(project_dir, "dev.txt")
    assert {name: tested.get(name) for name in shipped} == shipped


@pytest.mark.parametrize("package", sorted(MINIMUM))
def test_no_version_with_a_known_fault(project_dir: Path, package: str) -> None:
    for file in FILES:
        version = pins(project_dir, file).get(package)
        if version is not None:
            assert tuple(int(part) for part in re.findall(r"\d+", version)) >= MINIMUM[package]

"""The makers of the case directories still work, and what they say is what stands in the directories."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest

from conformance.making.case import CASES, Case, Positive
from conformance.making.makers import all_cases

BEFORE_THE_MAKERS = 19
"""Directories from before there were makers; they are kept as they are."""


@functools.cache
def made() -> dict[str, Case | Positive]:
    cases = list(all_cases())
    by_name = {case.name: case for case in cases}
    assert len(by_name) == len(cases), "two cases of one name"
    return by_name


def test_every_maker_has_its_directory() -> None:
    there = {path.name for path in CASES.iterdir()}
    assert made().keys() <= there
    assert len(there - made().keys()) == BEFORE_THE_MAKERS


def test_directories_say_what_their_makers_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Inputs may differ where signatures are random, and where profiles have grown since; the rest may not."""
    monkeypatch.setattr("conformance.making.case.CASES", tmp_path)
    for name, case in made().items():
        case.write()
        files = {path.name for path in (CASES / name).iterdir()}
        assert files == {path.name for path in (tmp_path / name).iterdir()}, name
        for file in files & {"README.md", "expected.json"}:
            assert (CASES / name / file).read_bytes() == (tmp_path / name / file).read_bytes(), (name, file)
        assert ("request.json" in files) is bool(case.request), name
        if case.request:
            assert json.loads((CASES / name / "request.json").read_bytes()) == case.request, name

"""The worked cases of `docs/recognition/`: the engine gives what each of them says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from skillcred.recognition.engine import recognise
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.wire import build_result_json, read_question

CASES = sorted((Path(__file__).parents[3] / "docs/recognition").glob("[0-9][0-9]-*.md"))


def test_there_are_twelve() -> None:
    assert len(CASES) == 12


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worked_case(path: Path) -> None:
    asked, answered = (
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    )
    result = recognise(read_question(asked), load_shipped_data())
    shown = {
        "outcome": result.outcome.value,
        "nature": result.nature.value,
        "basis": result.basis,
        "procedures": sorted(procedure.id for procedure in result.procedures),
        "bring": sorted(result.bring),
    }
    lines = answered.pop("lines")
    levels = answered.pop("levels", {})
    assert shown == answered
    said = {(line.rule_id, line.result) for line in result.lines}
    assert set(lines.items()) <= said
    for framework, relation in levels.items():
        assert {found.relation for found in result.levels if found.framework == framework} == {relation}
    assert all(line.sources and line.as_of for line in result.lines)
    document = build_result_json(result)
    assert json.loads(json.dumps(document)) == document
    assert "not a decision" in str(document["disclaimer"])

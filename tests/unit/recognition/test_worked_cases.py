"""The worked cases of `docs/recognition/`: the engine gives what each of them says, word for word."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from skillcred.recognition.engine import recognise
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.plain_text import build_plain_text
from skillcred.recognition.questions import read_question
from skillcred.recognition.wire import build_result_json

FOLDER = Path(__file__).parents[3] / "docs/recognition"
CASES = sorted(FOLDER.glob("[0-9][0-9]-*.md"))


def test_there_are_twelve() -> None:
    assert len(CASES) == 12


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worked_case(path: Path) -> None:
    text = path.read_text("utf-8")
    asked, answered = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL))
    told = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
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
    assert ["\n".join(build_plain_text(result)) + "\n"] == told
    document = build_result_json(result)
    assert json.loads(json.dumps(document)) == document
    assert "not a decision" in str(document["disclaimer"])

"""Case directories: a document, what is wrong with it, and what the verifier says (SECURITY section 6).

`cases/<row>_<name>[_fail]/{README.md,input.json,expected.json}`. The issuer of all of them is the provider of
`worlds.pure_world`, whose registry extract is the evidence, at the instant of that world.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skillcred.model.outcomes import Verdict
from skillcred.verification import verify
from worlds.pure_world import NOW, PureWorld

CASES = sorted((Path(__file__).parent / "cases").iterdir())
EVIDENCE = PureWorld().evidence()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_bytes())
    report = verify((case / "input.json").read_bytes(), evidence=EVIDENCE, at=NOW)
    step = next(step for step in report.steps if step.step.value == expected["step"])
    assert (step.outcome.value, step.code) == (expected["outcome"], expected["code"])
    assert [[problem.code, problem.pointer] for problem in step.problems] == expected["problems"]
    assert report.verdict.value == expected["verdict"]
    assert (report.verdict is not Verdict.VALID) is case.name.endswith("_fail")
    assert (report.claims is None) is (step.step.value == "proof" and step.outcome.value != "passed")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_says_what_it_is(case: Path) -> None:
    assert {path.name for path in case.iterdir()} == {"README.md", "input.json", "expected.json"}
    assert (case / "README.md").read_text(encoding="utf-8").startswith(f"# {case.name}\n\n")

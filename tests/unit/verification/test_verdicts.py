"""The table of verdicts, its documentation, and the sentences for every code."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from skillcred.model.outcomes import Outcome, Step, StepResult, Verdict
from skillcred.verification.messages import MESSAGES
from skillcred.verification.verdicts import VERDICTS, conclude

ALL_PASSED = dict.fromkeys(Step, Outcome.PASSED)


def results(outcomes: dict[Step, Outcome]) -> list[StepResult]:
    return [StepResult(step, outcome, f"{step}-{outcome}") for step, outcome in outcomes.items()]


def test_the_page_says_what_the_code_does(project_dir: Path) -> None:
    page = (project_dir / "docs/verdicts.md").read_text()
    table = page.split("<!-- table -->")[1].split("<!-- /table -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    header, body = rows[0], rows[2:]
    assert header == ["step", *(outcome.value for outcome in Outcome)]
    assert body == [[step.value, *(VERDICTS[step][outcome].value for outcome in Outcome)] for step in Step]


def test_all_passed_is_valid() -> None:
    assert conclude(results(ALL_PASSED))[0] is Verdict.VALID


@pytest.mark.parametrize("step", list(Step))
def test_one_failure_is_invalid_whatever_else(step: Step) -> None:
    for other in Outcome:
        outcomes = dict.fromkeys(Step, other) | {step: Outcome.FAILED}
        assert conclude(results(outcomes))[0] is Verdict.INVALID


@pytest.mark.parametrize("step", list(Step))
def test_what_could_not_be_told_is_never_valid(step: Step) -> None:
    verdict, deciding = conclude(results(ALL_PASSED | {step: Outcome.INDETERMINATE}))
    assert verdict is Verdict.INDETERMINATE
    assert deciding.step is step


@pytest.mark.parametrize("step", list(Step))
def test_a_missing_step_is_never_valid(step: Step) -> None:
    outcomes = {name: outcome for name, outcome in ALL_PASSED.items() if name is not step}
    assert conclude(results(outcomes))[0] is Verdict.INDETERMINATE


def test_the_rule_is_monotonic() -> None:
    """Making one outcome worse never makes the verdict better; all 4^8 combinations."""
    rank = {Verdict.INVALID: 0, Verdict.INDETERMINATE: 1, Verdict.VALID: 2}
    for combination in itertools.product(Outcome, repeat=len(Step)):
        outcomes = dict(zip(Step, combination, strict=True))
        expected = min(rank[VERDICTS[step][outcome]] for step, outcome in outcomes.items())
        assert rank[conclude(results(outcomes))[0]] == expected


def test_every_step_code_in_the_source_has_a_sentence(project_dir: Path) -> None:
    """Codes are given to `StepResult`, `_result` and `ProofError` as literals; each needs its message."""
    found: set[str] = set()
    for room in ("verification", "trust", "securing", "profiles"):
        for path in (project_dir / "src/skillcred" / room).rglob("*.py"):
            text = path.read_text()
            found |= set(
                re.findall(r'(?:StepResult\(\s*Step\.\w+,|_result\()\s*Outcome\.\w+,\s*"([a-z0-9_]+)"', text)
            )
            if room == "securing":
                found |= set(re.findall(r'(?<!_)code="([a-z0-9_]+)"', text))
    found -= {"unsupported_mechanism", "already_secured", "wrong_key_type", "unsupported_option"}
    assert len(found) > 30
    assert found - MESSAGES.keys() == set()


def test_sentences_are_plain() -> None:
    for code, message in MESSAGES.items():
        for text in (message.sentence, message.next_step or "Fine."):
            assert text.endswith("."), code
            assert len(text) <= 140, code

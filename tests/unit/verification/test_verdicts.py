"""The table of verdicts, its documentation, and the sentences for every code."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import pytest

from skillcred.model.outcomes import CREDENTIAL_STEPS, PRESENTATION_STEPS, Outcome, Step, StepResult, Verdict
from skillcred.verification.messages import MESSAGES
from skillcred.verification.verdicts import PRESENTATION_VERDICTS, VERDICTS, conclude

TABLES = {"table": VERDICTS, "presentation table": PRESENTATION_VERDICTS}
ALL_PASSED = dict.fromkeys(CREDENTIAL_STEPS, Outcome.PASSED)


def results(outcomes: dict[Step, Outcome]) -> list[StepResult]:
    return [StepResult(step, outcome, f"{step}-{outcome}") for step, outcome in outcomes.items()]


@pytest.mark.parametrize("name", TABLES)
def test_the_page_says_what_the_code_does(project_dir: Path, name: str) -> None:
    page = (project_dir / "docs/verdicts.md").read_text()
    verdicts = TABLES[name]
    table = page.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    header, body = rows[0], rows[2:]
    assert header == ["step", *(outcome.value for outcome in Outcome)]
    assert body == [
        [step.value, *(verdicts[step][outcome].value for outcome in Outcome)] for step in verdicts
    ]


def test_the_tables_have_the_steps() -> None:
    assert tuple(VERDICTS) == CREDENTIAL_STEPS
    assert tuple(PRESENTATION_VERDICTS) == PRESENTATION_STEPS
    assert set(CREDENTIAL_STEPS) | set(PRESENTATION_STEPS) == set(Step)


@pytest.mark.parametrize("step", PRESENTATION_STEPS)
@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.PASSED])
def test_a_presentation_is_valid_only_where_all_passed(step: Step, outcome: Outcome) -> None:
    passed = dict.fromkeys(PRESENTATION_STEPS, Outcome.PASSED)
    assert conclude(results(passed), PRESENTATION_VERDICTS)[0] is Verdict.VALID
    assert conclude(results(passed | {step: outcome}), PRESENTATION_VERDICTS)[0] is not Verdict.VALID
    del passed[step]
    assert conclude(results(passed), PRESENTATION_VERDICTS)[0] is Verdict.INDETERMINATE


def test_all_passed_is_valid() -> None:
    assert conclude(results(ALL_PASSED))[0] is Verdict.VALID


@pytest.mark.parametrize("step", CREDENTIAL_STEPS)
def test_one_failure_is_invalid_whatever_else(step: Step) -> None:
    for other in Outcome:
        outcomes = dict.fromkeys(CREDENTIAL_STEPS, other) | {step: Outcome.FAILED}
        assert conclude(results(outcomes))[0] is Verdict.INVALID


@pytest.mark.parametrize("step", CREDENTIAL_STEPS)
def test_what_could_not_be_told_is_never_valid(step: Step) -> None:
    verdict, deciding = conclude(results(ALL_PASSED | {step: Outcome.INDETERMINATE}))
    assert verdict is Verdict.INDETERMINATE
    assert deciding.step is step


@pytest.mark.parametrize("step", CREDENTIAL_STEPS)
def test_a_missing_step_is_never_valid(step: Step) -> None:
    outcomes = {name: outcome for name, outcome in ALL_PASSED.items() if name is not step}
    assert conclude(results(outcomes))[0] is Verdict.INDETERMINATE


def test_the_rule_is_monotonic() -> None:
    """Making one outcome worse never makes the verdict better; all 4^9 combinations."""
    rank = {Verdict.INVALID: 0, Verdict.INDETERMINATE: 1, Verdict.VALID: 2}
    for combination in itertools.product(Outcome, repeat=len(CREDENTIAL_STEPS)):
        outcomes = dict(zip(CREDENTIAL_STEPS, combination, strict=True))
        expected = min(rank[VERDICTS[step][outcome]] for step, outcome in outcomes.items())
        assert rank[conclude(results(outcomes))[0]] == expected


def codes_of_proof_errors(source: str) -> set[str]:
    """The literals given as `code` to `ProofError`, also both of an alternative."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    keywords = [
        keyword.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "ProofError"
        for keyword in call.keywords
        if keyword.arg == "code"
    ]
    results = [
        part
        for value in keywords
        for part in ((value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,))
    ]
    return {part.value for part in results if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_every_step_code_in_the_source_has_a_sentence(project_dir: Path) -> None:
    """Codes are given to `StepResult`, `_result` and `ProofError` as literals; each needs its message. The codes of
    other errors of the securing room are those of problems; their mechanisms turn them into reason codes."""
    found: set[str] = set()
    for room in ("verification", "trust", "securing", "profiles"):
        for path in (project_dir / "src/skillcred" / room).rglob("*.py"):
            text = path.read_text()
            found |= set(
                re.findall(r'(?:StepResult\(\s*Step\.\w+,|_result\()\s*Outcome\.\w+,\s*"([a-z0-9_]+)"', text)
            )
            if room == "securing":
                found |= codes_of_proof_errors(text)
    found -= {"unsupported_mechanism", "already_secured", "wrong_key_type", "unsupported_option"}
    assert len(found) > 30
    assert found - MESSAGES.keys() == set()


def test_sentences_are_plain() -> None:
    for code, message in MESSAGES.items():
        for text in (message.sentence, message.next_step or "Fine."):
            assert text.endswith("."), code
            assert len(text) <= 140, code

"""The life of a case as a state machine, its deadlines, and what a decision must have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.recognition.deadlines import find_deadlines
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.progress import read_progress, write_progress
from skillcred.recognition.workflow import (
    CaseState,
    Decision,
    DecisionError,
    DecisionKind,
    DecisionStage,
    Measure,
    MeasureKind,
    Progress,
    WorkflowError,
    annul,
    decide,
    issue,
    receive_evidence,
    request_evidence,
    take,
    withdraw,
)

T0 = datetime(2026, 1, 31, 9, tzinfo=UTC)
FULL = Decision(DecisionKind.FULL, DecisionStage.FINAL, ("No substantial difference.",))
PROVISIONAL = replace(FULL, stage=DecisionStage.PROVISIONAL, final_due=date(2026, 12, 31))
STEPS: dict[str, Callable[[Progress], Progress]] = {
    "take": lambda case: take(case, T0),
    "request": lambda case: request_evidence(case, ["A transcript."]),
    "receive": lambda case: receive_evidence(case, T0 + timedelta(days=9)),
    "decide": lambda case: decide(case, FULL, T0, managed=False),
    "provisional": lambda case: decide(case, PROVISIONAL, T0, managed=True),
    "issue": issue,
    "withdraw": withdraw,
    "annul": annul,
}
S = CaseState
ALLOWED = {
    S.SUBMITTED: {"take": S.UNDER_REVIEW, "receive": S.SUBMITTED, "withdraw": S.WITHDRAWN},
    S.UNDER_REVIEW: {
        "request": S.EVIDENCE_REQUESTED,
        "receive": S.UNDER_REVIEW,
        "decide": S.DECIDED,
        "provisional": S.PROVISIONALLY_DECIDED,
        "withdraw": S.WITHDRAWN,
    },
    S.EVIDENCE_REQUESTED: {"receive": S.UNDER_REVIEW, "withdraw": S.WITHDRAWN},
    S.PROVISIONALLY_DECIDED: {"decide": S.DECIDED, "issue": S.PROVISIONALLY_DECIDED, "annul": S.ANNULLED},
    S.DECIDED: {"issue": S.ISSUED, "annul": S.ANNULLED},
    S.ISSUED: {"issue": S.ISSUED, "annul": S.ANNULLED},
    S.WITHDRAWN: {},
    S.ANNULLED: {},
}


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_in_every_state(state: CaseState, step: str) -> None:
    case = Progress(state, T0, T0, T0)
    expected = ALLOWED[state].get(step)
    if expected is None:
        with pytest.raises(WorkflowError) as caught:
            STEPS[step](case)
        assert caught.value.code == "case_state"
    else:
        assert STEPS[step](case).state is expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_nothing_is_issued_that_was_not_taken_and_decided(steps: list[str]) -> None:
    case, done = Progress(CaseState.SUBMITTED, T0), []
    for step in steps:
        try:
            case = STEPS[step](case)
        except WorkflowError:
            continue
        done.append(step)
        assert read_progress(write_progress(case)) == case
    if case.state is CaseState.ISSUED:
        assert done.index("take") < done.index("decide") < len(done) - 1 - done[::-1].index("issue")
        assert case.decision == FULL
    if case.state is CaseState.WITHDRAWN:
        assert case.decision is None


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (replace(FULL, reasons=()), "decision_without_reason"),
        (replace(FULL, reasons=(" ",)), "decision_text"),
        (replace(FULL, reasons=("a\0b",)), "decision_text"),
        (replace(FULL, reasons=("x" * 2001,)), "decision_text"),
        (replace(FULL, kind=DecisionKind.REFUSED), "decision_without_appeal"),
        (replace(FULL, kind=DecisionKind.CONDITIONAL), "decision_without_measure"),
        (replace(FULL, kind=DecisionKind.PARTIAL), "decision_without_difference"),
        (replace(FULL, stage=DecisionStage.PROVISIONAL), "decision_without_deadline"),
    ],
)
def test_a_decision_that_lacks_something_is_refused(decision: Decision, code: str) -> None:
    with pytest.raises(DecisionError) as caught:
        decide(Progress(CaseState.UNDER_REVIEW, T0, T0, T0), decision, T0, managed=True)
    assert caught.value.code == code


def test_only_managed_agreements_know_provisional_decisions() -> None:
    case = Progress(CaseState.UNDER_REVIEW, T0, T0, T0)
    with pytest.raises(WorkflowError) as caught:
        decide(case, PROVISIONAL, T0, managed=False)
    assert caught.value.code == "case_stage"
    provisional = decide(case, PROVISIONAL, T0, managed=True)
    assert decide(provisional, FULL, T0, managed=True).state is CaseState.DECIDED


def test_deadlines_are_those_of_the_procedure() -> None:
    procedures = load_shipped_data().procedures
    case = Progress(CaseState.SUBMITTED, T0)
    german = procedures["DE-BQFG"]
    waiting = find_deadlines(case, german, date(2026, 3, 1))
    assert (waiting.acknowledge_by, waiting.decide_by) == (date(2026, 2, 28), None)
    assert waiting.overdue == ("acknowledge",)
    taken = take(case, T0 + timedelta(days=1))
    assert find_deadlines(taken, german, date(2026, 5, 1)).decide_by == date(2026, 5, 1)
    assert find_deadlines(taken, german, date(2026, 5, 1)).overdue == ()
    assert find_deadlines(taken, german, date(2026, 5, 2)).overdue == ("decide",)
    asked = request_evidence(taken, ["A transcript."])
    assert find_deadlines(asked, german, date(2027, 1, 1)).decide_by is None
    assert find_deadlines(asked, german, date(2027, 1, 1)).overdue == ()
    again = receive_evidence(asked, datetime(2026, 11, 30, tzinfo=UTC))
    assert find_deadlines(again, german, date(2026, 12, 1)).decide_by == date(2027, 2, 28)


def test_working_days_leave_weekends_out_and_no_source_means_no_limit() -> None:
    procedures = load_shipped_data().procedures
    friday = Progress(CaseState.UNDER_REVIEW, T0, T0, datetime(2026, 1, 30, tzinfo=UTC))
    assert find_deadlines(friday, procedures["SA-SVP-CHECK"], T0.date()).decide_by == date(2026, 2, 20)
    nothing = find_deadlines(friday, procedures["NL-NUFFIC"], T0.date())
    assert (nothing.acknowledge_by, nothing.decide_by, nothing.overdue) == (None, None, ())
    assert find_deadlines(friday, None, T0.date()).procedure_id is None


def test_a_provisional_decision_has_to_become_final() -> None:
    decision = replace(PROVISIONAL, measures=(Measure(MeasureKind.ADAPTATION_PERIOD),))
    case = decide(Progress(CaseState.UNDER_REVIEW, T0, T0, T0), decision, T0, managed=True)
    assert find_deadlines(case, None, date(2026, 12, 31)).overdue == ()
    assert find_deadlines(case, None, date(2027, 1, 1)).overdue == ("final",)

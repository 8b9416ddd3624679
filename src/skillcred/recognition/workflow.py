"""The life of a case before an authority: submitted, taken, perhaps more evidence, decided, issued; and its
deadlines.

Pure: who may act and what is stored is the services' business. Each function gives the case as it is afterwards, or
raises `WorkflowError` where it cannot be done in this state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from skillcred.errors import ConflictError, InputError

MAX_ITEMS: Final = 40
"""Most reasons, measures, differences or pieces of evidence asked for at once."""
MAX_CHARACTERS: Final = 2000
"""Longest text of one of them."""


class CaseState(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    EVIDENCE_REQUESTED = "evidence_requested"
    PROVISIONALLY_DECIDED = "provisionally_decided"
    DECIDED = "decided"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    ANNULLED = "annulled"


class DecisionKind(StrEnum):
    """What an authority can decide."""

    FULL = "full"
    PARTIAL = "partial"
    CONDITIONAL = "conditional"
    REFUSED = "refused"


class DecisionStage(StrEnum):
    """Managed agreements know a provisional decision that becomes final."""

    PROVISIONAL = "provisional"
    FINAL = "final"


class MeasureKind(StrEnum):
    """How differences can be made up for."""

    ADAPTATION_PERIOD = "adaptation_period"
    APTITUDE_TEST = "aptitude_test"
    KNOWLEDGE_TEST = "knowledge_test"
    ADAPTATION_COURSE = "adaptation_course"
    BRIDGING_COURSE = "bridging_course"
    OTHER = "other"


class WorkflowError(ConflictError):
    """This cannot be done in the state of the case. Codes: `case_state`, `case_stage`."""

    default_code = "case_state"


class DecisionError(InputError):
    """A decision lacks what it must have. Codes: `decision_without_reason`, `decision_without_appeal`,
    `decision_without_measure`, `decision_without_difference`, `decision_without_deadline`, `decision_text`."""

    default_code = "decision_text"


@dataclass(frozen=True, slots=True)
class Measure:
    """A compensation measure. `until` is the last day for it, where there is one."""

    kind: MeasureKind
    description: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What an authority decides, with its reasons. `final_due` is by when a provisional one becomes final."""

    kind: DecisionKind
    stage: DecisionStage
    reasons: tuple[str, ...]
    measures: tuple[Measure, ...] = ()
    differences: tuple[str, ...] = ()
    appeal: str | None = None
    final_due: date | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a case stands. `complete_at` is since when the file is complete, which the time limit runs from."""

    state: CaseState
    received_at: datetime
    taken_at: datetime | None = None
    complete_at: datetime | None = None
    decision: Decision | None = None
    decided_at: datetime | None = None
    requested: tuple[str, ...] = ()


_OPEN: Final = (CaseState.SUBMITTED, CaseState.UNDER_REVIEW, CaseState.EVIDENCE_REQUESTED)


def take(case: Progress, at: datetime) -> Progress:
    """The authority takes the case; from here on the file counts as complete until more is asked for."""
    _require(case, CaseState.SUBMITTED)
    return replace(case, state=CaseState.UNDER_REVIEW, taken_at=at, complete_at=at)


def request_evidence(case: Progress, items: Sequence[str]) -> Progress:
    """The authority asks for more. Until it comes the file is not complete and no time limit runs."""
    _require(case, CaseState.UNDER_REVIEW)
    requested = _texts(items, "/items")
    if not requested:
        raise DecisionError("Say what is asked for.", pointer="/items")
    return replace(case, state=CaseState.EVIDENCE_REQUESTED, complete_at=None, requested=requested)


def receive_evidence(case: Progress, at: datetime) -> Progress:
    """More evidence has come."""
    _require(case, CaseState.SUBMITTED, CaseState.UNDER_REVIEW, CaseState.EVIDENCE_REQUESTED)
    if case.state is CaseState.EVIDENCE_REQUESTED:
        return replace(case, state=CaseState.UNDER_REVIEW, complete_at=at, requested=())
    return case


def decide(case: Progress, decision: Decision, at: datetime, *, managed: bool) -> Progress:
    """The authority decides. `managed`: the case rests on a managed agreement, which alone knows provisional
    decisions. A provisional decision can be decided again, finally."""
    _check_decision(decision)
    provisional = decision.stage is DecisionStage.PROVISIONAL
    if provisional and not managed:
        raise WorkflowError("Only managed agreements know provisional decisions.", code="case_stage")
    if provisional:
        _require(case, CaseState.UNDER_REVIEW)
        return replace(case, state=CaseState.PROVISIONALLY_DECIDED, decision=decision, decided_at=at)
    _require(case, CaseState.UNDER_REVIEW, CaseState.PROVISIONALLY_DECIDED)
    return replace(case, state=CaseState.DECIDED, decision=decision, decided_at=at)


def issue(case: Progress) -> Progress:
    """A statement of the decision was signed. A provisional decision stays open for the final one."""
    _require(case, CaseState.DECIDED, CaseState.PROVISIONALLY_DECIDED, CaseState.ISSUED)
    return replace(case, state=CaseState.ISSUED) if case.state is CaseState.DECIDED else case


def withdraw(case: Progress) -> Progress:
    """Whoever applied takes the case back before it is decided."""
    _require(case, *_OPEN)
    return replace(case, state=CaseState.WITHDRAWN)


def annul(case: Progress) -> Progress:
    """A decision is set aside, by the authority or on appeal."""
    _require(case, CaseState.DECIDED, CaseState.PROVISIONALLY_DECIDED, CaseState.ISSUED)
    return replace(case, state=CaseState.ANNULLED)


def _require(case: Progress, *states: CaseState) -> None:
    if case.state not in states:
        raise WorkflowError(f"A case that is {case.state.value.replace('_', ' ')} is not open for this.")


def _check_decision(decision: Decision) -> None:
    reasons = _texts(decision.reasons, "/reasons")
    if not reasons:
        raise DecisionError("A decision has reasons.", code="decision_without_reason", pointer="/reasons")
    _texts(decision.differences, "/differences")
    _texts([measure.description for measure in decision.measures if measure.description], "/measures")
    if decision.appeal is not None:
        _texts([decision.appeal], "/appeal")
    if decision.kind is DecisionKind.REFUSED and not decision.appeal:
        raise DecisionError(
            "A refusal says how to appeal.", code="decision_without_appeal", pointer="/appeal"
        )
    if decision.kind is DecisionKind.CONDITIONAL and not decision.measures:
        raise DecisionError(
            "A conditional decision names at least one compensation measure.",
            code="decision_without_measure",
            pointer="/measures",
        )
    if decision.kind is DecisionKind.PARTIAL and not decision.differences:
        raise DecisionError(
            "A partial decision lists the differences.",
            code="decision_without_difference",
            pointer="/differences",
        )
    if decision.stage is DecisionStage.PROVISIONAL and decision.final_due is None:
        raise DecisionError(
            "A provisional decision says by when it becomes final.",
            code="decision_without_deadline",
            pointer="/final_due",
        )


def _texts(items: Sequence[str], pointer: str) -> tuple[str, ...]:
    if len(items) > MAX_ITEMS:
        raise DecisionError("The list is too long.", pointer=pointer)
    for place, item in enumerate(items):
        if not item.strip() or len(item) > MAX_CHARACTERS or not _is_plain(item):
            raise DecisionError(
                "A text is empty, too long or has characters that do not belong in it.",
                pointer=f"{pointer}/{place}",
            )
    return tuple(items)


def _is_plain(text: str) -> bool:
    return all(letter.isprintable() or letter in "\n\t" for letter in text)

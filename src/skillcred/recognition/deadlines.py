"""By when an authority confirms the receipt and decides. Limits are those of the sources; holidays are not known."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from skillcred.recognition.case import RecognitionResult
from skillcred.recognition.records import Procedure, RecognitionData, TimeLimit
from skillcred.recognition.workflow import CaseState, Progress

SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The last days, where a source gives a limit. `procedure_id` is the procedure that they are of. The time to
    decide runs from the day on which the file is complete (Directive 2005/36/EC, article 51)."""

    procedure_id: str | None
    acknowledge_by: date | None
    decide_by: date | None
    final_by: date | None
    overdue: tuple[str, ...]


def find_procedure(basis: str | None, data: RecognitionData) -> Procedure | None:
    """The procedure whose limits hold: that of the rule that the outcome rests on."""
    agreement = data.agreements.get(basis or "")
    name = basis if agreement is None else agreement.procedure_id
    return data.procedures.get(name or "")


def is_managed(result: RecognitionResult, data: RecognitionData) -> bool:
    """Whether the outcome rests on a managed agreement."""
    agreement = data.agreements.get(result.basis or "")
    return agreement is not None and agreement.kind == "managed"


def find_deadlines(case: Progress, procedure: Procedure | None, today: date) -> Deadlines:
    """The deadlines of a case, and which of them have passed without the act."""
    received = case.received_at.date()
    acknowledge = _add(received, None if procedure is None else procedure.acknowledge)
    complete = case.complete_at
    decide = None if procedure is None or complete is None else _add(complete.date(), procedure.decide)
    final = case.decision.final_due if case.decision is not None else None
    waiting = case.state in (CaseState.SUBMITTED, CaseState.UNDER_REVIEW)
    passed = (
        ("acknowledge", acknowledge, case.state is CaseState.SUBMITTED),
        ("decide", decide, waiting),
        ("final", final, case.state is CaseState.PROVISIONALLY_DECIDED),
    )
    return Deadlines(
        None if procedure is None else procedure.id,
        acknowledge,
        decide,
        final,
        tuple(name for name, day, open_ in passed if open_ and day is not None and today > day),
    )


def _add(start: date, limit: TimeLimit | None) -> date | None:
    """The last day of a limit. A month ends on the same day of a later one, or on its last day."""
    if limit is None:
        return None
    if limit.unit == "working_day":
        day, left = start, limit.count
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < SATURDAY
        return day
    years, month = divmod(start.month - 1 + limit.count, 12)
    year = start.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))

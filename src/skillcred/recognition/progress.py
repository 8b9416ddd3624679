"""The progress of a case as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from skillcred.encoding.json_types import JsonObject
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.recognition.workflow import (
    CaseState,
    Decision,
    DecisionKind,
    DecisionStage,
    Measure,
    MeasureKind,
    Progress,
)


def write_progress(case: Progress) -> JsonObject:
    """Everything of it; instants in UTC."""
    return {
        "state": case.state.value,
        "received_at": format_instant(case.received_at),
        "taken_at": None if case.taken_at is None else format_instant(case.taken_at),
        "complete_at": None if case.complete_at is None else format_instant(case.complete_at),
        "decision": None if case.decision is None else write_decision(case.decision),
        "decided_at": None if case.decided_at is None else format_instant(case.decided_at),
        "requested": [*case.requested],
    }


def read_progress(value: Mapping[str, Any]) -> Progress:
    """What `write_progress` wrote. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    decision = value["decision"]

    def instant(name: str) -> Any:
        return None if value[name] is None else parse_instant(value[name])

    return Progress(
        state=CaseState(value["state"]),
        received_at=parse_instant(value["received_at"]),
        taken_at=instant("taken_at"),
        complete_at=instant("complete_at"),
        decision=None if decision is None else read_decision(decision),
        decided_at=instant("decided_at"),
        requested=tuple(value["requested"]),
    )


def write_decision(decision: Decision) -> JsonObject:
    """A decision with its reasons."""
    return {
        "kind": decision.kind.value,
        "stage": decision.stage.value,
        "reasons": [*decision.reasons],
        "measures": [
            {
                "kind": measure.kind.value,
                "description": measure.description,
                "until": None if measure.until is None else measure.until.isoformat(),
            }
            for measure in decision.measures
        ],
        "differences": [*decision.differences],
        "appeal": decision.appeal,
        "final_due": None if decision.final_due is None else decision.final_due.isoformat(),
    }


def read_decision(value: Mapping[str, Any]) -> Decision:
    """What `write_decision` wrote. Raises as `read_progress` does."""
    due = value["final_due"]
    return Decision(
        kind=DecisionKind(value["kind"]),
        stage=DecisionStage(value["stage"]),
        reasons=tuple(value["reasons"]),
        measures=tuple(
            Measure(
                MeasureKind(item["kind"]),
                item["description"],
                None if item["until"] is None else date.fromisoformat(item["until"]),
            )
            for item in value["measures"]
        ),
        differences=tuple(value["differences"]),
        appeal=value["appeal"],
        final_due=None if due is None else date.fromisoformat(due),
    )

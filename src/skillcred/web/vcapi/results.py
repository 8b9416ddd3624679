"""Verification results as the VC-API and VCDM 2.0 section 7.2 (Problem Details) write them.

The status speaks of the signature and of the data model. Who signed, and whether anybody vouches for them, is
found out all the same and stands in the body: for a test vector there is nobody in the registry.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.outcomes import NO_TYPE, Outcome, Step, StepResult
from skillcred.verification.messages import get_message
from skillcred.web.media_types import JSON
from skillcred.web.problems import PROBLEM_MEDIA_TYPE, TYPE_BASE, ProblemDocument

REQUIRED: Final = frozenset({Step.PARSE, Step.PROOF, Step.CONFORMANCE})
"""Steps that must have passed."""
JUDGED: Final = frozenset({Step.VALIDITY, Step.STATUS})
"""Steps that must not have failed, unless only the proof was asked about."""
PROOF_ONLY: Final = ["proof"]


def result_response(
    results: Sequence[Sequence[StepResult]],
    report: JsonObject,
    *,
    checks: list[str] | None,
    request_id: str,
) -> Response:
    """200 for a document that is good as far as was asked, 400 with the reasons for any other.

    `results` are the steps of the document and, for a presentation, those of each credential in it.
    """
    judged = frozenset() if checks == PROOF_ONLY else JUDGED
    steps = [step for result in results for step in result]
    errors = [
        step
        for step in steps
        if (step.step in REQUIRED and step.outcome not in _SETTLED)
        or (step.step in judged and step.outcome is Outcome.FAILED)
    ]
    errors.sort(
        key=lambda step: step.code == NOT_REACHED
    )  # what was not reached has its reason in another step
    warnings = [step for step in steps if step not in errors and step.outcome in _UNSETTLED]
    body: JsonObject = {
        "verified": not errors,
        "checks": [step.step.value for step in steps if step.outcome is Outcome.PASSED],
        "warnings": [
            *(step.code for step in warnings),
            *dict.fromkeys(problem.code for step in steps for problem in step.warnings),
        ],
        "errors": [step.code for step in errors if step.code != NOT_REACHED],
        "problemDetails": [item for step in (*errors, *warnings) for item in _problem_details(step)],
        "report": report,
    }
    if not errors:
        return _json(body, HTTPStatus.OK, JSON)
    code = errors[0].code
    problem = ProblemDocument(HTTPStatus.BAD_REQUEST, code, get_message(code).sentence)
    return _json({**problem.to_json(request_id), **body}, HTTPStatus.BAD_REQUEST, PROBLEM_MEDIA_TYPE)


NOT_REACHED: Final = "not_reached"
_SETTLED: Final = frozenset({Outcome.PASSED, Outcome.NOT_APPLICABLE})
_UNSETTLED: Final = frozenset({Outcome.FAILED, Outcome.INDETERMINATE})


def _problem_details(step: StepResult) -> list[JsonValue]:
    message = get_message(step.code)
    if not step.problems:
        return [{"type": _type(step.code), "title": message.sentence, "detail": message.next_step or ""}]
    return [
        {
            "type": problem.type if problem.type != NO_TYPE else _type(problem.code),
            "title": message.sentence,
            "detail": problem.message,
            **({} if problem.pointer is None else {"pointer": problem.pointer}),
        }
        for problem in step.problems
    ]


def _type(code: str) -> str:
    return TYPE_BASE + code.replace("_", "-")


def _json(body: JsonObject, status: HTTPStatus, media_type: str) -> Response:
    content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return Response(content, status, media_type=media_type)

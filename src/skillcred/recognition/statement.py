"""Statements on recognition as credentials: explained, dated, with the rules and the evidence that they rest on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.linkeddata import OWN_CONTEXT_RECOGNITION, V2
from skillcred.model.datetimes import format_instant
from skillcred.profiles.statement import ADVISORY, DECISION, STATEMENT_SCHEMA_ID, STATEMENT_TYPE
from skillcred.recognition.case import EvidenceFinding, Line, RecognitionResult
from skillcred.recognition.records import Source
from skillcred.recognition.wording import DISCLAIMER, WHO_DECIDES, get_sentence
from skillcred.recognition.workflow import Decision, Measure

DECIDED: Final = "This is the decision of the authority that signed it. It is not itself a qualification."
MAX_LINES: Final = 200
"""Most lines of explanation in a statement. How many were left out is said."""


def build_subject(
    result: RecognitionResult,
    *,
    occupation: str | None,
    holder: str | None,
    decision: Decision | None = None,
    case_reference: str | None = None,
) -> JsonObject:
    """What a statement says: advice, or with `decision` the decision of an authority."""
    lines = _pick(result)
    recognition: JsonObject = {
        "type": "RecognitionStatement",
        "statementNature": ADVISORY if decision is None else DECISION,
        "destinationCountry": result.destination,
        "purposeOfRecognition": result.purpose.value,
        "evaluatedOn": result.at.isoformat(),
        "expectedOutcome": result.outcome.value,
        "outcomeNature": result.nature.value,
        "dataRelease": result.data_release,
        "disclaimer": f"{DISCLAIMER} {WHO_DECIDES}" if decision is None else DECIDED,
        "explanation": [_line_json(line, n) for n, line in enumerate(lines, 1)],
    }
    optional: dict[str, JsonValue] = {
        "linesLeftOut": len(result.lines) - len(lines) or None,
        "occupation": occupation,
        "restsOn": result.basis,
        "caseReference": case_reference,
        "examinedEvidence": [
            _examined_json(found, found.sha256, n)
            for n, found in enumerate(result.evidence, 1)
            if found.sha256 is not None
        ],
        "comparedElement": [
            {
                "type": "ComparedElement",
                "element": found.element,
                "result": found.result,
                "weight": found.weight,
                "restsOn": found.rests_on,
            }
            for found in result.elements
        ],
        "missingEvidence": [*map(get_sentence, result.bring)],
        "difference": [*map(get_sentence, result.differences)],
    }
    if decision is not None:
        optional |= _decision_json(decision)
    recognition.update({name: value for name, value in optional.items() if value not in (None, [])})
    subject: JsonObject = {"type": "RecognitionSubject", "recognition": recognition}
    return subject if holder is None else {"id": holder, **subject}


def build_statement(
    subject: JsonObject, *, credential_id: str, issuer: JsonObject, at: datetime
) -> JsonObject:
    """The unsigned statement about `subject`, as `build_subject` gives it."""
    return {
        "@context": [V2, OWN_CONTEXT_RECOGNITION],
        "id": credential_id,
        "type": ["VerifiableCredential", STATEMENT_TYPE],
        "issuer": issuer,
        "validFrom": format_instant(at),
        "credentialSubject": subject,
        "credentialSchema": {"id": STATEMENT_SCHEMA_ID, "type": "JsonSchema"},
    }


def _pick(result: RecognitionResult) -> tuple[Line, ...]:
    """The lines that go into a statement: where there are too many, those of the rule that it rests on come first."""
    if len(result.lines) <= MAX_LINES:
        return result.lines
    return tuple(sorted(result.lines, key=lambda line: line.rule_id != result.basis)[:MAX_LINES])


def _decision_json(decision: Decision) -> dict[str, JsonValue]:
    return {
        "decisionKind": decision.kind.value,
        "decisionStage": decision.stage.value,
        "decisionReason": [*decision.reasons],
        "difference": [*decision.differences],
        "compensationMeasure": [_measure_json(measure) for measure in decision.measures],
        "appeal": decision.appeal,
        "finalDecisionDue": None if decision.final_due is None else decision.final_due.isoformat(),
    }


def _measure_json(measure: Measure) -> JsonObject:
    told: JsonObject = {"type": "CompensationMeasure", "measureKind": measure.kind.value}
    if measure.description is not None:
        told["measureDescription"] = measure.description
    if measure.until is not None:
        told["measureUntil"] = measure.until.isoformat()
    return told


def _line_json(line: Line, position: int) -> JsonObject:
    inputs: list[JsonValue] = [
        {"type": "RuleInput", "inputName": name, "inputValue": value}
        for name, value in line.inputs.items()
        if value
    ]
    return {
        "type": "ExplanationLine",
        "position": position,
        "ruleId": line.rule_id,
        "ruleVersion": line.version,
        "step": line.step,
        "result": line.result,
        "sentence": get_sentence(line.result),
        **({"inputs": inputs} if inputs else {}),
        "ruleSource": [_source_json(source) for source in line.sources],
        "asOf": line.as_of,
    }


def _source_json(source: Source) -> JsonObject:
    told: JsonObject = {"type": "RuleSource", "sourceTitle": source.title}
    if source.address is not None:
        told["sourceAddress"] = source.address
    return told


def _examined_json(found: EvidenceFinding, sha256: str, position: int) -> JsonObject:
    told: JsonObject = {
        "type": "ExaminedEvidence",
        "position": position,
        "documentSha256": sha256,
        "evidenceKind": found.kind.value,
        "evidenceGrade": found.grade.value,
        "counted": found.counts,
        "issuerAtAward": found.issuer_then.value,
        "issuerNow": found.issuer_now.value,
    }
    if found.country is not None:
        told["countryOfAward"] = found.country
    return told

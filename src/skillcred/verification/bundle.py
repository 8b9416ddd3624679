"""The evidence bundle: everything a verdict rests on, in one file, so that anybody can replay it offline."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.verification.evidence import Evidence, build_evidence_json, parse_evidence_json
from skillcred.verification.pipeline import verify
from skillcred.verification.policy import VerificationPolicy, get_policy
from skillcred.verification.presentation import verify_presentation
from skillcred.verification.presentation_report import PresentationReport
from skillcred.verification.report import VerificationReport

MAX_BUNDLE_BYTES: Final = 16 * 1024 * 1024
"""Largest evidence bundle that is read, in bytes."""
BUNDLE_FORMAT: Final = "skillcred-evidence-1"
PRESENTATION_BUNDLE_FORMAT: Final = "skillcred-presentation-evidence-1"

AnyReport = VerificationReport | PresentationReport


class BundleError(InputError):
    """The file is not an evidence bundle that can be replayed."""

    default_code = "invalid_evidence_bundle"


def build_bundle(document: bytes, media_type: str, report: AnyReport) -> bytes:
    """The bundle for `report` on `document`: UTF-8 JSON with document, instant, policy and evidence used; for a
    presentation also with what the verifier asked for."""
    value: JsonObject = {
        "format": BUNDLE_FORMAT,
        "media_type": media_type,
        "document": base64.b64encode(document).decode("ascii"),
        "at": format_instant(report.evaluated_at),
        "policy": report.policy,
        "evidence": list(build_evidence_json(Evidence(report.evidence_used))),
    }
    if isinstance(report, VerificationReport) and report.asked_at is not None:
        value["asked_at"] = format_instant(report.asked_at)
    if isinstance(report, PresentationReport):
        value |= {
            "format": PRESENTATION_BUNDLE_FORMAT,
            "challenge": report.challenge,
            "domain": report.domain,
        }
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8")


def replay_bundle(data: bytes) -> VerificationReport:
    """The report on a credential that the bundle's inputs give.

    Raises `BundleError`, also for the bundle of a presentation, `InputError` or a strict JSON error.
    """
    report = replay_any_bundle(data)
    if isinstance(report, PresentationReport):
        raise BundleError("This is the evidence bundle of a presentation.", pointer="/format")
    return report


def replay_any_bundle(data: bytes) -> AnyReport:
    """The report that the bundle's inputs give, on a credential or a presentation, as `replay_bundle`."""
    bundle = parse_json_object(data, max_bytes=MAX_BUNDLE_BYTES)
    if bundle.get("format") == PRESENTATION_BUNDLE_FORMAT:
        inputs = _parse_inputs(bundle)
        return verify_presentation(
            inputs.document,
            evidence=inputs.evidence,
            policy=inputs.policy,
            at=inputs.at,
            media_type=inputs.media_type,
            challenge=_parse_question(bundle, "challenge"),
            domain=_parse_question(bundle, "domain"),
        )
    if bundle.get("format") != BUNDLE_FORMAT:
        raise BundleError("This is not an evidence bundle.", pointer="/format")
    inputs = _parse_inputs(bundle)
    return verify(
        inputs.document,
        evidence=inputs.evidence,
        policy=inputs.policy,
        at=inputs.at,
        media_type=inputs.media_type,
        asked_at=_parse_asked(bundle),
    )


@dataclass(frozen=True, slots=True)
class _Inputs:
    document: bytes
    media_type: str
    at: datetime
    policy: VerificationPolicy
    evidence: Evidence


def _parse_inputs(bundle: JsonObject) -> _Inputs:
    try:
        document = base64.b64decode(_text(bundle["document"]), validate=True)
        at = parse_instant(_text(bundle["at"]))
        policy_name = _text(bundle["policy"])
        media_type = _text(bundle["media_type"])
        evidence = parse_evidence_json(bundle["evidence"])
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError("The evidence bundle is not well-formed.") from error
    return _Inputs(document, media_type, at, get_policy(policy_name), evidence)


def _parse_asked(bundle: JsonObject) -> datetime | None:
    value = bundle.get("asked_at")
    try:
        return None if value is None else parse_instant(_text(value))
    except (TypeError, ValueError) as error:
        raise BundleError("The date that was asked for is not one.", pointer="/asked_at") from error


def _parse_question(bundle: JsonObject, name: str) -> str | None:
    """What was asked for, or null. It must be there: a question that was lost would be a check that was lost."""
    value = bundle.get(name, False)
    if value is not None and not isinstance(value, str):
        raise BundleError(f"The evidence bundle does not say its {name}.", pointer=f"/{name}")
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value

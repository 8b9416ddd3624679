"""The evidence bundle: everything a verdict rests on, in one file, so that anybody can replay it offline."""

from __future__ import annotations

import base64
import json
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.verification.evidence import Evidence, build_evidence_json, parse_evidence_json
from skillcred.verification.pipeline import verify
from skillcred.verification.policy import get_policy
from skillcred.verification.report import VerificationReport

MAX_BUNDLE_BYTES: Final = 16 * 1024 * 1024
"""Largest evidence bundle that is read, in bytes."""
BUNDLE_FORMAT: Final = "skillcred-evidence-1"


class BundleError(InputError):
    """The file is not an evidence bundle that can be replayed."""

    default_code = "invalid_evidence_bundle"


def build_bundle(document: bytes, media_type: str, report: VerificationReport) -> bytes:
    """The bundle for `report` on `document`: UTF-8 JSON with document, instant, policy and evidence used."""
    value: JsonObject = {
        "format": BUNDLE_FORMAT,
        "media_type": media_type,
        "document": base64.b64encode(document).decode("ascii"),
        "at": format_instant(report.evaluated_at),
        "policy": report.policy,
        "evidence": list(build_evidence_json(Evidence(report.evidence_used))),
    }
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8")


def replay_bundle(data: bytes) -> VerificationReport:
    """The report that the bundle's inputs give. Raises `BundleError`, `InputError` or a strict JSON error."""
    bundle = parse_json_object(data, max_bytes=MAX_BUNDLE_BYTES)
    if bundle.get("format") != BUNDLE_FORMAT:
        raise BundleError("This is not an evidence bundle.", pointer="/format")
    try:
        document = base64.b64decode(_text(bundle["document"]), validate=True)
        at = parse_instant(_text(bundle["at"]))
        policy_name = _text(bundle["policy"])
        media_type = _text(bundle["media_type"])
        evidence = parse_evidence_json(bundle["evidence"])
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError("The evidence bundle is not well-formed.") from error
    return verify(document, evidence=evidence, policy=get_policy(policy_name), at=at, media_type=media_type)


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value

"""Does a document keep to the rules of SD-JWT-based Verifiable Credentials?

SD-JWT VC (draft-ietf-oauth-sd-jwt-vc), section "JWT Claims Set", on the processed claims: all disclosures are in
their places. Which claims may be disclosed selectively is a question of securing. `vct` names a type, `aka_vcts`
further ones that the issuer claims for it; nothing is fetched for them here, and none of them says who may issue
(SECURITY SD-17).
"""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.findings import Findings, is_url
from skillcred.model.outcomes import PARSING_ERROR, RANGE_ERROR, Problem

MAX_NUMERIC_DATE: Final = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970 (RFC 7519 section 2, NumericDate)."""
MAX_TYPE_CHARACTERS: Final = 1024
"""Longest `vct`, and longest entry of `aka_vcts`, that is read."""

_DATES: Final = ("iat", "nbf", "exp")


def check_sd_jwt_vc(document: JsonObject, *, certified: bool = False) -> tuple[Problem, ...]:
    """The problems of `document` as an SD-JWT VC; empty if it conforms. Never raises.

    `iss` may be left out only where the issuer was found by a certificate (`certified`): an issuer without an
    identifier cannot be looked up in the registry.
    """
    findings = Findings()
    if not isinstance(document, dict):
        findings.add("document_not_object", "A credential is a JSON object.", "", PARSING_ERROR)
        return findings.problems()
    _check_type(document, findings)
    if "iss" not in document and certified:
        pass
    elif "iss" not in document:
        findings.add("issuer_missing", "The iss is missing.", "/iss")
    elif not is_url(document["iss"]):
        findings.add("issuer_malformed", "The iss must be an absolute URL.", "/iss")
    if "sub" in document and not _is_text(document["sub"]):
        findings.add("subject_malformed", "The sub must be a text.", "/sub")
    for name in ("cnf", "status"):
        if name in document and not (isinstance(document[name], dict) and document[name]):
            findings.add(f"{name}_malformed", f"The {name} must be an object with members.", f"/{name}")
    _check_dates(document, findings)
    return findings.problems()


def is_numeric_date(value: JsonValue) -> bool:
    """Whether `value` is a NumericDate of whole seconds. Those with a fraction are refused as all such numbers."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMERIC_DATE


def _check_type(document: JsonObject, findings: Findings) -> None:
    if "vct" not in document:
        findings.add("type_missing", "The vct is missing.", "/vct")
    elif not _is_type(document["vct"]):
        findings.add("type_malformed", "The vct must be a text.", "/vct")
    if "aka_vcts" in document and not _are_types(document["aka_vcts"]):
        findings.add(
            "type_malformed", "The aka_vcts must be a list of texts without repetition.", "/aka_vcts"
        )
    if "vct#integrity" in document and not _is_text(document["vct#integrity"]):
        findings.add("type_malformed", "The vct#integrity must be a text.", "/vct#integrity")


def _check_dates(document: JsonObject, findings: Findings) -> None:
    for name in _DATES:
        if name in document and not is_numeric_date(document[name]):
            findings.add("datetime_malformed", "Seconds since 1970 are expected.", f"/{name}")
    start, end = document.get("nbf"), document.get("exp")
    if isinstance(start, int) and isinstance(end, int) and end < start:
        findings.add("period_inverted", "The end lies before the start.", "/exp", RANGE_ERROR)


def _is_type(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= MAX_TYPE_CHARACTERS


def _are_types(value: JsonValue) -> bool:
    """Section 2.2.2.2: an array of additional types. An empty one, and one that names a type twice, say nothing."""
    if not isinstance(value, list) or not value:
        return False
    return all(_is_type(item) for item in value) and len({str(item) for item in value}) == len(value)


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value.strip())

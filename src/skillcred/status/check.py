"""Is the credential revoked or suspended? What cannot be told is never "not revoked" (SECURITY S-01 to S-14).

A list tells what holds when it was made. For an instant before that it can still prove that nothing was revoked,
because revocation is never undone; it cannot prove since when something is revoked, or that nothing was suspended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import FrozenJson, JsonObject
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import EvidenceReference, Outcome, Problem, Step, StepResult
from skillcred.status.entry import (
    MESSAGE,
    REFRESH,
    REVOCATION,
    SUSPENSION,
    ListKind,
    StatusEntry,
    StatusEntryError,
    parse_status_entries,
)
from skillcred.status.status_list import StatusList, StatusListError
from skillcred.status.token_status_list import INVALID, SUSPENDED, VALID

STATUS_ERRORS: Final = "https://www.w3.org/ns/credentials/status-list#"
RETRIEVAL_ERROR: Final = STATUS_ERRORS + "STATUS_RETRIEVAL_ERROR"
VERIFICATION_ERROR: Final = STATUS_ERRORS + "STATUS_VERIFICATION_ERROR"
LENGTH_ERROR: Final = STATUS_ERRORS + "STATUS_LIST_LENGTH_ERROR"
RANGE_ERROR: Final = "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"

MAX_AGE: Final = timedelta(hours=24)
"""How long after it was fetched a list that states no end is used; a longer `ttl` of its own counts instead."""
CLOCK_SKEW: Final = timedelta(seconds=60)
"""SECURITY I13."""

_PROBLEM_TYPES: Final = {
    "status_list_unavailable": RETRIEVAL_ERROR,
    "status_list_too_short": LENGTH_ERROR,
    "status_index_out_of_range": RANGE_ERROR,
}
_SENTENCES: Final = {
    "status_list_unavailable": "The status list could not be had.",
    "status_list_not_verified": "The signature of the status list could not be confirmed.",
    "status_list_wrong_issuer": "The status list was signed by somebody else than the credential.",
    "status_list_wrong_name": "The status list calls itself by another name.",
    "status_list_wrong_purpose": "The status list is for another purpose.",
    "status_list_stale": "The status list is too old to tell anything about that time.",
    "status_list_from_the_future": "The status list says it was made in the future.",
    "status_list_rolled_back": "The status list is older than one that was seen before.",
    "status_then_unknown": "The status list is younger than the time asked about and cannot tell what held then.",
    "status_value_unknown": "The status has a value whose meaning is not known here.",
}


@dataclass(frozen=True, slots=True)
class ListReading:
    """What looking for one list gave: the list and when it was fetched, or a code why there is none."""

    status_list: StatusList | None
    retrieved_at: datetime | None = None
    code: str = "status_list_unavailable"
    detail: str | None = None
    needs: tuple[EvidenceReference, ...] = ()


ReadList = Callable[[StatusEntry], ListReading]
"""Finds, verifies and decodes the list of an entry from the evidence. Pure."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one entry says. `outcome` is passed, failed or indeterminate."""

    outcome: Outcome
    code: str
    problem: Problem | None = None
    warning: Problem | None = None
    details: FrozenJson = None
    needs: tuple[EvidenceReference, ...] = ()


def check_status(document: JsonObject, issuer_id: str, read_list: ReadList, *, at: datetime) -> StepResult:
    """The status of verified claims `document`, as of `at`. Raises nothing for what they hold."""
    try:
        entries = parse_status_entries(document)
    except StatusEntryError as error:
        unsupported = error.code == "status_type_unsupported"
        problem = Problem(error.code, error.message, error.pointer, VERIFICATION_ERROR)
        outcome = Outcome.INDETERMINATE if unsupported else Outcome.FAILED
        return StepResult(Step.STATUS, outcome, error.code, (problem,))
    if not entries:
        return StepResult(Step.STATUS, Outcome.NOT_APPLICABLE, "no_status_declared")
    return _combine([_check_entry(entry, issuer_id, read_list(entry), at) for entry in entries])


def _combine(findings: list[_Finding]) -> StepResult:
    """A status that is set decides; then what could not be told."""
    deciding = findings[0]
    for outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
        found = next((finding for finding in findings if finding.outcome is outcome), None)
        if found is not None:
            deciding = found
            break
    return StepResult(
        Step.STATUS,
        deciding.outcome,
        deciding.code,
        tuple(finding.problem for finding in findings if finding.problem is not None),
        tuple(dict.fromkeys(need for finding in findings for need in finding.needs)),
        tuple(finding.warning for finding in findings if finding.warning is not None),
        MappingProxyType({"entries": tuple(finding.details for finding in findings)}),
    )


def _check_entry(entry: StatusEntry, issuer_id: str, reading: ListReading, at: datetime) -> _Finding:
    status_list = reading.status_list
    if status_list is None:
        return _unknown(entry, reading.code, reading.detail, reading.needs)
    fault = _list_fault(entry, issuer_id, status_list, reading.retrieved_at, at)
    if fault is not None:
        return _unknown(entry, fault)
    size = entry.size if status_list.size is None else status_list.size
    try:
        value = status_list.get_status(entry.index, size if size is not None else 1)
    except StatusListError as error:
        return _unknown(entry, error.code, error.message)
    later = status_list.issued_at is not None and status_list.issued_at > at + CLOCK_SKEW
    details = _details(entry, status_list, value)
    if entry.kind is ListKind.JWT:
        return _token_finding(entry, value, details, later=later)
    return _bitstring_finding(entry, value, details, later=later)


def _list_fault(
    entry: StatusEntry, issuer_id: str, status_list: StatusList, retrieved_at: datetime | None, at: datetime
) -> str | None:
    if status_list.issuer != issuer_id:
        return "status_list_wrong_issuer"
    # a token must carry its name (Token Status List section 8.3); the `id` of a credential is optional
    if status_list.uri != entry.list_uri and (status_list.uri is not None or entry.kind is ListKind.JWT):
        return "status_list_wrong_name"
    if entry.kind is ListKind.BITSTRING and entry.purpose not in status_list.purposes:
        return "status_list_wrong_purpose"
    issued_at = status_list.issued_at
    if issued_at is not None and retrieved_at is not None and issued_at > retrieved_at + CLOCK_SKEW:
        return "status_list_from_the_future"
    if status_list.valid_until is not None and status_list.valid_until <= at:
        return "status_list_stale"
    if retrieved_at is not None and status_list.valid_until is None:
        lasting = max(MAX_AGE, status_list.ttl or MAX_AGE)
        if retrieved_at + lasting < at:
            return "status_list_stale"
    return None


def _bitstring_finding(entry: StatusEntry, value: int, details: FrozenJson, *, later: bool) -> _Finding:
    purpose = entry.purpose
    if purpose == MESSAGE:
        return _Finding(Outcome.PASSED, "not_revoked", details=details)
    if purpose == REFRESH:
        warning = Problem(
            "refresh_available", "The issuer has a newer version of the credential.", entry.pointer
        )
        return _Finding(Outcome.PASSED, "not_revoked", warning=warning if value else None, details=details)
    if purpose == REVOCATION:
        return _set_or_not(entry, "revoked" if value else None, details, later=later)
    if purpose == SUSPENSION:
        return _set_or_not(entry, "suspended" if value else None, details, later=later)
    if value:
        return _unknown(entry, "status_value_unknown")
    return _Finding(Outcome.PASSED, "not_revoked", details=details)


def _token_finding(entry: StatusEntry, value: int, details: FrozenJson, *, later: bool) -> _Finding:
    if value not in (VALID, INVALID, SUSPENDED):
        return _unknown(entry, "status_value_unknown")
    code = {VALID: None, INVALID: "revoked", SUSPENDED: "suspended"}[value]
    if later and code is None:
        # the same entry may have said "suspended" before
        return _unknown(entry, "status_then_unknown")
    return _set_or_not(entry, code, details, later=later)


def _set_or_not(entry: StatusEntry, code: str | None, details: FrozenJson, *, later: bool) -> _Finding:
    if later and (code is not None or entry.purpose == SUSPENSION):
        return _unknown(entry, "status_then_unknown")
    if code is None:
        return _Finding(Outcome.PASSED, "not_revoked", details=details)
    return _Finding(Outcome.FAILED, code, details=details)


def _unknown(
    entry: StatusEntry, code: str, detail: str | None = None, needs: tuple[EvidenceReference, ...] = ()
) -> _Finding:
    sentence = _SENTENCES.get(code, "The status list cannot be used.")
    problem = Problem(
        code,
        sentence if detail is None else f"{sentence} ({detail})",
        entry.pointer,
        _PROBLEM_TYPES.get(code, VERIFICATION_ERROR),
    )
    return _Finding(Outcome.INDETERMINATE, code, problem, needs=needs)


def _details(entry: StatusEntry, status_list: StatusList, value: int) -> FrozenJson:
    return MappingProxyType(
        {
            "list": entry.list_uri,
            "purpose": entry.purpose,
            "value": value,
            "message": entry.messages.get(value),
            "list_made_at": None if status_list.issued_at is None else format_instant(status_list.issued_at),
        }
    )

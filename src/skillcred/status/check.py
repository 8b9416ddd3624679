"""Is the credential revoked or suspended? What cannot be told is never "not revoked" (SECURITY S-01 to S-14).

A list tells what holds when it was made. For an instant before that it can still prove that nothing was revoked,
because revocation is never undone; it cannot prove since when something is revoked, or that nothing was suspended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from skillcred.encoding.json_types import FrozenJson, JsonObject
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import EvidenceReference, Outcome, Problem, Step, StepResult
from skillcred.status.entry import (
    MESSAGE,
    NO_MESSAGES,
    REFRESH,
    REVOCATION,
    SUSPENSION,
    ListKind,
    StatusEntry,
    StatusEntryError,
    parse_status_entries,
)
from skillcred.status.past import (
    CLOCK_SKEW,
    NO_PAST,
    Held,
    ListReading,
    Past,
    ReadPast,
    covers,
    find_revocation,
    judge_revoked_entry,
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

MAX_READ_VALUES: Final = 256
"""Most values of lists of which it is remembered what they say."""

SINCE: Final = "The issuer has revoked the credential since then."
KNOWN_THEN: Final = (
    "This is what was known then. A revocation recorded later, with effect from before, would not show."
)
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


# In 3.11 looking a member of an enumeration up costs more than a call.
_STEP: Final = Step.STATUS
_PASSED: Final = Outcome.PASSED
_NOTHING: Final = Held.NOTHING
NOT_REVOKED: Final = Held.NOTHING.value
REVOKED_SINCE: Final = Held.REVOKED_SINCE.value
_WEIGHTS: Final = {Outcome.PASSED: 0, Outcome.INDETERMINATE: 2, Outcome.FAILED: 3}
_OF_TOKENS: Final = {VALID: Held.NOTHING, INVALID: Held.REVOKED, SUSPENDED: Held.SUSPENDED}
"""What a value in a token list says; others are up to the application."""

_USUAL_PURPOSES: Final = frozenset({None, REVOCATION, SUSPENSION})

ReadList = Callable[[StatusEntry], ListReading]
"""Finds, verifies and decodes the list of an entry from the evidence. Pure."""


class _Finding(NamedTuple):
    """What one entry says. `outcome` is passed, failed or indeterminate."""

    outcome: Outcome
    code: str
    problem: Problem | None = None
    warning: Problem | None = None
    details: FrozenJson = None
    needs: tuple[EvidenceReference, ...] = ()


def check_status(
    document: JsonObject, issuer_id: str, read_list: ReadList, *, at: datetime, past: ReadPast = NO_PAST
) -> StepResult:
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
    return _combine([_check_entry(entry, issuer_id, read_list(entry), past, at) for entry in entries])


def _combine(findings: list[_Finding]) -> StepResult:
    """A status that is set decides; then what could not be told; then that it was revoked since."""
    deciding, most = findings[0], 0
    problems: list[Problem] = []
    needs: list[EvidenceReference] = []
    warnings: list[Problem] = []
    details: list[FrozenJson] = []
    for finding in findings:
        outcome, code, problem, warning, told, lacking = finding
        weight = _WEIGHTS[outcome]
        if code == REVOKED_SINCE and not weight:
            weight = 1
        if weight > most:
            deciding, most = finding, weight
        if problem is not None:
            problems.append(problem)
        if warning is not None:
            warnings.append(warning)
        if lacking:
            needs.extend(lacking)
        details.append(told)
    return StepResult(
        _STEP,
        deciding.outcome,
        deciding.code,
        tuple(problems),
        tuple(dict.fromkeys(needs)) if needs else (),
        tuple(warnings),
        {"entries": tuple(details)},
    )


def _check_entry(
    entry: StatusEntry, issuer_id: str, reading: ListReading, past: ReadPast, at: datetime
) -> _Finding:
    status_list, retrieved_at = reading.status_list, reading.retrieved_at
    if status_list is None:
        return _unknown(entry, reading.code, reading.detail, reading.needs)
    fault = _list_fault(entry, issuer_id, status_list, retrieved_at, at)
    if fault is not None:
        return _unknown(entry, fault)
    try:
        value = status_list.get_status(entry.list_index, entry.size)
    except StatusListError as error:
        return _unknown(entry, error.code, error.message)
    issued_at, ends, purpose = status_list.issued_at, status_list.valid_until, entry.purpose
    # Nothing of a credential is remembered: neither its messages, nor purposes that may be any text.
    usual = purpose in _USUAL_PURPOSES and entry.messages is NO_MESSAGES
    read = _read_value if usual else _read_value.__wrapped__
    held, details, clear = read(entry.list_uri, purpose, value, entry.messages.get(value), issued_at)
    if held is None:
        return _told(entry, value, details)
    later = issued_at is not None and issued_at - at > CLOCK_SKEW
    if held is _NOTHING and (not later or purpose == REVOCATION):
        # A list that was over when it was had was kept by somebody; there are later ones, which may tell of a
        # revocation with effect from before.
        if ends is not None and retrieved_at is not None and ends <= retrieved_at and purpose != SUSPENSION:
            return clear._replace(warning=Problem("status_as_known_then", KNOWN_THEN, entry.pointer))
        return clear
    if not later:
        dates = past.dates(entry) if held is Held.REVOKED else None
        found = None if dates is None else find_revocation(entry, issuer_id, dates)
        effective_at, recorded_at = found or (None, None)
        told = Past(held, effective_at, recorded_at, () if dates is None else dates.needs)
        return _past_finding(entry, told, details)
    then, needs = _held_then(entry, issuer_id, past, at)
    if held is not Held.REVOKED:
        return _past_finding(entry, Past(then, needs=needs), details)
    judged = judge_revoked_entry(entry, issuer_id, past, at, _then_of_revoked(entry, then))
    return _past_finding(entry, judged, details, needs)


@lru_cache(maxsize=MAX_READ_VALUES)
def _read_value(
    list_uri: str, purpose: str | None, value: int, message: str | None, made_at: datetime | None
) -> tuple[Held | None, Mapping[str, FrozenJson], _Finding]:
    """What a value of a list holds, the details of it, and the finding if that is nothing. It is the same for all
    credentials with that value."""
    details: Mapping[str, FrozenJson] = {
        "list": list_uri,
        "purpose": purpose,
        "value": value,
        "message": message,
        "list_made_at": None if made_at is None else format_instant(made_at),
    }
    return _held(purpose, value), details, _Finding(_PASSED, NOT_REVOKED, details=details)


def _held(purpose: str | None, value: int) -> Held | None:
    """What a value says of revocation and suspension; `None` where it is not about them, or not understood."""
    if purpose is None:
        return _OF_TOKENS.get(value)
    if purpose == REVOCATION:
        return Held.REVOKED if value else _NOTHING
    if purpose == SUSPENSION:
        return Held.SUSPENDED if value else _NOTHING
    return None


def _held_then(
    entry: StatusEntry, issuer_id: str, past: ReadPast, at: datetime
) -> tuple[Held, tuple[EvidenceReference, ...]]:
    """What the list of that instant says, if it is at hand and is one."""
    reading = past.list_then(entry)
    status_list = reading.status_list
    if status_list is None:
        return Held.UNKNOWN, reading.needs
    if not covers(status_list, at) or _list_fault(entry, issuer_id, status_list, None, at) is not None:
        return Held.UNKNOWN, ()
    try:
        return _held(entry.purpose, status_list.get_status(entry.list_index, entry.size)) or Held.UNKNOWN, ()
    except StatusListError:
        return Held.UNKNOWN, ()


def _then_of_revoked(entry: StatusEntry, then: Held) -> Held:
    """An entry for revocation tells of nothing else, so it needs no list of then to prove what else held."""
    return Held.NOTHING if entry.purpose == REVOCATION and then is Held.UNKNOWN else then


def _past_finding(
    entry: StatusEntry,
    past: Past,
    details: Mapping[str, FrozenJson],
    needs: tuple[EvidenceReference, ...] = (),
) -> _Finding:
    """The finding for what held; with the dates of the revocation, where they are known."""
    held = past.held
    wanted = tuple(dict.fromkeys((*past.needs, *needs)))
    if held is Held.UNKNOWN:
        return _unknown(entry, held.value, needs=wanted)
    problem = None
    if past.effective_at is not None and past.recorded_at is not None:
        effective, recorded = format_instant(past.effective_at), format_instant(past.recorded_at)
        details = {**details, "revoked_with_effect_from": effective, "revocation_recorded_at": recorded}
        problem = Problem(
            "revoked_with_effect_from",
            f"It is revoked with effect from {effective}; that was recorded at {recorded}.",
            entry.pointer,
        )
    if held in (Held.NOTHING, Held.REVOKED_SINCE):
        warning = None
        if held is Held.REVOKED_SINCE:
            warning = Problem(held.value, SINCE, entry.pointer)
        return _Finding(Outcome.PASSED, held.value, warning=warning, details=details)
    return _Finding(Outcome.FAILED, held.value, problem, details=details, needs=wanted)


def _list_fault(
    entry: StatusEntry, issuer_id: str, status_list: StatusList, retrieved_at: datetime | None, at: datetime
) -> str | None:
    if status_list.issuer != issuer_id:
        return "status_list_wrong_issuer"
    # a token must carry its name (Token Status List section 8.3); the `id` of a credential is optional
    if status_list.uri != entry.list_uri and (status_list.uri is not None or entry.kind is ListKind.JWT):
        return "status_list_wrong_name"
    if entry.purpose is not None and entry.purpose not in status_list.purposes:
        return "status_list_wrong_purpose"
    issued_at, ends = status_list.issued_at, status_list.valid_until
    if issued_at is not None and retrieved_at is not None and issued_at - retrieved_at > CLOCK_SKEW:
        return "status_list_from_the_future"
    if ends is not None:
        return "status_list_stale" if ends <= at else None
    if retrieved_at is not None:
        lasting = max(MAX_AGE, status_list.ttl or MAX_AGE)
        if at - retrieved_at > lasting:
            return "status_list_stale"
    return None


def _told(entry: StatusEntry, value: int, details: Mapping[str, FrozenJson]) -> _Finding:
    """Values that are not about revocation and suspension."""
    if entry.kind is ListKind.BITSTRING and entry.purpose in (MESSAGE, REFRESH):
        warning = None
        if entry.purpose == REFRESH and value:
            warning = Problem(
                "refresh_available", "The issuer has a newer version of the credential.", entry.pointer
            )
        return _Finding(Outcome.PASSED, "not_revoked", warning=warning, details=details)
    if value or entry.kind is ListKind.JWT:
        return _unknown(entry, "status_value_unknown")
    return _Finding(Outcome.PASSED, "not_revoked", details=details)


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

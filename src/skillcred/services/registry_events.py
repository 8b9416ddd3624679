"""What can happen to an accreditation, or to the enrolment of a body, and what may follow what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, InputError
from skillcred.identifiers.did import DidError, split_did
from skillcred.model.datetimes import format_instant
from skillcred.services.names import check_name
from skillcred.services.records import AccreditationEvent, AccreditationEventKind, BodyEvent
from skillcred.trust import Succession
from skillcred.trust.records import SUCCESSIONS

MAX_REASON_CHARACTERS: Final = 1000

_SUSPENDED = AccreditationEventKind.SUSPENDED
_REINSTATED = AccreditationEventKind.REINSTATED
_ENDED = AccreditationEventKind.ENDED
_WITHDRAWN = AccreditationEventKind.WITHDRAWN
_SUCCEEDED = AccreditationEventKind.SUCCEEDED
_ALLOWED_AFTER: Final = {
    None: {_SUSPENDED, _ENDED, _WITHDRAWN, _SUCCEEDED},
    _SUSPENDED: {_REINSTATED, _ENDED, _WITHDRAWN, _SUCCEEDED},
    _REINSTATED: {_SUSPENDED, _ENDED, _WITHDRAWN, _SUCCEEDED},
    _ENDED: {_WITHDRAWN},
    _SUCCEEDED: {_WITHDRAWN},
    _WITHDRAWN: frozenset[AccreditationEventKind](),
}
"""What may follow what; None is where nothing has happened. What has ended may still be withdrawn: fraud can come to
light afterwards. Nothing follows a withdrawal."""


@dataclass(frozen=True, slots=True)
class EventOrder:
    """What is to be recorded: effective from `effective_at`, published with `reason`; `successor` goes with `succeeded`
    and with nothing else."""

    kind: AccreditationEventKind
    effective_at: datetime
    reason: str
    successor: Succession | None = None


def build_event_order(
    kind: AccreditationEventKind | str, effective_at: datetime, reason: str, successor: Succession | None
) -> EventOrder:
    """The order, if it is well-formed. Raises `InputError` (`unknown_event_kind`, `invalid_successor`,
    `invalid_datetime`, `invalid_reason`) and `UnsafeNameError`."""
    event_kind = _kind(kind)
    _check_successor(event_kind, successor)
    if effective_at.tzinfo is None:
        raise InputError("The instant needs an offset.", code="invalid_datetime", pointer="/effective_at")
    if not 1 <= len(reason.strip()) <= MAX_REASON_CHARACTERS or not reason.isprintable():
        raise InputError(
            f"A reason has 1 to {MAX_REASON_CHARACTERS} printable characters.",
            code="invalid_reason",
            pointer="/reason",
        )
    return EventOrder(event_kind, effective_at, reason.strip(), successor)


def check_transition(events: Sequence[AccreditationEvent | BodyEvent], order: EventOrder, final: str) -> None:
    """That `order` may follow `events`. Only a withdrawal may take effect before an earlier event, because it says that
    what is withdrawn should never have been relied on from then.

    Raises `ConflictError` (`final` where it is over for good, `accreditation_state`, `event_out_of_order`)."""
    last = events[-1] if events else None
    allowed = _ALLOWED_AFTER[last.kind if last else None]
    over = last is not None and last.kind in (_ENDED, _SUCCEEDED, _WITHDRAWN)
    if over and order.kind not in allowed:
        raise ConflictError("It is over for good.", code=final)
    if order.kind not in allowed:
        raise ConflictError("It is not in a state for that.", code="accreditation_state")
    if last is not None and order.kind is not _WITHDRAWN and order.effective_at < last.effective_at:
        raise ConflictError(
            "The change would take effect before the one recorded last.", code="event_out_of_order"
        )


def describe_event(event: AccreditationEvent | BodyEvent) -> JsonObject:
    """The event as the log of the registry tells it."""
    successor = event.successor
    return {
        "event_id": event.id,
        "kind": event.kind.value,
        "effective_at": format_instant(event.effective_at),
        "reason": event.reason,
        "successor": None
        if successor is None
        else {"kind": successor.kind, "did": successor.did, "name": successor.name},
    }


def _check_successor(kind: AccreditationEventKind, successor: Succession | None) -> None:
    if (successor is not None) != (kind is _SUCCEEDED):
        raise InputError(
            "Who follows is told with a succession, and only then.",
            code="invalid_successor",
            pointer="/successor",
        )
    if successor is None:
        return
    if successor.kind not in SUCCESSIONS:
        raise InputError("There is no such succession.", code="invalid_successor", pointer="/successor/kind")
    check_name(successor.name, pointer="/successor/name")
    if successor.did is not None:
        try:
            split_did(successor.did)
        except DidError as error:
            raise InputError(
                "The successor's DID is not one.", code="invalid_successor", pointer="/successor/did"
            ) from error


def _kind(kind: AccreditationEventKind | str) -> AccreditationEventKind:
    try:
        return AccreditationEventKind(kind)
    except ValueError as error:
        raise InputError("There is no such change.", code="unknown_event_kind", pointer="/kind") from error

"""Was an accreditation, or the enrolment of a national body, in force at an instant?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from skillcred.trust.accreditation import AccreditationStatement
from skillcred.trust.records import EnrolledBody, ExtractedEvent, Succession


class Standing(StrEnum):
    """State of an accreditation at one instant."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    SUCCEEDED = "succeeded"


_AFTER_EVENT = {
    "suspended": Standing.SUSPENDED,
    "reinstated": Standing.IN_FORCE,
    "ended": Standing.ENDED,
    "withdrawn": Standing.WITHDRAWN,
    "succeeded": Standing.SUCCEEDED,
}
_FINAL = (Standing.ENDED, Standing.WITHDRAWN, Standing.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class StandingSince:
    """A state and, where an event or a date of the accreditation began it, since when; and who follows, if anybody."""

    standing: Standing
    since: datetime | None
    successor: Succession | None = None


def standing_at(
    statement: AccreditationStatement, events: Sequence[ExtractedEvent], instant: datetime
) -> StandingSince:
    """The state at `instant`: the events by their effective date decide; what is final stays so, and only a withdrawal
    may reach back before it."""
    if instant < statement.valid_from:
        return StandingSince(Standing.NOT_YET, None)
    state = _after_events(StandingSince(Standing.IN_FORCE, statement.valid_from), events, instant)
    if state.standing not in _FINAL and statement.valid_until is not None and instant > statement.valid_until:
        return StandingSince(Standing.EXPIRED, statement.valid_until)
    return state


def body_standing_at(body: EnrolledBody, instant: datetime) -> StandingSince:
    """The state of the enrolment of `body` at `instant`.

    Enrolment is when we came to know the body. Its own authority is older, so before its enrolment it is taken to be
    in force, and what it says of that time is its own statement.
    """
    state = _after_events(StandingSince(Standing.IN_FORCE, body.enrolled_at), body.events, instant)
    if state.standing not in _FINAL and body.ended_at is not None and instant >= body.ended_at:
        return StandingSince(Standing.ENDED, body.ended_at)
    return state


def _after_events(state: StandingSince, events: Sequence[ExtractedEvent], instant: datetime) -> StandingSince:
    if not events:
        return state
    for event in sorted(events, key=lambda event: (event.effective_at, event.recorded_at)):
        if event.effective_at <= instant and state.standing not in _FINAL:
            state = StandingSince(_AFTER_EVENT[event.kind], event.effective_at, event.successor)
    return state

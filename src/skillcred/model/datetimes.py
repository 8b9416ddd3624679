"""Instants as XSD 1.1 dateTimeStamp (VCDM 2.0 section "Representing Time"), compared in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from skillcred.errors import InputError

_STAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d{0,31})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


class DateTimeError(InputError, ValueError):
    """The text is not a dateTimeStamp with an offset."""

    default_code = "invalid_datetime"


@lru_cache(maxsize=1024)
def parse_instant(text: str) -> datetime:
    """The instant `text` names, in UTC, to the microsecond.

    `24:00:00` (end of day) is XSD's spelling of midnight and `-00:00` one of UTC (XSD 1.1 part 2, section
    3.3.7.2); both are accepted. A leap second, a missing offset, an offset beyond 14:00 and lower-case letters are not.
    Raises `DateTimeError`.
    """
    match = _STAMP.fullmatch(text) if len(text) <= 64 else None
    if match is None:
        raise DateTimeError("The value is not a date and time with an offset (XSD dateTimeStamp).")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction = (match[7] or "").ljust(6, "0")[:6]
    end_of_day = (hour, minute, second, int(fraction)) == (24, 0, 0, 0)
    try:
        local = datetime(
            year,
            month,
            day,
            0 if end_of_day else hour,
            minute,
            second,
            int(fraction),
            tzinfo=_offset(match[8]),
        )
        return (local + timedelta(days=int(end_of_day))).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DateTimeError("The value names a date and time that does not exist.") from error


def earlier(instant: datetime, by: timedelta) -> datetime:
    """`instant` less `by`, or the first instant of all. To compare, subtract instants: that never runs over."""
    try:
        return instant - by
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def to_utc(instant: datetime) -> datetime:
    """The same instant in UTC. Raises `DateTimeError` (`instant_without_zone`, `instant_out_of_range`)."""
    if instant.tzinfo is None:
        raise DateTimeError("The instant needs a time zone.", code="instant_without_zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise DateTimeError("In UTC there is no such instant.", code="instant_out_of_range") from error


def format_instant(instant: datetime) -> str:
    """`instant` in UTC with `Z`, seconds precision unless it has microseconds."""
    # Only instants in UTC are remembered: in another zone two that differ in `fold` alone count as equal.
    return format_utc(instant if instant.tzinfo is UTC else instant.astimezone(UTC))


@lru_cache(maxsize=1024)
def format_utc(instant: datetime) -> str:
    """The same for an instant that is in UTC, as all are that `parse_instant` and `to_utc` give."""
    return instant.isoformat().replace("+00:00", "Z")


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise DateTimeError("The offset from UTC is out of range.")
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)

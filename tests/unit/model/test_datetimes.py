"""SECURITY P-15: only XSD dateTimeStamp, compared in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from skillcred.model.datetimes import DateTimeError, format_instant, parse_instant


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "2026-01-01T23:59:60Z",
        "2026-01-01T00:00:00",
        "2026-01-01",
        "2026-01-01T00:00:00+14:01",
        "2026-01-01T00:00:00+15:00",
        "2026-01-01T00:00:00+05:60",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-01-01t00:00:00z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Z\n",
        "٢٠٢٦-01-01T00:00:00Z",
        "9999-12-31T24:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-01-01T00:00:00." + "0" * 60 + "Z",
        "",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(DateTimeError):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T05:30:00+05:30", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2025-12-31T24:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.1234567Z", datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-01T00:00:00-00:00", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_accepted(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant


def test_there_and_back() -> None:
    for instant in (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC)):
        assert parse_instant(format_instant(instant)) == instant

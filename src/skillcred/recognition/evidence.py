"""What several credentials of one person show together: years of work, registrations, training that was checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from skillcred.recognition.case import Answer, Grade, Held, Kind, Period

FULL_TIME_HOURS: Final = 35.0
"""Hours a week that count as full time; fewer count in proportion. Our own reading of "full-time or equivalent"."""
DAYS_OF_A_YEAR: Final = 365
"""So that leap days cost nobody a year."""
FORMAL: Final = frozenset({Kind.HIGHER, Kind.VOCATIONAL, Kind.SCHOOL, Kind.FORMAL})
PRIOR_LEARNING: Final = frozenset({Kind.NON_FORMAL, Kind.INFORMAL, Kind.EXPERIENCE})


@dataclass(frozen=True, slots=True)
class Body:
    """The evidence of one person."""

    held: tuple[Held, ...]
    occupation: str | None
    at: date

    def experience(self) -> tuple[Held, ...]:
        """Attested work in the occupation, or in that of the qualification where none is asked about."""
        return tuple(
            item
            for item in self.held
            if item.kind is Kind.EXPERIENCE and item.grade is not Grade.SELF_DECLARED and self._relevant(item)
        )

    def trainings(self) -> tuple[Held, ...]:
        """Training in the occupation that a body awarded which was authorised to."""
        return tuple(
            item
            for item in self.held
            if item.kind is Kind.NON_FORMAL
            and item.grade is Grade.AWARDED
            and item.issuer_then is Answer.MET
            and self._relevant(item)
        )

    def registrations(self, country: str) -> tuple[Held, ...]:
        """Registrations for the occupation that a body of `country` gave."""
        return tuple(
            item
            for item in self.held
            if item.kind is Kind.REGISTRATION
            and item.grade is Grade.AWARDED
            and item.country == country
            and (self.occupation is None or self._relevant(item))
        )

    def years(self) -> float:
        """Years of attested work in the occupation; times that overlap count once."""
        return count_years(_spans(self.experience(), self.at))

    def all_years(self) -> float:
        """Years of work in any occupation."""
        return count_years(_spans(self.held, self.at))

    def continuous_years(self) -> float:
        """The longest such time without a break."""
        return max((_length(span) for span in _merged(_spans(self.experience(), self.at))), default=0.0)

    def full_time_years(self, within: int) -> float:
        """Years of such work in the last `within` years, as full time. Work whose hours are not stated does not
        count."""
        start = self.at - timedelta(days=within * DAYS_OF_A_YEAR)
        total = 0.0
        shares = sorted(
            {
                min(1.0, period.hours_per_week / FULL_TIME_HOURS)
                for item in self.experience()
                for period in item.periods
                if period.hours_per_week is not None
            },
            reverse=True,
        )
        covered: list[tuple[date, date]] = []
        for share in shares:
            spans = [
                (max(span[0], start), span[1])
                for item in self.experience()
                for period in item.periods
                if period.hours_per_week is not None
                and min(1.0, period.hours_per_week / FULL_TIME_HOURS) == share
                and (span := _span(period, self.at)) is not None
                and span[1] > start
            ]
            before = count_years(covered)
            covered = [*covered, *spans]
            total += share * (count_years(covered) - before)
        return total

    def _relevant(self, item: Held) -> bool:
        wanted = (
            (self.occupation,)
            if self.occupation is not None
            else tuple(code for other in self.held if other.kind in FORMAL for code in other.isco)
        )
        return any(share_occupation(mine, other) for mine in item.isco for other in wanted)


def share_occupation(one: str, other: str) -> bool:
    """Whether one ISCO-08 code is the other or lies below it."""
    return one.startswith(other) or other.startswith(one)


def count_years(spans: Iterable[tuple[date, date]]) -> float:
    """Years that `spans` cover together."""
    return sum(map(_length, _merged(spans)))


def form_bodies(held: Sequence[Held], occupation: str | None, at: date) -> tuple[Body, ...]:
    """Bodies of evidence: credentials that name the same holder are one, each other stands for itself."""
    groups: dict[str, list[Held]] = {}
    for place, item in enumerate(held):
        groups.setdefault(f"\0{place}" if item.holder is None else item.holder, []).append(item)
    return tuple(Body(tuple(group), occupation, at) for group in groups.values())


def _spans(held: Iterable[Held], at: date) -> list[tuple[date, date]]:
    return [span for item in held for period in item.periods if (span := _span(period, at)) is not None]


def _span(period: Period, at: date) -> tuple[date, date] | None:
    end = period.end or period.attested
    if end is None or end > at:
        end = at if end is not None else period.start
    return (period.start, end) if end > period.start else None


def _merged(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    merged: list[tuple[date, date]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + timedelta(days=1):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _length(span: tuple[date, date]) -> float:
    return ((span[1] - span[0]).days + 1) / DAYS_OF_A_YEAR

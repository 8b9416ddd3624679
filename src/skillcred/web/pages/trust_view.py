"""What the registry says about the issuer at the date of award, now, and at a date asked for, from the details of the
trust step (trust/dates.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import FrozenJson, JsonValue
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.model.outcomes import Step
from skillcred.trust.reasons import LIMITS
from skillcred.verification import VerificationReport
from skillcred.web.pages.claims_view import show_text
from skillcred.web.pages.labels import ANSWERS, STANDINGS
from skillcred.web.pages.languages import Language, Translation

DATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "award": "On the date of award, as the credential states it",
        "now": "Now",
        "asked": "On the date asked for",
    }
)
"""English names of the dates, by their member in the details."""


@dataclass(frozen=True, slots=True)
class TrustLink:
    """One link of the chain: who is speaking, `None` for the registry itself, and whether it held at the date."""

    by: str | None
    by_name: str | None
    standing: str
    in_force: bool
    since: datetime | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class TrustDate:
    """The answer at one date, the chain it rests on, and the limits that the credential is not within. The day is as
    the credential writes it, where it does."""

    name: str
    day: date
    answer: str
    authorised: bool
    chain: tuple[TrustLink, ...]
    limits: tuple[Translation, ...]


@dataclass(frozen=True, slots=True)
class CopyAge:
    """When the copy of the registry was brought up to date, and until when it may be used."""

    updated: datetime
    expires: datetime


def build_copy_age(report: VerificationReport) -> CopyAge | None:
    """How old the copy is; `None` where the registry itself was asked."""
    details = next((step.details for step in report.steps if step.step is Step.TRUST), {})
    told = details.get("registry")
    if not isinstance(told, Mapping):
        return None
    return CopyAge(parse_instant(str(told["updated"])), parse_instant(str(told["expires"])))


def build_trust_dates(report: VerificationReport, language: Language) -> tuple[TrustDate, ...]:
    """The dates of which the report tells, none where the trust step was not reached."""
    details = next((step.details for step in report.steps if step.step is Step.TRUST), {})
    found = ((name, details.get(member)) for member, name in DATES.items())
    claims = report.claims or {}
    return tuple(_date(name, told, claims, language) for name, told in found if isinstance(told, Mapping))


def _day(instant: datetime, claims: Mapping[str, JsonValue]) -> date:
    """The day as the issuer wrote it; in UTC it may be the day before."""
    for member in ("awardedDate", "validFrom", "issuanceDate"):
        text = claims.get(member)
        if isinstance(text, str) and _names(text, instant):
            return date.fromisoformat(text[:10])
    return instant.astimezone(UTC).date()


def _names(text: str, instant: datetime) -> bool:
    try:
        return parse_instant(text) == instant
    except DateTimeError:
        return False


def _date(
    name: str, told: Mapping[str, FrozenJson], claims: Mapping[str, JsonValue], language: Language
) -> TrustDate:
    chain, reasons = told.get("chain", ()), told.get("reasons", ())
    links = chain if isinstance(chain, tuple) else ()
    codes = reasons if isinstance(reasons, tuple) else ()
    return TrustDate(
        name=name,
        day=_day(parse_instant(str(told["date"])), claims),
        answer=ANSWERS[str(told["answer"])],
        authorised=told["answer"] == "authorised",
        chain=tuple(_link(link) for link in links if isinstance(link, Mapping)),
        limits=tuple(
            language.sentence(LIMITS[code]) for code in codes if isinstance(code, str) and code in LIMITS
        ),
    )


def _link(told: Mapping[str, FrozenJson]) -> TrustLink:
    enrolment = told["statement"] == "enrolment"
    since, name, successor = told.get("since"), told.get("by_name"), told.get("successor")
    return TrustLink(
        by=None if enrolment else show_text(str(told["by"])),
        by_name=show_text(name) if isinstance(name, str) else None,
        standing=STANDINGS[str(told["standing"])],
        in_force=told["standing"] == "in_force",
        since=parse_instant(since) if isinstance(since, str) else None,
        successor=show_text(str(successor["name"])) if isinstance(successor, Mapping) else None,
    )

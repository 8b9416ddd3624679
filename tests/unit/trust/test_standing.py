"""Accreditations over time, and whether a scope covers a credential (SECURITY T-01, T-02)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from skillcred.profiles import CredentialFacts
from skillcred.profiles.facts import Level
from skillcred.trust import AccreditationScope, AccreditationStatement, ExtractedEvent, ScopeLevel
from skillcred.trust.coverage import Coverage, scope_coverage
from skillcred.trust.standing import Standing, standing_at

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 1, tzinfo=UTC)
SCOPE = AccreditationScope(("qualification",), ("0913", "02"), ScopeLevel("EQF", "6"), ("PH",))
STATEMENT = AccreditationStatement("urn:a", "did:b", "did:p", (SCOPE,), START, END)


def event(kind: str, day: int, recorded: int | None = None) -> ExtractedEvent:
    return ExtractedEvent(kind, START + day * DAY, START + (recorded or day) * DAY, "reason")


@pytest.mark.parametrize(
    ("events", "instant", "standing"),
    [
        pytest.param([], START - DAY, Standing.NOT_YET, id="T-02-accredited-later"),
        pytest.param([], START, Standing.IN_FORCE, id="from-the-first-instant"),
        pytest.param([], END, Standing.IN_FORCE, id="until-the-last-instant"),
        pytest.param([], END + DAY, Standing.EXPIRED, id="expired"),
        pytest.param(
            [event("suspended", 10)], START + 9 * DAY, Standing.IN_FORCE, id="T-02-before-suspension"
        ),
        pytest.param([event("suspended", 10)], START + 10 * DAY, Standing.SUSPENDED, id="T-02-suspended"),
        pytest.param(
            [event("suspended", 10), event("reinstated", 20)],
            START + 15 * DAY,
            Standing.SUSPENDED,
            id="T-02-suspended-at-issue-reinstated-later",
        ),
        pytest.param(
            [event("suspended", 10), event("reinstated", 20)],
            START + 20 * DAY,
            Standing.IN_FORCE,
            id="reinstated",
        ),
        pytest.param([event("ended", 10)], START + 11 * DAY, Standing.ENDED, id="T-02-ended"),
        pytest.param(
            [event("ended", 10), event("reinstated", 20)],
            START + 30 * DAY,
            Standing.ENDED,
            id="ended-is-final",
        ),
        pytest.param(
            [event("withdrawn", 5, recorded=300)],
            START + 6 * DAY,
            Standing.WITHDRAWN,
            id="withdrawn-with-effect-back",
        ),
        pytest.param([event("ended", 10)], END + DAY, Standing.ENDED, id="ended-beats-expired"),
        pytest.param([event("suspended", 10)], END + DAY, Standing.EXPIRED, id="suspension-does-not-prolong"),
        pytest.param(
            [event("reinstated", 20), event("suspended", 10)],
            START + 25 * DAY,
            Standing.IN_FORCE,
            id="order-of-the-list-is-irrelevant",
        ),
    ],
)
def test_standing(events: list[ExtractedEvent], instant: datetime, standing: Standing) -> None:
    assert standing_at(STATEMENT, events, instant).standing is standing


def facts(
    profile: str | None = "qualification",
    fields: tuple[str, ...] = ("0913",),
    levels: tuple[Level, ...] = (Level("EQF", "6"),),
    country: str | None = "PH",
) -> CredentialFacts:
    return CredentialFacts(
        None, "did:p", None, (), profile, None, {}, START, START, None, fields, levels, country
    )


@pytest.mark.parametrize(
    ("credential", "coverage", "limit"),
    [
        pytest.param(facts(), Coverage.COVERED, None, id="covered"),
        pytest.param(facts(fields=("0213",)), Coverage.COVERED, None, id="narrower-field-is-covered"),
        pytest.param(facts(profile="training"), Coverage.NOT_COVERED, "profile_out_of_scope", id="T-01-kind"),
        pytest.param(facts(profile=None), Coverage.UNKNOWN, "profile_not_determinable", id="kind-unknown"),
        pytest.param(facts(fields=("0715",)), Coverage.NOT_COVERED, "field_out_of_scope", id="T-01-field"),
        pytest.param(
            facts(fields=("0913", "0715")),
            Coverage.NOT_COVERED,
            "field_out_of_scope",
            id="T-01-one-field-of-two",
        ),
        pytest.param(
            facts(fields=("09",)), Coverage.UNKNOWN, "field_not_determinable", id="broader-field-is-unknown"
        ),
        pytest.param(facts(fields=()), Coverage.UNKNOWN, "field_not_determinable", id="no-field-is-unknown"),
        pytest.param(
            facts(levels=(Level("EQF", "7"),)),
            Coverage.NOT_COVERED,
            "level_out_of_scope",
            id="T-01-level-4-issues-7",
        ),
        pytest.param(facts(levels=(Level("EQF", "3"),)), Coverage.COVERED, None, id="lower-level"),
        pytest.param(
            facts(levels=(Level("PH-PQF", "3"),)),
            Coverage.UNKNOWN,
            "level_not_determinable",
            id="other-framework",
        ),
        pytest.param(facts(levels=()), Coverage.UNKNOWN, "level_not_determinable", id="no-level"),
        pytest.param(facts(country="KE"), Coverage.NOT_COVERED, "country_out_of_scope", id="T-01-country"),
        pytest.param(facts(country=None), Coverage.UNKNOWN, "country_not_determinable", id="no-country"),
        pytest.param(
            facts(profile="training", fields=()),
            Coverage.NOT_COVERED,
            "profile_out_of_scope",
            id="certain-beats-unknown",
        ),
    ],
)
def test_coverage(credential: CredentialFacts, coverage: Coverage, limit: str | None) -> None:
    result = scope_coverage([SCOPE], credential)
    assert result.coverage is coverage
    assert result.limits == (() if limit is None else (limit,))


def test_the_best_scope_counts() -> None:
    other = AccreditationScope(("training",))
    assert scope_coverage([other, SCOPE], facts()).coverage is Coverage.COVERED


def test_no_scope_covers_nothing() -> None:
    assert scope_coverage([], facts()).coverage is Coverage.NOT_COVERED


def test_levels_that_are_not_numbers_compare_only_with_themselves() -> None:
    scope = AccreditationScope(("qualification",), max_level=ScopeLevel("NL-NLQF", "4+"))
    assert scope_coverage([scope], facts(levels=(Level("NL-NLQF", "4+"),))).coverage is Coverage.COVERED
    assert scope_coverage([scope], facts(levels=(Level("NL-NLQF", "4"),))).coverage is Coverage.UNKNOWN

"""Laws of scopes: narrowing is what coverage says it is, and a chain never gives more than its narrowest link."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from skillcred.profiles import CredentialFacts
from skillcred.profiles.facts import Level
from skillcred.trust import (
    AccreditationScope,
    Action,
    ScopeLevel,
    find_narrowest_excess,
    read_scope,
    write_scope,
)
from skillcred.trust.coverage import Coverage, profile_pin, scope_coverage
from skillcred.trust.scope import find_widenings

INSTANT = datetime(2026, 1, 1, tzinfo=UTC)
PROFILES = st.lists(st.sampled_from(["qualification", "training", "proficiency"]), min_size=1, unique=True)
FIELDS = st.lists(st.sampled_from(["09", "091", "0913", "07", "0715"]), unique=True, max_size=2)
OCCUPATIONS = st.lists(st.sampled_from(["2", "222", "2221", "72", "7212"]), unique=True, max_size=2)
COUNTRIES = st.lists(st.sampled_from(["PH", "KE", "DE"]), unique=True, max_size=2)
LANGUAGES = st.lists(st.sampled_from(["fr", "fr-CA", "en", "fra"]), unique=True, max_size=2)
PROGRAMMES = st.lists(st.sampled_from(["BSN", "WELD"]), unique=True, max_size=2)
LEVELS = st.none() | st.builds(
    ScopeLevel, st.sampled_from(["EQF", "NLQF"]), st.sampled_from(["3", "4", "4+", "10"])
)
PINS = st.lists(
    st.sampled_from([profile_pin("qualification"), profile_pin("training")]), unique=True, max_size=2
)


def scopes(action: Action) -> st.SearchStrategy[AccreditationScope]:
    return st.builds(
        AccreditationScope,
        profiles=PROFILES.map(tuple),
        isced_fields=FIELDS.map(tuple),
        occupations=OCCUPATIONS.map(tuple),
        countries=COUNTRIES.map(tuple),
        languages=LANGUAGES.map(tuple),
        programmes=PROGRAMMES.map(tuple),
        max_level=LEVELS,
        schemas=PINS.map(tuple),
        action=st.just(action),
    )


FACTS = st.builds(
    CredentialFacts,
    credential_id=st.none(),
    issuer_id=st.none(),
    issuer_name=st.none(),
    types=st.just(()),
    profile_id=st.sampled_from(["qualification", "training", None]),
    subject_id=st.none(),
    title=st.just({}),
    award_date=st.just(INSTANT),
    valid_from=st.just(INSTANT),
    valid_until=st.none(),
    isced_fields=FIELDS.map(tuple),
    levels=st.lists(
        st.builds(Level, st.sampled_from(["EQF", "NLQF"]), st.sampled_from(["3", "4", "4+", "10"])),
        max_size=2,
    ).map(tuple),
    country=st.sampled_from(["PH", "KE", None]),
    occupations=OCCUPATIONS.map(tuple),
    languages=LANGUAGES.map(tuple),
    campuses=st.just(()),
    programmes=PROGRAMMES.map(tuple),
)


@given(scopes(Action.ISSUE), scopes(Action.ACCREDIT), FACTS)
def test_what_a_narrower_scope_covers_the_wider_one_covers(
    child: AccreditationScope, parent: AccreditationScope, facts: CredentialFacts
) -> None:
    if find_widenings(child, parent):
        return
    if scope_coverage((child,), facts).coverage is Coverage.COVERED:
        assert scope_coverage((parent,), facts, Action.ACCREDIT).coverage is Coverage.COVERED


@given(scopes(Action.ACCREDIT), scopes(Action.ACCREDIT), scopes(Action.ACCREDIT))
def test_narrowing_is_an_order(
    one: AccreditationScope, two: AccreditationScope, three: AccreditationScope
) -> None:
    assert find_widenings(one, one) == ()
    if not find_widenings(one, two) and not find_widenings(two, three):
        assert find_widenings(one, three) == ()


@given(scopes(Action.ISSUE) | scopes(Action.ACCREDIT))
def test_scopes_are_read_as_they_were_written(scope: AccreditationScope) -> None:
    assert read_scope(write_scope(scope), "") == scope


@given(scopes(Action.ISSUE))
def test_nothing_fits_below_nothing(scope: AccreditationScope) -> None:
    assert find_narrowest_excess((scope,), ()) == ("action",)
    assert "action" in find_widenings(scope, scope)

"""The map of pairs says for each what the agreements say of it one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from types import MappingProxyType

import pytest

from skillcred.profiles.codes import COUNTRIES, load_codes
from skillcred.recognition.agreements import find_between
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.survey import Tie, survey_pairs
from skillcred.web.pages.languages import load_languages
from skillcred.web.pages.recognition_view import REGIONS, build_map_view

DATA = load_shipped_data()
AT = date(2026, 11, 30)
SURVEY = survey_pairs(DATA, AT)


@pytest.mark.parametrize(
    ("origin", "destination", "tie"),
    [
        ("FR", "DE", Tie.AUTOMATIC),
        ("NZ", "AU", Tie.AUTOMATIC),
        ("PH", "DE", Tie.OTHER),
        ("US", "IT", Tie.NAMED),
        ("PH", "SG", Tie.MANAGED),
        ("NP", "FJ", None),
    ],
)
def test_pairs_that_the_sources_tell(origin: str, destination: str, tie: Tie | None) -> None:
    assert SURVEY.ties.get((origin, destination)) is tie


def test_a_tie_stands_only_where_an_agreement_binds() -> None:
    for pair, tie in SURVEY.ties.items():
        found = [find_between(DATA.agreements[name], *pair, AT) for name in SURVEY.agreements.get(pair, ())]
        binding = [finding for finding in found if finding is not None and finding.binds]
        assert bool(binding) is (tie not in (Tie.NAMED, Tie.COMPARED)), pair
        assert (tie is Tie.AUTOMATIC) is any(finding.agreement.automatic for finding in binding), pair


def test_without_agreements_only_comparisons_of_levels_are_left() -> None:
    bare = survey_pairs(replace(DATA, agreements=MappingProxyType({})), AT)
    assert set(bare.ties.values()) == {Tie.COMPARED}
    assert ("NZ", "IE") in bare.ties
    assert ("NZ", "AE") not in bare.ties, "experts did not endorse that comparison"


def test_the_past_is_another_map() -> None:
    assert survey_pairs(DATA, date(1990, 1, 1)).count(Tie.AUTOMATIC) < SURVEY.count(Tie.AUTOMATIC)


def test_what_is_drawn_is_what_was_found() -> None:
    view = build_map_view(SURVEY, DATA, load_languages().default, "PH")
    cells = {
        tie: sum(int(run.split("h")[1].split("v")[0]) for run in path.split("M")[1:])
        for tie, path in view.paths.items()
    }
    assert cells == dict(view.counts)
    assert sum(cells.values()) == len(SURVEY.ties)
    assert len(view.rows) == sum(1 for origin, _ in SURVEY.ties if origin == "PH")
    places = [label for _, _, label in view.regions]
    assert all(later - earlier >= 2.4 - 1e-6 for earlier, later in pairwise(places))


def test_every_country_has_a_region_but_antarctica() -> None:
    assert set(load_codes(COUNTRIES)) - set(load_codes(REGIONS)) == {"AQ"}

"""Several credentials of one person as one body of evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from skillcred.recognition.case import Answer, Grade, Held, Kind, Period, Question, RecognitionResult
from skillcred.recognition.engine import recognise
from skillcred.recognition.evidence import form_bodies
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.records import Outcome, Purpose

DATA = load_shipped_data()
AT = date(2026, 3, 1)
ANNA = "did:example:anna"
DEGREE = Held("degree", True, Kind.HIGHER, "PH", date(2018, 1, 1), Answer.MET, isco=("2221",), holder=ANNA)
LICENCE = Held(
    "licence", True, Kind.REGISTRATION, "PH", date(2018, 6, 1), Answer.MET, isco=("2221",), holder=ANNA
)
COURSE = Held(
    "course", True, Kind.NON_FORMAL, "PH", date(2019, 1, 1), Answer.MET, isco=("2221",), holder=ANNA
)


def work(*periods: Period, name: str = "work", isco: str = "2221") -> Held:
    return Held(
        name,
        True,
        Kind.EXPERIENCE,
        "PH",
        None,
        isco=(isco,),
        grade=Grade.ATTESTED,
        holder=ANNA,
        periods=periods,
    )


FOUR_YEARS = work(Period(date(2019, 1, 1), date(2022, 12, 31), 40.0))


def ask(*held: Held, destination: str = "DE", **elements: Answer) -> RecognitionResult:
    equal = dict.fromkeys(("level", "workload", "quality", "profile", "learning_outcomes"), Answer.MET)
    question = Question(
        held,
        destination,
        Purpose.REGULATED_PROFESSION,
        "2221",
        AT,
        elements=MappingProxyType({**equal, **elements}),
    )
    return recognise(question, DATA)


def test_experience_makes_up_for_profile_and_outcomes_and_never_for_the_level() -> None:
    assert ask(DEGREE, profile=Answer.NOT_MET).outcome is Outcome.CONDITIONAL
    result = ask(DEGREE, FOUR_YEARS, profile=Answer.NOT_MET, learning_outcomes=Answer.NOT_MET)
    assert (result.outcome, result.differences) == (Outcome.FULL_EXPECTED, ())
    told = {found.element: (found.result, found.evidence) for found in result.elements}
    assert told["profile"] == ("offset_by_experience", ("work",))
    level = ask(DEGREE, FOUR_YEARS, level=Answer.NOT_MET)
    assert (level.outcome, level.differences) == (Outcome.ALTERNATIVE, ("level",))
    quality = ask(DEGREE, FOUR_YEARS, quality=Answer.NOT_MET)
    assert quality.differences == ("quality",)


def test_only_what_fits_and_is_attested_makes_up_for_anything() -> None:
    cook = work(Period(date(2019, 1, 1), date(2022, 12, 31), 40.0), isco="5120")
    told = replace(FOUR_YEARS, grade=Grade.SELF_DECLARED)
    nobody = replace(FOUR_YEARS, holder=None)
    for useless in (cook, told, nobody, work()):
        assert ask(DEGREE, useless, profile=Answer.NOT_MET).differences == ("profile",)
    assert ask(DEGREE, COURSE, profile=Answer.NOT_MET).outcome is Outcome.FULL_EXPECTED
    unknown = replace(COURSE, issuer_then=Answer.UNKNOWN)
    assert ask(DEGREE, unknown, profile=Answer.NOT_MET).differences == ("profile",)


def test_evidence_keeps_its_grade_and_says_whether_it_counts() -> None:
    forged = replace(COURSE, id="forged", verified=False)
    statement = replace(COURSE, id="statement", kind=Kind.STATEMENT)
    stranger = replace(COURSE, id="stranger", issuer_then=Answer.NOT_MET)
    result = ask(DEGREE, FOUR_YEARS, forged, statement, stranger)
    told = {
        found.credential: (found.grade, found.counts, found.reason, found.years) for found in result.evidence
    }
    assert told == {
        "degree": (Grade.AWARDED, True, "counts", None),
        "work": (Grade.ATTESTED, True, "counts", 4.0),
        "forged": (Grade.AWARDED, False, "credential_not_verified", None),
        "statement": (Grade.AWARDED, False, "statement_is_no_qualification", None),
        "stranger": (Grade.AWARDED, False, "issuer_not_authorised", None),
    }


def test_a_licence_in_one_credential_answers_for_the_degree_in_another() -> None:
    """ASEAN nurses: licence at home, three years without a break, good standing, continuing development."""
    alone = ask(DEGREE, destination="SG")
    assert set(alone.bring) == {
        "home_licence",
        "good_standing",
        "three_years_continuous_practice",
        "continuing_professional_development",
    }
    together = ask(DEGREE, LICENCE, FOUR_YEARS, destination="SG")
    assert set(together.bring) == {"good_standing", "continuing_professional_development"}
    of_another = ask(DEGREE, replace(LICENCE, holder=None), destination="SG")
    assert of_another.uncertain[0] == "same_holder_not_established"
    assert "home_licence" in of_another.bring


@pytest.mark.parametrize(
    ("periods", "years", "longest"),
    [
        ([Period(date(2019, 1, 1), date(2019, 12, 31)), Period(date(2020, 1, 1), date(2021, 12, 30))], 3, 3),
        ([Period(date(2019, 1, 1), date(2020, 12, 30)), Period(date(2019, 7, 1), date(2020, 6, 30))], 2, 2),
        ([Period(date(2019, 1, 1), date(2019, 12, 31)), Period(date(2021, 1, 1), date(2021, 12, 31))], 2, 1),
        ([Period(date(2024, 3, 2), None, attested=date(2025, 3, 1))], 1, 1),
        ([Period(date(2024, 3, 1), None)], 0, 0),
        ([Period(date(2025, 3, 2), date(2030, 1, 1))], 1, 1),
        ([Period(date(2020, 1, 1), date(2019, 1, 1))], 0, 0),
    ],
)
def test_years_of_work_are_counted_once(periods: list[Period], years: int, longest: int) -> None:
    (body,) = form_bodies([work(*periods)], "2221", AT)
    assert body.years() == pytest.approx(years, abs=0.005)
    assert body.continuous_years() == pytest.approx(longest, abs=0.005)


def test_full_time_years_are_in_proportion_and_recent() -> None:
    half = Period(date(2020, 1, 1), date(2023, 12, 31), 17.5)
    old = Period(date(2001, 1, 1), date(2010, 12, 31), 40.0)
    silent = Period(date(2024, 1, 1), date(2025, 12, 31))
    (body,) = form_bodies([work(half, old, silent)], "2221", AT)
    assert body.full_time_years(10) == pytest.approx(2.0, abs=0.01)


def test_one_year_in_ten_opens_the_general_system() -> None:
    french = replace(DEGREE, country="FR")
    assert ask(french).outcome is not Outcome.NOT_VERIFIED
    year = replace(work(Period(date(2024, 1, 1), date(2024, 12, 31), 38.0)), country="FR")
    result = ask(french, year)
    answers = {
        line.inputs["condition"]: line.result
        for line in result.lines
        if line.rule_id == "EU-2005-36-GEN" and line.step == "condition"
    }
    assert answers["qualified_or_experience_at_home"] == "met"
    without = ask(french, work())
    assert any(
        line.inputs.get("condition") == "qualified_or_experience_at_home" and line.result == "unknown"
        for line in without.lines
    )


def test_both_branches_are_told_where_nobody_knows_whether_it_is_regulated() -> None:
    result = ask(DEGREE)
    assert [branch.assumed for branch in result.branches] == [
        Purpose.REGULATED_PROFESSION,
        Purpose.NON_REGULATED_WORK,
    ]
    assert result.branches[1].outcome is Outcome.NO_RECOGNITION_NEEDED
    assert "whether_the_profession_is_regulated" in result.uncertain


@pytest.mark.parametrize(
    ("fields", "sought", "told"),
    [
        (("0913",), "0913", "same_field"),
        (("0913",), "091", "same_field"),
        (("0311", "0913"), "0913", "same_field"),
        (("0912",), "0913", "same_broad_field"),
        (("091",), "0913", "same_broad_field"),
        (("0311",), "0913", "another_field"),
        ((), "0913", "field_not_shown"),
        (("0913",), None, None),
    ],
)
def test_the_field_that_is_asked_about_is_told_and_decides_nothing(
    fields: tuple[str, ...], sought: str | None, told: str | None
) -> None:
    held = replace(DEGREE, fields=fields)
    asked = Question((held,), "DE", Purpose.REGULATED_PROFESSION, "2221", AT, field_sought=sought)
    result = recognise(asked, DATA)
    lines = [line for line in result.lines if line.step == "field"]
    assert [line.result for line in lines] == ([] if told is None else [told])
    assert all(line.sources and line.inputs["field_sought"] == sought for line in lines)
    without = recognise(replace(asked, field_sought=None), DATA)
    same = ("outcome", "nature", "basis", "bring", "differences", "elements", "procedures")
    assert [getattr(result, name) for name in same] == [getattr(without, name) for name in same]

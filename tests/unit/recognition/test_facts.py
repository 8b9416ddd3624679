"""The facts that DOMAIN names as worth building tests on, each with the source that the data give for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from skillcred.profiles import Level
from skillcred.recognition.case import (
    Answer,
    Fact,
    Grade,
    Held,
    Kind,
    LevelFinding,
    Question,
    RecognitionResult,
)
from skillcred.recognition.engine import recognise
from skillcred.recognition.levels import compare_level, count_steps, judge_level
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.records import Outcome, Purpose, Source

DATA = load_shipped_data()
AT = date(2026, 3, 1)
QUALIFICATIONS_CAN_CROSS_BOUNDARIES = {
    "8": (["8"], ["12"], ["10"]),
    "7": (["7"], ["11"], ["9"]),
    "6": (["6"], ["9", "10"], ["7", "8"]),
    "5": (["4", "5"], ["7", "8"], ["6"]),
    "4": (["3"], ["6"], ["5"]),
    "3": (["2"], ["5"], ["4"]),
    "2": (["1"], ["4"], ["3"]),
    "1": (["Entry 3"], ["3"], ["1", "2"]),
}


def named(sources: tuple[Source, ...], words: str) -> bool:
    return any(words in source.title for source in sources)


def ask(kind: Kind = Kind.HIGHER, origin: str = "PH", **changes: Any) -> RecognitionResult:
    held = Held("c", True, kind, origin, date(2020, 1, 1), Answer.MET, isco=("2221",))
    question = Question((held,), "DE", Purpose.REGULATED_PROFESSION, "2221", AT)
    return recognise(replace(question, **changes), DATA)


@pytest.mark.parametrize("eqf", QUALIFICATIONS_CAN_CROSS_BOUNDARIES)
def test_levels_of_the_united_kingdom_and_ireland(eqf: str) -> None:
    expected = QUALIFICATIONS_CAN_CROSS_BOUNDARIES[eqf]
    for framework, codes in zip(("GB-RQF", "GB-SCT-SCQF", "IE-NFQ"), expected, strict=True):
        found = compare_level(DATA, Level("EQF", eqf), framework)
        assert [finding.level for finding in found] == codes
        assert all(finding.one_of_several is (len(codes) > 1) for finding in found)
        assert all(named(finding.sources, "cross boundaries") for finding in found), found[0].sources


def test_same_number_is_not_same_level() -> None:
    """RQF 4 and 5 are both EQF 5, RQF 3 is EQF 4; so RQF 4 does not reach a fourth level that is above it."""
    assert judge_level(DATA, [Level("GB-RQF", "3")], Level("EQF", "4")) == (Answer.MET, False)
    assert judge_level(DATA, [Level("GB-RQF", "6")], Level("IE-NFQ", "9")) == (Answer.NOT_MET, True)
    assert judge_level(DATA, [Level("PH-PQF", "6")], Level("DE-DQR", "6")) == (Answer.UNKNOWN, False)


def test_level_eight_of_new_zealand_compares_to_none() -> None:
    for framework in ("EQF", "IE-NFQ", "HK-HKQF"):
        (found,) = compare_level(DATA, Level("NZ-NZQCF", "8"), framework)
        assert (found.level, found.relation) == (None, "no_comparable_level")
        assert named(found.sources, "NZQA")
    (nothing,) = compare_level(DATA, Level("EQF", "1"), "NZ-NZQCF")
    assert (nothing.level, nothing.relation) == (None, "no_comparable_level")
    through = compare_level(DATA, Level("NZ-NZQCF", "8"), "DE-DQR")
    assert {found.relation for found in through} == {"no_comparable_level"}
    assert judge_level(DATA, [Level("NZ-NZQCF", "8")], Level("IE-NFQ", "8")) == (Answer.UNKNOWN, False)


def test_the_mapping_to_the_emirates_is_shown_and_not_used() -> None:
    for code in map(str, range(1, 11)):
        (found,) = compare_level(DATA, Level("NZ-NZQCF", code), "AE-QFE")
        assert found.relation == "not_endorsed"
        assert found.caveats == ("not_usable_for_recognition",)
        assert named(found.sources, "United Arab Emirates")
        assert judge_level(DATA, [Level("NZ-NZQCF", code)], Level("AE-QFE", code))[0] is Answer.UNKNOWN


def test_dutch_levels_are_texts_with_an_order() -> None:
    found = compare_level(DATA, Level("EQF", "4"), "NL-NLQF")
    assert [finding.level for finding in found] == ["4", "4+"]
    assert count_steps(DATA, "NL-NLQF", "4+", "4") == 1
    assert count_steps(DATA, "NL-NLQF", "5", "4") == 2
    assert count_steps(DATA, "NL-NLQF", "4", "5") == -2
    assert count_steps(DATA, "CY-CYQF", "7a", "7b") is None


def test_levels_are_told_against_the_one_that_is_sought() -> None:
    held = Held("c", True, Kind.HIGHER, "NZ", AT, Answer.MET, levels=(Level("NZ-NZQCF", "7"),))
    question = Question((held,), "IE", Purpose.STUDY, None, AT, level_sought=Level("IE-NFQ", "8"))
    steps: dict[str | None, LevelFinding] = {found.level: found for found in recognise(question, DATA).levels}
    assert (steps["7"].steps, steps["8"].steps) == (-1, 0)
    assert steps["7"].one_of_several


def test_a_signature_without_ratification_does_not_bind() -> None:
    result = ask(origin="US", destination="IT", purpose=Purpose.STUDY, occupation=None)
    assert result.outcome is Outcome.REFER
    assert [line.result for line in result.lines if line.rule_id == "LRC"] == ["not_ratified"]


def test_greece_is_bound_from_the_first_of_november_2024() -> None:
    for day, outcome in ((date(2024, 10, 31), Outcome.REFER), (date(2024, 11, 1), Outcome.FULL_EXPECTED)):
        assert ask(origin="FR", destination="GR", purpose=Purpose.STUDY, at=day).outcome is outcome
    greece = next(party for party in DATA.agreements["LRC"].parties if party.country == "GR")
    assert greece.caveats == ("date_is_effect_after_accession",)


def test_conventions_stay_in_their_scope() -> None:
    """The conventions are for academic recognition, CAB for school level only, the treaty of the Benelux and Baltic
    states for the level and not for admission or a profession."""
    for name in ("LRC", "UNESCO-GLOBAL", "UNESCO-TOKYO", "UNESCO-ADDIS", "UNESCO-BUENOSAIRES"):
        assert DATA.agreements[name].applies.purposes == {Purpose.STUDY}
    assert "professional_qualifications_excluded" in DATA.agreements["UNESCO-GLOBAL"].caveats
    assert DATA.agreements["CAB"].applies.evidence == "school"
    work = ask(origin="BE", destination="NL")
    said = {line.result for line in work.lines if line.rule_id == "BENELUX-BALTIC"}
    assert said == {"out_of_scope"}
    facts = tuple(
        Fact(code, Answer.MET, Grade.ATTESTED)
        for code in ("institution_recognised", "programme_quality_assured")
    )
    study = ask(origin="BE", destination="NL", purpose=Purpose.STUDY, facts=facts)
    assert study.outcome in (Outcome.LEVEL, Outcome.FULL_EXPECTED)
    assert {line.result for line in study.lines if line.rule_id == "BENELUX-BALTIC"} >= {"applies"}


def test_doctors_are_exempt_from_the_trans_tasman_arrangement() -> None:
    held = Held("c", True, Kind.REGISTRATION, "NZ", AT, Answer.MET, isco=("2211",))
    fact = Fact("notice_lodged", Answer.MET, Grade.ATTESTED)
    result = ask(held=(held,), destination="AU", occupation="2211", facts=(fact,))
    assert result.outcome is not Outcome.AUTOMATIC
    assert not result.procedures


def test_a_diploma_from_outside_is_not_automatic_in_the_union() -> None:
    told = tuple(
        Fact(code, Answer.MET, Grade.ATTESTED)
        for code in ("title_on_agreed_list", "award_after_reference_date")
    )
    result = ask(facts=told)
    assert result.outcome is Outcome.INSUFFICIENT_EVIDENCE
    assert not any(line.rule_id.startswith("EU-") for line in result.lines)


def test_time_limits_are_those_of_the_sources() -> None:
    def limits(name: str) -> tuple[object, ...]:
        procedure = DATA.procedures[name]
        return tuple(
            None if limit is None else (limit.count, limit.unit)
            for limit in (procedure.acknowledge, procedure.decide, procedure.fast_track)
        )

    assert limits("EU-AUTO") == ((1, "month"), (3, "month"), None)
    assert limits("EU-GENERAL") == ((1, "month"), (4, "month"), None)
    assert limits("DE-BQFG") == ((1, "month"), (3, "month"), (2, "month"))
    assert DATA.procedures["DE-BQFG"].extensions == 1
    assert limits("SA-SVP-CHECK") == (None, (15, "working_day"), None)
    assert limits("CARICOM-CERT") == (None, (6, "month"), None)


def test_what_is_only_possible_differently_is_said() -> None:
    """Without documents Germany and Austria allow other means; South Africa has an appeal in two stages."""
    assert DATA.procedures["DE-BQFG"].alternatives == ("missing_documents_other_means",)
    assert set(DATA.procedures["AT-AUBG"].alternatives) == {"practical_or_theoretical_test", "work_sample"}
    assert DATA.procedures["ZA-SAQA"].appeal == "two_stage"
    fact = Fact("papers_missing_without_fault", Answer.MET, Grade.SELF_DECLARED)
    result = ask(held=(), facts=(fact,))
    assert (result.outcome, result.basis) == (Outcome.INSUFFICIENT_EVIDENCE, "DE-BQFG")
    assert result.bring == ("missing_documents_other_means",)


def test_the_notice_of_germany_opens_a_way_to_make_up_for_differences() -> None:
    findings = dict.fromkeys(("level", "workload", "quality", "learning_outcomes"), Answer.MET)
    result = ask(elements=MappingProxyType({**findings, "profile": Answer.NOT_MET}))
    assert (result.outcome, result.differences) == (Outcome.CONDITIONAL, ("profile",))
    assert [procedure.id for procedure in result.procedures] == ["DE-BQFG", "DE-REG-COMP"]


def test_finland_asks_for_nationality_and_origin_because_its_text_does() -> None:
    def asked(nationality: str | None, origin: str = "FR") -> RecognitionResult:
        return ask(origin=origin, destination="FI", nationality=nationality)

    assert "FI-OPH-EU" in [procedure.id for procedure in asked("NO").procedures]
    assert "nationality_of_a_country_of_the_scheme" in asked(None).would_change
    assert "FI-OPH-EU" not in [procedure.id for procedure in asked("PH").procedures]
    assert "FI-OPH-EU" not in [procedure.id for procedure in asked("NO", origin="PH").procedures]


def test_a_refugee_who_was_interviewed_is_still_assessed() -> None:
    told = (
        Fact("refugee_or_displaced", Answer.MET, Grade.SELF_DECLARED),
        Fact("structured_interview", Answer.MET, Grade.ATTESTED),
    )
    norway = ask(held=(), destination="NO", purpose=Purpose.STUDY, occupation=None, facts=told)
    assert (norway.outcome, norway.bring) == (Outcome.BACKGROUND, ())
    sweden = ask(held=(), destination="SE", purpose=Purpose.STUDY, occupation=None, facts=told)
    assert (sweden.outcome, sweden.basis) == (Outcome.INSUFFICIENT_EVIDENCE, "LRC")
    assert sweden.bring == ("any_evidence_of_learning",)


def test_an_issuer_that_lost_its_authorisation_later_counts_and_it_is_said() -> None:
    held = Held("c", True, Kind.HIGHER, "FR", date(2020, 1, 1), Answer.MET, Answer.NOT_MET)
    result = ask(held=(held,), purpose=Purpose.STUDY)
    said = {line.inputs["when"]: line.result for line in result.lines if line.step == "standing"}
    assert said == {"at_award": "issuer_authorised", "now": "issuer_not_authorised_any_more"}
    assert result.outcome is Outcome.FULL_EXPECTED

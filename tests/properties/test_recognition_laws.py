"""The laws of recognition: what no data and no question may make the engine say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.profiles import Level
from skillcred.recognition.case import ELEMENTS, Answer, Fact, Grade, Held, Kind, Question
from skillcred.recognition.engine import RANK, recognise
from skillcred.recognition.levels import compare_level
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.records import Outcome, PartyState, Purpose

DATA = load_shipped_data()
COUNTRIES = sorted({p.country for a in DATA.agreements.values() for p in a.parties})
CODES = sorted(
    {code for a in DATA.agreements.values() for code in a.conditions} | {"programme_on_accredited_list"}
)
LEVELS = [Level(f.id, level.code) for f in DATA.frameworks.values() for level in f.levels]
COMMON = ["DE", "FR", "IE", "NZ", "AU", "PH", "ZA", "GB", "US", "NL", "BE"]

countries = st.one_of(st.sampled_from(COMMON), st.sampled_from(COUNTRIES))
occupations = st.sampled_from(["2221", "2142", "2211", "7411", "7212", "2341"])
helds = st.builds(
    Held,
    id=st.integers(1, 999).map(lambda n: f"c{n}"),
    verified=st.just(True),
    kind=st.sampled_from(Kind),
    country=countries,
    awarded=st.dates(date(1985, 1, 1), date(2026, 1, 1)),
    issuer_then=st.sampled_from([Answer.MET, Answer.UNKNOWN]),
    levels=st.lists(st.sampled_from(LEVELS), max_size=1).map(tuple),
    isco=st.lists(occupations, max_size=1).map(tuple),
    grade=st.sampled_from([Grade.AWARDED, Grade.ATTESTED]),
)
facts = st.lists(
    st.builds(Fact, st.sampled_from(CODES), st.sampled_from(Answer), st.sampled_from(Grade)), max_size=6
).map(tuple)
met_facts = st.builds(
    Fact, st.sampled_from(CODES), st.just(Answer.MET), st.sampled_from([Grade.AWARDED, Grade.ATTESTED])
)
questions = st.builds(
    Question,
    held=st.lists(helds, min_size=1, max_size=3).map(tuple),
    destination=countries,
    purpose=st.sampled_from(Purpose),
    occupation=st.one_of(st.none(), occupations),
    at=st.dates(date(1990, 1, 1), date(2027, 1, 1)),
    facts=facts,
    nationality=st.one_of(st.none(), countries),
    elements=st.dictionaries(st.sampled_from(ELEMENTS), st.sampled_from(Answer)).map(MappingProxyType),
    level_sought=st.one_of(st.none(), st.sampled_from(LEVELS)),
)
lawful = settings(max_examples=150, deadline=None)


@lawful
@given(questions, helds)
def test_one_more_valid_credential_never_worsens_the_outcome(question: Question, more: Held) -> None:
    before = recognise(question, DATA).outcome
    after = recognise(replace(question, held=(*question.held, more)), DATA).outcome
    assert RANK[after] >= RANK[before]


@lawful
@given(questions, met_facts)
def test_one_more_condition_that_is_met_never_worsens_the_outcome(question: Question, more: Fact) -> None:
    before = recognise(question, DATA).outcome
    after = recognise(replace(question, facts=(*question.facts, more)), DATA).outcome
    assert RANK[after] >= RANK[before]


@lawful
@given(questions, st.data())
def test_without_an_agreement_nothing_becomes_automatic(question: Question, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(DATA.agreements)), min_size=1))
    left = {name: rule for name, rule in DATA.agreements.items() if name not in gone}
    before = recognise(question, DATA).outcome
    after = recognise(question, replace(DATA, agreements=MappingProxyType(left))).outcome
    assert after is not Outcome.AUTOMATIC or before is Outcome.AUTOMATIC


@lawful
@given(questions)
def test_no_line_without_a_source_and_a_date(question: Question) -> None:
    result = recognise(question, DATA)
    assert all(line.sources and line.as_of and line.inputs for line in result.lines)
    assert all(found.sources for found in result.levels)
    assert result.basis is None or result.basis in DATA.agreements or result.basis in DATA.procedures


@lawful
@given(questions)
def test_what_is_missing_is_listed(question: Question) -> None:
    result = recognise(question, DATA)
    assert result.outcome is not Outcome.INSUFFICIENT_EVIDENCE or result.bring


@lawful
@given(questions)
def test_what_nobody_vouches_for_makes_nothing_automatic(question: Question) -> None:
    weak = tuple(replace(fact, grade=Grade.SELF_DECLARED) for fact in question.facts)
    held = tuple(replace(item, issuer_then=Answer.UNKNOWN) for item in question.held)
    told = recognise(replace(question, facts=weak), DATA).outcome
    silent = recognise(replace(question, facts=()), DATA).outcome
    assert (
        told is silent
        or Outcome.BACKGROUND in (told, silent)
        or Outcome.INSUFFICIENT_EVIDENCE in (told, silent)
    )
    assert told is not Outcome.AUTOMATIC or silent is Outcome.AUTOMATIC
    assert recognise(replace(question, held=held), DATA).outcome is not Outcome.AUTOMATIC


@lawful
@given(questions, countries)
def test_nationality_counts_only_where_the_text_asks_for_it(question: Question, other: str) -> None:
    left = {name: rule for name, rule in DATA.agreements.items() if not rule.uses_nationality}
    data = replace(DATA, agreements=MappingProxyType(left))
    assert recognise(question, data) == recognise(replace(question, nationality=other), data)


@lawful
@given(questions)
def test_who_is_not_bound_binds_nobody(question: Question) -> None:
    result = recognise(question, DATA)
    agreement = DATA.agreements.get(result.basis or "")
    if agreement is not None and question.held and result.outcome is not Outcome.BACKGROUND:
        bound = {p.country for p in agreement.parties if p.state is PartyState.IN_EFFECT}
        assert question.destination in bound
        assert all(
            line.result not in ("applies", "applies_evidence_missing")
            for line in result.lines
            if line.inputs.get("origin") not in bound and line.rule_id == agreement.id
        )


def test_direction_and_date_matter() -> None:
    def ask(origin: str, to: str, at: date, code: str = "2221") -> Outcome:
        held = Held("c", True, Kind.HIGHER, origin, date(2015, 1, 1), Answer.MET)
        return recognise(Question((held,), to, Purpose.STUDY, code, at), DATA).outcome

    at = date(2026, 3, 1)
    assert ask("IE", "DE", at) is Outcome.FULL_EXPECTED
    assert ask("DE", "GR", date(2024, 10, 31)) is Outcome.REFER
    assert ask("DE", "GR", date(2024, 11, 1)) is Outcome.FULL_EXPECTED
    assert ask("PH", "ZA", at) is Outcome.COMPARABILITY
    assert ask("ZA", "PH", at) is Outcome.REFER


def test_same_number_is_not_same_level() -> None:
    found = compare_level(DATA, Level("GB-RQF", "4"), "EQF")
    assert [finding.level for finding in found] == ["5"]
    none = compare_level(DATA, Level("NZ-NZQCF", "8"), "EQF")
    assert [(finding.level, finding.relation) for finding in none] == [(None, "no_comparable_level")]
    emirates = compare_level(DATA, Level("NZ-NZQCF", "8"), "AE-QFE")
    assert {finding.relation for finding in emirates} == {"not_endorsed"}
    dutch = compare_level(DATA, Level("EQF", "4"), "NL-NLQF")
    assert {finding.level for finding in dutch} == {"4", "4+"}
    chained = compare_level(DATA, Level("GB-RQF", "3"), "DE-DQR")
    assert [(finding.level, finding.chained) for finding in chained] == [("4", True)]

"""The laws of recognition: what no data and no question may make the engine say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.profiles import Level
from skillcred.recognition.agreements import find_between
from skillcred.recognition.case import ELEMENTS, Answer, Fact, Grade, Held, Kind, Period, Question
from skillcred.recognition.engine import RANK, recognise
from skillcred.recognition.levels import compare_level
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.questions import build_question_json, read_question
from skillcred.recognition.records import Outcome, PartyState, Purpose, RecognitionData

DATA = load_shipped_data()
COUNTRIES = sorted({p.country for a in DATA.agreements.values() for p in a.parties})
CODES = sorted(
    {condition.code for a in DATA.agreements.values() for condition in a.conditions}
    | {"refugee_or_displaced", "papers_missing_without_fault"}
)
LEVELS = [Level(f.id, level.code) for f in DATA.frameworks.values() for level in f.levels]
COMMON = ["DE", "FR", "IE", "NZ", "AU", "PH", "ZA", "GB", "US", "NL", "BE", "FI", "AT", "SG"]

countries = st.one_of(st.sampled_from(COMMON), st.sampled_from(COUNTRIES))
occupations = st.sampled_from(["2221", "2142", "2211", "7411", "7212", "2341"])
periods = st.builds(
    Period,
    start=st.dates(date(2000, 1, 1), date(2024, 1, 1)),
    end=st.one_of(st.none(), st.dates(date(2005, 1, 1), date(2026, 1, 1))),
    hours_per_week=st.one_of(st.none(), st.sampled_from([10.0, 20.0, 40.0])),
    attested=st.one_of(st.none(), st.dates(date(2005, 1, 1), date(2026, 1, 1))),
)
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
    holder=st.sampled_from([None, "did:example:one", "did:example:one"]),
    hours=st.one_of(st.none(), st.integers(100, 9000)),
    periods=st.lists(periods, max_size=2).map(tuple),
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
    hours_sought=st.one_of(st.none(), st.integers(100, 9000)),
    field_sought=st.sampled_from([None, "09", "0913"]),
)
lawful = settings(max_examples=120, deadline=None)


def without(gone: set[str]) -> RecognitionData:
    left = {name: rule for name, rule in DATA.agreements.items() if name not in gone}
    return replace(DATA, agreements=MappingProxyType(left))


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
@given(questions, st.sampled_from(ELEMENTS))
def test_an_element_that_turns_out_equal_never_worsens_the_outcome(question: Question, element: str) -> None:
    elements = {name: answer for name, answer in question.elements.items() if name != element}
    question = replace(question, elements=MappingProxyType(elements))
    known = replace(question, elements=MappingProxyType({**elements, element: Answer.MET}))
    assert RANK[recognise(known, DATA).outcome] >= RANK[recognise(question, DATA).outcome]


@lawful
@given(questions, st.data())
def test_a_better_known_issuer_never_worsens_the_outcome(question: Question, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(question.held) - 1))
    better = tuple(
        replace(item, issuer_then=Answer.MET) if n == place else item for n, item in enumerate(question.held)
    )
    after = recognise(replace(question, held=better), DATA).outcome
    assert RANK[after] >= RANK[recognise(question, DATA).outcome]


@lawful
@given(questions, st.data())
def test_without_an_agreement_nothing_becomes_automatic(question: Question, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(DATA.agreements)), min_size=1))
    before = recognise(question, DATA).outcome
    after = recognise(question, without(gone)).outcome
    assert after is not Outcome.AUTOMATIC or before is Outcome.AUTOMATIC


def test_every_automatic_outcome_hangs_on_its_agreement() -> None:
    """Each agreement that can be automatic is: with all conditions attested, and not any more once it is gone."""
    seen = set()
    for agreement in DATA.agreements.values():
        bound = [party.country for party in agreement.parties if party.state is PartyState.IN_EFFECT]
        if not agreement.automatic or agreement.outcome is not Outcome.AUTOMATIC or len(bound) < 2:
            continue
        kind = {"experience": Kind.EXPERIENCE, "registration": Kind.REGISTRATION, "school": Kind.SCHOOL}
        codes = agreement.applies.isco or ("7411",)
        code = {1: f"{codes[0]}111", 4: codes[0]}[len(codes[0])]
        held = Held(
            "c",
            True,
            kind.get(agreement.applies.evidence, Kind.HIGHER),
            bound[0],
            date(2022, 1, 1),
            Answer.MET,
            isco=(code,),
        )
        told = tuple(Fact(c.code, Answer.MET, Grade.ATTESTED) for c in agreement.conditions)
        purpose = sorted(agreement.applies.purposes)[0]
        question = Question((held,), bound[1], purpose, code, date(2026, 3, 1), told)
        result = recognise(question, DATA)
        assert (result.outcome, result.basis) == (Outcome.AUTOMATIC, agreement.id)
        assert recognise(question, without({agreement.id})).outcome is not Outcome.AUTOMATIC
        silent = recognise(replace(question, facts=told[:-1]), DATA)
        assert silent.outcome is not Outcome.AUTOMATIC or agreement.kind == "automatic_by_registration"
        unknown = replace(question, held=(replace(held, issuer_then=Answer.UNKNOWN),))
        told_less = recognise(unknown, DATA)
        assert told_less.outcome is not Outcome.AUTOMATIC
        assert "issuer_standing_at_award" in told_less.would_change
        seen.add(agreement.id)
    assert seen == {"EU-2005-36-AUTO", "EU-2005-36-EXP", "TTMRA", "CAB", "AR-CL-2018"}


@lawful
@given(questions)
def test_no_line_without_a_source_and_a_date(question: Question) -> None:
    result = recognise(question, DATA)
    assert all(line.sources and line.as_of and line.inputs for line in result.lines)
    assert all(found.sources for found in result.levels)
    assert all(found.sources and found.as_of for found in result.elements)
    assert all(contact.sources for contact in result.contacts)
    rules = {**DATA.agreements, **DATA.procedures, **DATA.principles}
    assert result.basis in rules or (result.basis is None and result.outcome is Outcome.REFER)
    if result.basis is not None:
        assert any(line.rule_id == result.basis for line in result.lines)


@lawful
@given(questions)
def test_unknown_is_never_a_refusal(question: Question) -> None:
    """With everything unknown that may be, the worst is a list of what to bring or somebody to ask."""
    unknown = replace(
        question,
        held=tuple(replace(item, issuer_then=Answer.UNKNOWN) for item in question.held),
        facts=(),
        elements=MappingProxyType({}),
        level_sought=None,
        hours_sought=None,
    )
    result = recognise(unknown, DATA)
    assert not result.differences
    assert result.outcome not in (
        Outcome.NOT_VERIFIED,
        Outcome.AUTOMATIC,
        Outcome.ALTERNATIVE,
        Outcome.PARTIAL,
    )
    if result.outcome is Outcome.EXCLUDED:
        assert any(line.result == "excluded_from_scheme" for line in result.lines)
    assert result.outcome is not Outcome.INSUFFICIENT_EVIDENCE or result.bring


@lawful
@given(questions)
def test_what_is_missing_is_listed(question: Question) -> None:
    result = recognise(question, DATA)
    assert result.outcome is not Outcome.INSUFFICIENT_EVIDENCE or result.bring
    assert result.outcome is not Outcome.EXCLUDED or result.bring


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
    open_to_all = {name: rule for name, rule in DATA.procedures.items() if rule.nationalities is None}
    data = replace(DATA, agreements=MappingProxyType(left), procedures=MappingProxyType(open_to_all))
    assert recognise(question, data) == recognise(replace(question, nationality=other), data)


def test_the_rules_that_use_nationality_are_those_whose_text_does() -> None:
    assert [rule.id for rule in DATA.agreements.values() if rule.uses_nationality] == ["CARICOM-SKILLS"]
    assert {rule.id for rule in DATA.procedures.values() if rule.nationalities is not None} == {
        "FI-OPH-EU",
        "PH-TESDA-ONSITE",
    }


@lawful
@given(questions)
def test_who_is_not_bound_binds_nobody(question: Question) -> None:
    """Signed and not ratified, provisional, or unconfirmed: looked at, and nothing follows from it."""
    result = recognise(question, DATA)
    loose = {
        (agreement.id, party.country)
        for agreement in DATA.agreements.values()
        for party in agreement.parties
        if party.state is not PartyState.IN_EFFECT
    }
    for line in result.lines:
        if line.result in ("applies", "applies_evidence_missing", "assessed_without_documents"):
            assert (line.rule_id, line.inputs.get("origin")) not in loose
            assert (line.rule_id, question.destination) not in loose


@lawful
@given(questions, helds.map(lambda held: replace(held, kind=Kind.EXPERIENCE)))
def test_evidence_of_nobody_in_particular_is_not_added_up(question: Question, stray: Held) -> None:
    """A credential that names no holder never makes up for a difference in another."""
    alone = replace(question, held=(replace(question.held[0], holder="did:example:one"),))
    alone = replace(alone, elements=MappingProxyType({"profile": Answer.NOT_MET}))
    beside = replace(alone, held=(*alone.held, replace(stray, holder=None)))
    lines = recognise(beside, DATA).lines
    assert not any(line.result == "offset_by_experience" for line in lines if line.step == "element")


@lawful
@given(questions)
def test_experience_never_makes_up_for_the_level(question: Question) -> None:
    question = replace(question, elements=MappingProxyType({"level": Answer.NOT_MET}), level_sought=None)
    for line in recognise(question, DATA).lines:
        if line.step == "element" and line.inputs["element"] == "level":
            assert line.result == "different"


@lawful
@given(questions)
def test_a_question_keeps_through_json(question: Question) -> None:
    assert read_question(build_question_json(question)) == question


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


@lawful
@given(
    countries,
    countries,
    st.sampled_from(sorted(DATA.agreements)),
    st.dates(date(1960, 1, 1), date(2030, 1, 1)),
)
def test_no_agreement_binds_before_its_dates(origin: str, destination: str, name: str, at: date) -> None:
    agreement = DATA.agreements[name]
    found = find_between(agreement, origin, destination, at)
    if found is not None and found.binds:
        for text in (agreement.in_force, found.origin.since, found.destination.since):
            assert text is None or text[:4] <= at.isoformat()[:4]
        assert agreement.until is None or at.isoformat()[:4] <= agreement.until[:4]


@lawful
@given(st.sampled_from(LEVELS), st.sampled_from(sorted(DATA.frameworks)))
def test_no_level_compares_by_its_number_alone(level: Level, framework: str) -> None:
    """Without the sourced comparisons nothing compares, whatever the codes look like."""
    bare = replace(
        DATA,
        comparisons=(),
        frameworks=MappingProxyType(
            {
                name: replace(rule, levels=tuple(replace(item, eqf=None) for item in rule.levels))
                for name, rule in DATA.frameworks.items()
            }
        ),
    )
    assert compare_level(bare, level, framework) == ()
    for found in compare_level(DATA, level, framework):
        assert found.sources
        assert found.level is None or found.relation != "comparable" or found.held == level

"""What is remembered of chains is what judging them anew gives, at any instant and for any credential."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.profiles import CredentialFacts
from skillcred.profiles.facts import Level
from skillcred.trust import (
    AccreditationScope,
    AccreditationStatement,
    Action,
    EnrolledBody,
    ExtractedAccreditation,
    ExtractedEvent,
    RegistryExtract,
    SignedStatement,
)
from skillcred.trust import judged as memory
from skillcred.trust.chains import Edge, find_chains, judge_chain
from skillcred.trust.dates import describe_states
from skillcred.trust.judged import MAX_ANSWERS, forget_chains, judge_chains

START = datetime(2024, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FACTS = CredentialFacts(
    credential_id="urn:c",
    issuer_id="did:school",
    issuer_name="School",
    types=(),
    profile_id="qualification",
    subject_id="did:learner",
    title={},
    award_date=START,
    valid_from=START,
    valid_until=None,
    isced_fields=("0913",),
    levels=(Level("EQF", "5"),),
    country="PH",
)
SCOPES = (
    AccreditationScope(("qualification",)),
    AccreditationScope(("qualification", "training"), isced_fields=("09",), action=Action.ISSUE),
    AccreditationScope(("training",), countries=("PH", "DE")),
)
days = st.integers(0, 12).map(lambda day: START + timedelta(days=day))
instants = st.builds(lambda day, ticks: day + ticks * TICK, days, st.integers(-1, 1))
kinds = st.sampled_from(["suspended", "reinstated", "ended", "withdrawn"])
events = st.lists(
    st.builds(lambda kind, at: ExtractedEvent(kind, at, at, "reason"), kinds, days), max_size=3
).map(tuple)
facts = st.builds(
    lambda profile, fields, country, level, subject: FACTS._replace(
        profile_id=profile,
        isced_fields=fields,
        country=country,
        levels=(Level("EQF", level),),
        subject_id=subject,
    ),
    st.sampled_from(["qualification", "training", None]),
    st.sampled_from([(), ("0913",), ("0413",), ("09", "04")]),
    st.sampled_from(["PH", "DE", None]),
    st.sampled_from(["5", "8"]),
    st.sampled_from(["did:a", "did:b"]),
)


NO_KEYS: frozenset[str] = frozenset()
Signed = tuple[SignedStatement | None, ...]
Registry = tuple[RegistryExtract, Signed]


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    """Bodies, one of which may accredit through another, and accreditations of the school."""
    bodies = tuple(
        EnrolledBody(
            did,
            did,
            "PH",
            draw(days),
            draw(st.none() | days),
            draw(st.sampled_from([(), (replace(SCOPES[1], action=Action.ACCREDIT),)])),
            draw(events),
        )
        for did in ("did:body", "did:other")
    )
    items, signed = [], []
    for signer, subject, action in (
        ("did:body", "did:school", Action.ISSUE),
        ("did:middle", "did:school", Action.ISSUE),
        ("did:other", "did:middle", Action.ACCREDIT),
    ):
        if draw(st.booleans()):
            scopes = tuple(replace(scope, action=action) for scope in draw(st.sets(st.sampled_from(SCOPES))))
            begin = draw(days)
            end = draw(st.none() | days)
            statement = AccreditationStatement(f"urn:{signer}", signer, subject, scopes, begin, end)
            items.append(ExtractedAccreditation(b"", "", begin, draw(events)))
            signed.append(draw(st.sampled_from([SignedStatement(statement, (), NO_KEYS), None])))
    return RegistryExtract("did:school", START, bodies=bodies, accreditations=tuple(items)), tuple(signed)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget_chains()
    yield
    forget_chains()


def check(
    extract: RegistryExtract, signed: Signed, about: CredentialFacts, three: tuple[datetime, ...]
) -> None:
    award, at, asked = three
    answers = judge_chains(extract, signed, about, award_date=award, at=at, asked=asked)
    edges_to: dict[str, list[Edge]] = {}
    for item, one in zip(extract.accreditations, signed, strict=True):
        if one is not None:
            edge = Edge(one.statement, item.events, item.recorded_at)
            edges_to.setdefault(one.statement.provider_did, []).append(edge)
    roots = {body.did: body for body in extract.bodies if body.enrolled_at <= at}
    chains = find_chains("did:school", edges_to, roots)
    assert answers.chains == chains
    for judged, instant in ((answers.then, award), (answers.now, at), (answers.asked, asked)):
        states = tuple(judge_chain(chain, about, instant) for chain in chains.found)
        assert judged is not None
        assert judged.states == states
        assert judged.described == describe_states(states, extract)


@given(
    registries(),
    registries(),
    st.lists(st.tuples(facts, st.tuples(instants, instants, instants)), max_size=6),
)
def test_a_remembered_answer_is_the_one_that_judging_gives(
    first: Registry,
    second: Registry,
    questions: list[tuple[CredentialFacts, tuple[datetime, datetime, datetime]]],
) -> None:
    for about, three in questions:
        check(*first, about, three)
    for about, three in questions:
        check(*second, about, three)
        check(*first, about, three)


def test_the_same_question_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    statement = AccreditationStatement("urn:a", "did:body", "did:school", SCOPES, START, None)
    item = ExtractedAccreditation(b"", "", START)
    body = EnrolledBody("did:body", "B", "PH", START)
    extract = RegistryExtract("did:school", START, bodies=(body,), accreditations=(item,))
    signed = (SignedStatement(statement, (), NO_KEYS),)
    at = START + timedelta(days=3)
    first = judge_chains(extract, signed, FACTS, award_date=at, at=at, asked=None)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("judged again")

    monkeypatch.setattr(memory, "judge_chain", refuse)
    other = FACTS._replace(subject_id="did:somebody-else", credential_id="urn:d")
    later = at + timedelta(days=5)
    # another holder and other instants, but nothing of the registry has changed between them
    assert judge_chains(extract, signed, other, award_date=later, at=later, asked=None) is first
    with pytest.raises(AssertionError, match="judged again"):
        judge_chains(extract, signed, FACTS._replace(country="DE"), award_date=at, at=at, asked=None)
    with pytest.raises(AssertionError, match="judged again"):
        judge_chains(replace(extract), signed, FACTS, award_date=at, at=at, asked=None)
    again = (signed[0]._replace(statement=replace(statement)),)
    with pytest.raises(AssertionError, match="judged again"):
        judge_chains(extract, again, FACTS, award_date=at, at=at, asked=None)


def test_what_is_remembered_is_bounded() -> None:
    statement = AccreditationStatement("urn:a", "did:body", "did:school", SCOPES, START, None)
    item = ExtractedAccreditation(b"", "", START)
    body = EnrolledBody("did:body", "B", "PH", START)
    extract = RegistryExtract("did:school", START, bodies=(body,), accreditations=(item,))
    signed = (SignedStatement(statement, (), NO_KEYS),)
    for number in range(3 * MAX_ANSWERS):
        about = FACTS._replace(programmes=(str(number),))
        judge_chains(extract, signed, about, award_date=START, at=START, asked=None)
    assert len(memory._MEMORY["did:school"].answers) <= MAX_ANSWERS

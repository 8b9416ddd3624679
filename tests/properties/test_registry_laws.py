"""Laws of the registry: the quick answer is the explained one, files keep everything, and nothing speaks for others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.profiles import CredentialFacts
from skillcred.profiles.facts import Level
from skillcred.trust import (
    AccreditationScope,
    AccreditationStatement,
    Action,
    EnrolledBody,
    ExtractedEvent,
    RegisteredKey,
    ScopeLevel,
    Succession,
)
from skillcred.trust.chains import Edge, find_chains, judge_chain
from skillcred.trust.decide import is_authorised
from skillcred.trust.published import (
    Branch,
    PublishedFileError,
    PublishedStatement,
    encode_bodies,
    encode_branch,
    parse_bodies,
    parse_branch,
)
from skillcred.trust.snapshot import build_snapshot

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
DIDS = ["did:a", "did:b", "did:c", "did:d", "did:school"]
FACTS = CredentialFacts(
    credential_id=None,
    issuer_id="did:school",
    issuer_name=None,
    types=(),
    profile_id="qualification",
    subject_id=None,
    title={},
    award_date=START,
    valid_from=START,
    valid_until=None,
    isced_fields=("0913",),
    levels=(Level("EQF", "5"),),
    country="PH",
)

INSTANTS = st.integers(0, 40).map(lambda day: START + day * DAY)
EVENTS = st.lists(
    st.builds(
        ExtractedEvent,
        st.sampled_from(["suspended", "reinstated", "ended", "withdrawn", "succeeded"]),
        INSTANTS,
        INSTANTS,
        st.just("reason"),
        st.none() | st.just(Succession("merger", "did:x", "Heir")),
    ),
    max_size=2,
).map(tuple)
SCOPES = st.builds(
    AccreditationScope,
    profiles=st.sampled_from([("qualification",), ("training",), ("qualification", "training")]),
    isced_fields=st.sampled_from([(), (), ("09",), ("07",)]),
    max_level=st.sampled_from([None, None, ScopeLevel("EQF", "4"), ScopeLevel("EQF", "6")]),
    countries=st.sampled_from([(), (), ("PH",), ("KE",)]),
    languages=st.sampled_from([(), (), (), ("en",)]),
    action=st.sampled_from(list(Action)),
)
STATEMENTS = st.builds(
    AccreditationStatement,
    credential_id=st.integers(0, 9).map(lambda number: f"urn:{number}"),
    body_did=st.sampled_from(DIDS),
    provider_did=st.sampled_from(DIDS),
    scopes=st.lists(SCOPES, min_size=1, max_size=2).map(tuple),
    valid_from=INSTANTS,
    valid_until=st.none() | INSTANTS,
)
EDGES = st.builds(Edge, STATEMENTS, EVENTS, INSTANTS, st.sampled_from([None, None, "did:a", "did:b"]))
BODIES = st.builds(
    EnrolledBody,
    did=st.sampled_from(DIDS[:3]),
    name=st.just("Body"),
    country=st.just("PH"),
    enrolled_at=INSTANTS,
    ended_at=st.none() | INSTANTS,
    scopes=st.lists(SCOPES.map(lambda scope: replace(scope, action=Action.ACCREDIT)), max_size=1).map(tuple),
    events=EVENTS,
)
REGISTRIES = st.tuples(st.lists(EDGES, max_size=9), st.lists(BODIES, min_size=1, max_size=2))


@settings(max_examples=300)
@given(REGISTRIES, INSTANTS)
def test_the_quick_answer_is_the_explained_one(
    registry: tuple[list[Edge], list[EnrolledBody]], instant: datetime
) -> None:
    edges, bodies = registry
    edges_to: dict[str, list[Edge]] = {}
    for edge in edges:
        edges_to.setdefault(edge.statement.provider_did, []).append(edge)
    roots = {body.did: body for body in bodies}
    chains = find_chains("did:school", edges_to, roots)
    explained = any(judge_chain(chain, FACTS, instant).authorises for chain in chains.found)
    quick = is_authorised(FACTS, edges_to, roots, instant)
    assert quick == explained or (chains.cut and quick)


@given(st.lists(BODIES, max_size=3, unique_by=lambda body: body.did))
def test_bodies_are_read_as_they_were_written(bodies: list[EnrolledBody]) -> None:
    assert parse_bodies(encode_bodies(bodies)) == tuple(bodies)


KEYS = st.builds(RegisteredKey, st.just("did:school#1"), st.just("z6Mk"), INSTANTS, st.none() | INSTANTS)


@given(st.lists(EDGES, max_size=6), st.lists(KEYS, max_size=2))
def test_a_branch_is_read_as_it_was_written_or_refused_for_what_is_not_its_own(
    edges: list[Edge], keys: list[RegisteredKey]
) -> None:
    """SECURITY T-09: a body speaks for itself and for those whom it, or one below it, lets accredit."""
    own = [edge._replace(branch="did:a") for edge in edges]
    branch = Branch(
        "did:a",
        [PublishedStatement(edge, number, 10, "application/vc") for number, edge in enumerate(own)],
        {"did:a": "Name"},
        {"did:school": tuple(keys)},
    )
    below = {"did:a"}
    for _ in DIDS:
        below |= {
            edge.statement.provider_did
            for edge in own
            if edge.statement.body_did in below
            and any(scope.action is Action.ACCREDIT for scope in edge.statement.scopes)
        }
    known = "did:school" in {edge.statement.provider_did for edge in own}
    if {edge.statement.body_did for edge in own} <= below and known:
        assert parse_branch(encode_branch(branch), body_did="did:a") == branch
    else:
        with pytest.raises(PublishedFileError) as caught:
            parse_branch(encode_branch(branch), body_did="did:a")
        assert caught.value.code == "foreign_statement"


def test_what_one_branch_says_gives_nothing_below_another() -> None:
    """A body that takes somebody else's sub-body under its wing speaks for it in its own branch only."""
    pass_on = AccreditationScope(("qualification",), action=Action.ACCREDIT)
    award = AccreditationScope(("qualification",))

    def statement(signer: str, subject: str, scope: AccreditationScope, branch: str) -> PublishedStatement:
        said = AccreditationStatement(f"urn:{signer}{subject}", signer, subject, (scope,), START, None)
        return PublishedStatement(Edge(said, (), START, branch), 0, 0, "application/vc")

    honest = Branch("did:a", [statement("did:a", "did:sub", pass_on, "did:a")])
    forged = Branch(
        "did:b",
        [statement("did:b", "did:sub", pass_on, "did:b"), statement("did:sub", "did:school", award, "did:b")],
    )
    bodies = [EnrolledBody(did, did, "PH", START) for did in ("did:a", "did:b")]
    ended = [bodies[0], replace(bodies[1], ended_at=START)]
    assert build_snapshot(bodies, [honest, forged], START).is_authorised(FACTS, START + DAY)
    snapshot = build_snapshot(ended, [honest, forged], START)
    assert not snapshot.is_authorised(FACTS, START + DAY)
    assert [chain.root.did for chain in snapshot.chains_of("did:school").found] == ["did:b"]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"format":"skillcred-registry-branch-1","body":"did:b"}']
)
def test_a_file_that_cannot_be_read_is_not_used(content: bytes) -> None:
    with pytest.raises(Exception, match=r"\w") as caught:
        parse_branch(content, body_did="did:a")
    assert caught.type.__name__ in ("PublishedFileError", "StrictJsonError")

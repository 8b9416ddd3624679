"""Chains of accreditations: found, bounded, and judged link by link (SECURITY T-02, T-04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from skillcred.profiles import CredentialFacts
from skillcred.profiles.facts import Level
from skillcred.trust import (
    AccreditationScope,
    AccreditationStatement,
    Action,
    EnrolledBody,
    ExtractedEvent,
    ScopeLevel,
    Succession,
)
from skillcred.trust.chains import MAX_CHAIN_LINKS, Chains, Edge, find_chains, judge_chain
from skillcred.trust.reasons import explain, lapse_code
from skillcred.trust.standing import Standing

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
THEN = START + 100 * DAY
FACTS = CredentialFacts(
    credential_id="urn:c",
    issuer_id="did:school",
    issuer_name="School",
    types=(),
    profile_id="qualification",
    subject_id=None,
    title={},
    award_date=THEN,
    valid_from=THEN,
    valid_until=None,
    isced_fields=("0913",),
    levels=(Level("EQF", "5"),),
    country="PH",
    occupations=("2221",),
    languages=("en-PH",),
)
PASS_ON = AccreditationScope(("qualification", "training"), action=Action.ACCREDIT)
ISSUE = AccreditationScope(("qualification",))


def edge(
    signer: str, subject: str, *scopes: AccreditationScope, events: tuple[ExtractedEvent, ...] = ()
) -> Edge:
    statement = AccreditationStatement(f"urn:{signer}>{subject}", signer, subject, scopes, START, None)
    return Edge(statement, events, START)


def event(kind: str, day: int, successor: Succession | None = None) -> ExtractedEvent:
    return ExtractedEvent(kind, START + day * DAY, START + day * DAY, "reason", successor)


def body(did: str = "did:nation", **changes: object) -> EnrolledBody:
    return replace(EnrolledBody(did, did, "PH", START), **changes)  # type: ignore[arg-type]


def line(*dids: str) -> list[Edge]:
    """Each accredits the next; the last may issue."""
    pairs = list(pairwise(dids))
    return [
        edge(signer, subject, ISSUE if place == len(pairs) - 1 else PASS_ON)
        for place, (signer, subject) in enumerate(pairs)
    ]


def chains(edges: list[Edge], *bodies: EnrolledBody, issuer: str = "did:school") -> Chains:
    edges_to: dict[str, list[Edge]] = {}
    for item in edges:
        edges_to.setdefault(item.statement.provider_did, []).append(item)
    return find_chains(issuer, edges_to, {b.did: b for b in bodies or (body(),)})


def authorised(
    edges: list[Edge], *bodies: EnrolledBody, at: datetime = THEN, facts: CredentialFacts = FACTS
) -> bool:
    return any(judge_chain(chain, facts, at).authorises for chain in chains(edges, *bodies).found)


@pytest.mark.parametrize("between", [(), ("did:a",), ("did:a", "did:b"), ("did:a", "did:b", "did:c")])
def test_a_chain_of_up_to_five_links_authorises(between: tuple[str, ...]) -> None:
    edges = line("did:nation", *between, "did:school")
    assert authorised(edges)
    assert len(chains(edges).found) == 1
    assert not chains(edges).cut
    for removed in edges:
        assert not authorised([item for item in edges if item is not removed])


def test_a_longer_chain_is_cut_and_said_to_be_cut() -> None:
    between = [f"did:{number}" for number in range(50)]
    found = chains(line("did:nation", *between, "did:school"))
    assert (found.found, found.cut) == ((), True)
    assert MAX_CHAIN_LINKS == 5


@pytest.mark.parametrize(
    "edges",
    [
        pytest.param([edge("did:school", "did:school", ISSUE, PASS_ON)], id="T-04-self"),
        pytest.param(
            [
                edge("did:a", "did:school", ISSUE),
                edge("did:b", "did:a", PASS_ON),
                edge("did:a", "did:b", PASS_ON),
            ],
            id="T-04-loop",
        ),
        pytest.param(
            [edge("did:a", "did:school", ISSUE), edge("did:school", "did:a", PASS_ON)],
            id="T-04-loop-to-the-issuer",
        ),
    ],
)
def test_loops_end_and_give_nothing(edges: list[Edge]) -> None:
    assert chains(edges).found == ()


def test_many_branches_are_bounded() -> None:
    edges = [edge(f"did:a{n}", "did:school", ISSUE) for n in range(40)]
    edges += [edge(f"did:b{m}", f"did:a{n}", PASS_ON) for n in range(40) for m in range(40)]
    found = chains(edges)
    assert found.cut
    assert found.found == ()


def test_a_diamond_needs_one_sound_side() -> None:
    """SECURITY T-04: a path to a root with every edge valid."""
    suspended = event("suspended", 50)
    left = [edge("did:a", "did:school", ISSUE), edge("did:nation", "did:a", PASS_ON, events=(suspended,))]
    right = [edge("did:b", "did:school", ISSUE), edge("did:nation", "did:b", PASS_ON)]
    assert not authorised(left)
    assert authorised(left + right)
    assert authorised(left, at=START + 49 * DAY)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("kind", "standing"),
    [
        ("suspended", Standing.SUSPENDED),
        ("ended", Standing.ENDED),
        ("withdrawn", Standing.WITHDRAWN),
        ("succeeded", Standing.SUCCEEDED),
    ],
)
def test_any_link_can_break(place: int, kind: str, standing: Standing) -> None:
    successor = Succession("merger", "did:heir", "Heir") if kind == "succeeded" else None
    happened = (event(kind, 90, successor),)
    edges = line("did:nation", "did:a", "did:school")
    root = body(events=happened) if place == 0 else body()
    if place:
        edges[place - 1] = edges[place - 1]._replace(events=happened)
    (chain,) = chains(edges, root).found
    before, after = (judge_chain(chain, FACTS, START + day * DAY) for day in (89, 90))
    assert before.authorises
    assert not after.authorises
    broken = after.links[place]
    assert (broken.state.standing, broken.state.successor) == (standing, successor)
    expected = ("accreditation" if place == 2 else "authority") + f"_{standing.value}"
    assert lapse_code(after) == expected
    assert expected in [problem.code for problem in explain(after)]


def test_who_may_only_issue_passes_nothing_on() -> None:
    assert not authorised([edge("did:nation", "did:a", ISSUE), edge("did:a", "did:school", ISSUE)])


def test_who_may_only_accredit_awards_nothing() -> None:
    assert not authorised([edge("did:nation", "did:school", PASS_ON)])


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"profiles": ("training",)}, "profile_out_of_scope"),
        ({"isced_fields": ("07",)}, "field_out_of_scope"),
        ({"occupations": ("72",)}, "occupation_out_of_scope"),
        ({"max_level": ScopeLevel("EQF", "4")}, "level_out_of_scope"),
        ({"countries": ("KE",)}, "country_out_of_scope"),
        ({"languages": ("fr",)}, "language_out_of_scope"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_scope_holds_for_everybody_below_it(limit: dict[str, object], code: str, place: int) -> None:
    """T-01, and T-04 for chains: claiming more than the body above allows gains nothing."""
    edges = line("did:nation", "did:a", "did:school")
    root = body(scopes=(replace(PASS_ON, **limit),)) if place == 0 else body()  # type: ignore[arg-type]
    if place:
        (scope,) = edges[place - 1].statement.scopes
        narrowed = replace(edges[place - 1].statement, scopes=(replace(scope, **limit),))  # type: ignore[arg-type]
        edges[place - 1] = edges[place - 1]._replace(statement=narrowed)
    (chain,) = chains(edges, root).found
    state = judge_chain(chain, FACTS, THEN)
    assert not state.authorises
    assert not state.undetermined
    assert code in [problem.code for problem in explain(state)]


def test_what_the_credential_leaves_unsaid_is_undetermined() -> None:
    edges = line("did:nation", "did:school")
    root = body(scopes=(replace(PASS_ON, programmes=("BSN",), occupations=("2221",)),))
    (chain,) = chains(edges, root).found
    state = judge_chain(chain, FACTS, THEN)
    assert (state.authorises, state.undetermined) == (False, True)
    stated = FACTS._replace(programmes=("BSN",))
    assert judge_chain(chain, stated, THEN).authorises

"""What chains of accreditations say of a kind of award, remembered from one change of the registry to the next.

The state of a chain depends on an instant only by its order among the dates of the registry: between two of them
nothing changes. And it depends on a credential only by what scopes look at. So the credentials of one issuer, each with
its own award date, mostly ask what was answered before. What is remembered belongs to one extract and to the very
statements that were read from it; where these are others, everything is judged again. Nothing about a holder is kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import is_
from threading import Lock
from typing import Final

from skillcred.encoding.json_types import FrozenJson
from skillcred.model.outcomes import Problem
from skillcred.profiles import CredentialFacts
from skillcred.trust.chains import Chains, ChainState, Edge, find_chains, judge_chain
from skillcred.trust.conclusions import Conclusion, conclude_chains
from skillcred.trust.dates import describe_states
from skillcred.trust.extract import RegistryExtract
from skillcred.trust.signed import NOT_CHECKED, SignedStatement, find_key_fault

MAX_ISSUERS: Final = 256
"""Most issuers whose chains are remembered; then all are forgotten."""
MAX_ANSWERS: Final = 64
"""Most answers that are remembered for one issuer; then these are forgotten."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The states of all chains at one instant, and what the details of a report say of them beside the date."""

    states: tuple[ChainState, ...]
    described: Mapping[str, FrozenJson]


@dataclass(frozen=True, slots=True)
class Answers:
    """The chains of an issuer, their states at the award date, now, and at the date that was asked for, and what the
    first two lead to. `faults` has for each accreditation why it does not count although it is well signed."""

    faults: tuple[Problem | None, ...]
    chains: Chains
    then: Judged
    now: Judged
    asked: Judged | None
    conclusion: Conclusion


@dataclass(frozen=True, slots=True)
class _Known:
    """What is remembered of one issuer. `dates` are all at which a state can change, sorted."""

    extract: RegistryExtract
    signed: tuple[SignedStatement | None, ...]
    edges: tuple[Edge, ...]
    faults: tuple[Problem | None, ...]
    dates: tuple[datetime, ...]
    answers: dict[object, Answers] = field(default_factory=dict)


_MEMORY: Final[dict[str, _Known]] = {}
_LOCK: Final = Lock()


def judge_chains(
    extract: RegistryExtract,
    signed: Sequence[SignedStatement | None],
    facts: CredentialFacts,
    *,
    award_date: datetime,
    at: datetime,
    asked: datetime | None,
) -> Answers:
    """What the chains from enrolled bodies to the issuer say of a credential with `facts`. `signed` are the
    accreditations of `extract`, as far as they are well signed."""
    issuer = facts.issuer_id or ""
    known = _MEMORY.get(issuer)
    if known is None or known.extract is not extract or not all(map(is_, known.signed, signed)):
        known = _begin(extract, signed)
        with _LOCK:
            if len(_MEMORY) >= MAX_ISSUERS:
                _MEMORY.clear()
            _MEMORY[issuer] = known
    dates = known.dates
    key = (
        # where the instants are among the dates: after how many, and after or at how many
        bisect_left(dates, award_date),
        bisect_right(dates, award_date),
        bisect_left(dates, at),
        bisect_right(dates, at),
        None if asked is None else (bisect_left(dates, asked), bisect_right(dates, asked)),
        # all of a credential that `coverage` looks at
        facts.profile_id,
        facts.isced_fields,
        facts.levels,
        facts.country,
        facts.occupations,
        facts.languages,
        facts.campuses,
        facts.programmes,
    )
    answers = known.answers.get(key)
    if answers is None:
        answers = _judge(known, facts, (award_date, at, asked))
        with _LOCK:
            if len(known.answers) >= MAX_ANSWERS:
                known.answers.clear()
            known.answers[key] = answers
    return answers


def restrict_answers(answers: Answers, chains: Chains, extract: RegistryExtract) -> Answers:
    """The same by `chains` alone, which are some or all of those of `answers`."""
    if len(chains.found) == len(answers.chains.found):
        return answers
    kept = {id(chain) for chain in chains.found}

    def restrict(judged: Judged) -> Judged:
        states = tuple([state for state in judged.states if id(state.chain) in kept])
        return Judged(states, describe_states(states, extract))

    then, now = restrict(answers.then), restrict(answers.now)
    asked = None if answers.asked is None else restrict(answers.asked)
    return Answers(answers.faults, chains, then, now, asked, conclude_chains(chains, then.states, now.states))


def forget_chains() -> None:
    """Empty the memory."""
    with _LOCK:
        _MEMORY.clear()


def _begin(extract: RegistryExtract, signed: Sequence[SignedStatement | None]) -> _Known:
    edges: list[Edge] = []
    faults: list[Problem | None] = []
    for item, one in zip(extract.accreditations, signed, strict=True):
        code = None if one is None else find_key_fault(one, item, extract.keys)
        faults.append(None if code is None else Problem(code, NOT_CHECKED))
        if one is not None and code is None:
            edges.append(Edge(one.statement, item.events, item.recorded_at, item.branch))
    dates = tuple(sorted(set(_dates(extract, edges))))
    return _Known(extract, tuple(signed), tuple(edges), tuple(faults), dates)


def _judge(
    known: _Known, facts: CredentialFacts, instants: tuple[datetime, datetime, datetime | None]
) -> Answers:
    award_date, at, asked = instants
    extract = known.extract
    edges_to: dict[str, list[Edge]] = {}
    for edge in known.edges:
        edges_to.setdefault(edge.statement.provider_did, []).append(edge)
    roots = {body.did: body for body in extract.bodies if body.enrolled_at <= at}
    chains = find_chains(facts.issuer_id or "", edges_to, roots)

    def judge(instant: datetime) -> Judged:
        states = tuple(judge_chain(chain, facts, instant) for chain in chains.found)
        return Judged(states, describe_states(states, extract))

    then, now = judge(award_date), judge(at)
    conclusion = conclude_chains(chains, then.states, now.states)
    return Answers(known.faults, chains, then, now, None if asked is None else judge(asked), conclusion)


def _dates(extract: RegistryExtract, edges: Sequence[Edge]) -> Iterator[datetime]:
    """All dates with which `standing` and the choice of roots compare an instant."""
    for body in extract.bodies:
        yield body.enrolled_at
        if body.ended_at is not None:
            yield body.ended_at
        yield from (event.effective_at for event in body.events)
    for edge in edges:
        yield edge.statement.valid_from
        if edge.statement.valid_until is not None:
            yield edge.statement.valid_until
        yield from (event.effective_at for event in edge.events)

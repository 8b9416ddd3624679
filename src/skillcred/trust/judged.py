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
from skillcred.profiles import CredentialFacts
from skillcred.trust.accreditation import AccreditationStatement
from skillcred.trust.chains import Chains, ChainState, Edge, find_chains, judge_chain
from skillcred.trust.conclusions import Conclusion, conclude_chains
from skillcred.trust.dates import describe_states
from skillcred.trust.extract import RegistryExtract

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
    first two lead to."""

    chains: Chains
    then: Judged
    now: Judged
    asked: Judged | None
    conclusion: Conclusion


@dataclass(frozen=True, slots=True)
class _Known:
    """What is remembered of one issuer. `dates` are all at which a state can change, sorted."""

    extract: RegistryExtract
    statements: tuple[AccreditationStatement, ...]
    dates: tuple[datetime, ...]
    answers: dict[object, Answers] = field(default_factory=dict)

    def fits(self, extract: RegistryExtract, statements: Sequence[AccreditationStatement]) -> bool:
        """Whether it is about these very objects."""
        return (
            self.extract is extract
            and len(self.statements) == len(statements)
            and all(map(is_, self.statements, statements))
        )

    def place(self, instant: datetime) -> tuple[int, int]:
        """Where `instant` is among the dates: after how many, and after or at how many."""
        return bisect_left(self.dates, instant), bisect_right(self.dates, instant)


_MEMORY: Final[dict[str, _Known]] = {}
_LOCK: Final = Lock()


def judge_chains(
    extract: RegistryExtract,
    edges: Sequence[Edge],
    facts: CredentialFacts,
    *,
    award_date: datetime,
    at: datetime,
    asked: datetime | None,
) -> Answers:
    """What the chains from enrolled bodies by `edges` to the issuer say of a credential with `facts`."""
    issuer = facts.issuer_id or ""
    statements = tuple([edge.statement for edge in edges])
    known = _MEMORY.get(issuer)
    if known is None or not known.fits(extract, statements):
        known = _Known(extract, statements, tuple(sorted(set(_dates(extract, edges)))))
        with _LOCK:
            if len(_MEMORY) >= MAX_ISSUERS:
                _MEMORY.clear()
            _MEMORY[issuer] = known
    place = None if asked is None else known.place(asked)
    key = (_scope_key(facts), known.place(award_date), known.place(at), place)
    answers = known.answers.get(key)
    if answers is None:
        answers = _judge(extract, edges, facts, (award_date, at, asked))
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
    return Answers(chains, then, now, asked, conclude_chains(chains, then.states, now.states))


def forget_chains() -> None:
    """Empty the memory."""
    with _LOCK:
        _MEMORY.clear()


def _judge(
    extract: RegistryExtract,
    edges: Sequence[Edge],
    facts: CredentialFacts,
    instants: tuple[datetime, datetime, datetime | None],
) -> Answers:
    award_date, at, asked = instants
    edges_to: dict[str, list[Edge]] = {}
    for edge in edges:
        edges_to.setdefault(edge.statement.provider_did, []).append(edge)
    roots = {body.did: body for body in extract.bodies if body.enrolled_at <= at}
    chains = find_chains(facts.issuer_id or "", edges_to, roots)

    def judge(instant: datetime) -> Judged:
        states = tuple(judge_chain(chain, facts, instant) for chain in chains.found)
        return Judged(states, describe_states(states, extract))

    then, now = judge(award_date), judge(at)
    conclusion = conclude_chains(chains, then.states, now.states)
    return Answers(chains, then, now, None if asked is None else judge(asked), conclusion)


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


def _scope_key(facts: CredentialFacts) -> tuple[object, ...]:
    """All of a credential that `coverage` looks at."""
    return (
        facts.profile_id,
        facts.isced_fields,
        tuple([(level.framework, level.code) for level in facts.levels]) if facts.levels else (),
        facts.country,
        facts.occupations,
        facts.languages,
        facts.campuses,
        facts.programmes,
    )

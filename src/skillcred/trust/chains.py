"""Chains of accreditations: from the issuer up to a national body that the registry has enrolled.

A chain counts at an instant if every link of it was in force then and covers the credential, so a link that claims more
than the one above it gains nothing. Loops end where they would begin again, and what is looked at is bounded; where the
bound cut something off, that is said and never taken for a refusal (SECURITY T-04).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from skillcred.profiles import CredentialFacts
from skillcred.trust.accreditation import AccreditationStatement
from skillcred.trust.coverage import COVERED, Coverage, CoverageResult, scope_coverage
from skillcred.trust.records import EnrolledBody, ExtractedEvent
from skillcred.trust.scope import Action
from skillcred.trust.standing import Standing, StandingSince, body_standing_at, standing_at

MAX_CHAIN_LINKS: Final = 5
"""Most links of a chain, the enrolment of the national body being the first."""
MAX_CHAINS: Final = 64
"""Most chains of one issuer that are looked at."""


class Edge(NamedTuple):
    """An accreditation whose signature and form hold, with everything that the registry recorded of it since.

    `branch` is the enrolled body that published it together with its own, if it came that way: it then speaks for
    what is below that body, and for nothing below another.
    """

    statement: AccreditationStatement
    events: tuple[ExtractedEvent, ...]
    recorded_at: datetime
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The enrolled body, and the accreditations from it down to the issuer."""

    root: EnrolledBody
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Chains:
    """All chains of an issuer, the shortest first. `cut`: there may be others beyond the limits."""

    found: tuple[Chain, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class LinkState:
    """The state of one link at an instant; `accreditation_id` is `None` for the enrolment."""

    accreditation_id: str | None
    signer: str
    state: StandingSince
    coverage: CoverageResult

    @property
    def holds(self) -> bool:
        """In force, and what it allows covers the credential."""
        return self.state.standing is Standing.IN_FORCE and self.coverage.coverage is Coverage.COVERED


@dataclass(frozen=True, slots=True)
class ChainState:
    """The state of a chain at an instant, from the enrolment down."""

    chain: Chain
    links: tuple[LinkState, ...]

    @property
    def authorises(self) -> bool:
        """Whether the issuer was allowed to award the credential then, by this chain."""
        return all(link.holds for link in self.links)

    @property
    def undetermined(self) -> bool:
        """Whether only what the credential leaves unsaid keeps this chain from authorising."""
        return not self.authorises and all(
            link.state.standing is Standing.IN_FORCE and link.coverage.coverage is not Coverage.NOT_COVERED
            for link in self.links
        )


def find_chains(
    issuer_did: str, edges_to: Mapping[str, Sequence[Edge]], roots: Mapping[str, EnrolledBody]
) -> Chains:
    """Every chain from an enrolled body down to `issuer_did`. `edges_to` has the accreditations of each DID.

    A body that accredits itself, or one that stands above itself, adds nothing: no DID occurs twice in a chain.
    """
    found: list[Chain] = []
    cut = False
    level: list[tuple[Edge, ...]] = [(edge,) for edge in edges_to.get(issuer_did, ())]
    for links in range(2, MAX_CHAIN_LINKS + 1):
        above: list[tuple[Edge, ...]] = []
        for path in level:
            signer = path[0].statement.body_did
            if signer == issuer_did or any(edge.statement.provider_did == signer for edge in path):
                continue
            root = roots.get(signer)
            if root is not None and all(edge.branch in (None, signer) for edge in path):
                found.append(Chain(root, path))
            if links < MAX_CHAIN_LINKS:
                above.extend((edge, *path) for edge in edges_to.get(signer, ()))
            elif edges_to.get(signer):
                cut = True
        if len(found) > MAX_CHAINS or len(above) > MAX_CHAINS:
            cut = True
        level = above[:MAX_CHAINS]
    return Chains(tuple(found[:MAX_CHAINS]), cut)


def judge_chain(
    chain: Chain, facts: CredentialFacts, instant: datetime, *, action: Action = Action.ISSUE
) -> ChainState:
    """The state of every link of `chain` at `instant`, for the credential with `facts`: may the last in the chain do
    `action`?"""
    return ChainState(chain, tuple(_link_states(chain, facts, instant, action)))


def _link_states(
    chain: Chain, facts: CredentialFacts, instant: datetime, wanted: Action
) -> Iterator[LinkState]:
    root = chain.root
    allowed = scope_coverage(root.scopes, facts, Action.ACCREDIT) if root.scopes else COVERED
    yield LinkState(None, root.did, body_standing_at(root, instant), allowed)
    last = len(chain.edges) - 1
    for place, edge in enumerate(chain.edges):
        statement = edge.statement
        action = wanted if place == last else Action.ACCREDIT
        yield LinkState(
            statement.credential_id,
            statement.body_did,
            standing_at(statement, edge.events, instant),
            scope_coverage(statement.scopes, facts, action),
        )

"""Yes or no, quickly: was an issuer authorised for a credential at an instant? `chains` tells why.

Looks at the cheapest thing first and stops at the first chain that authorises; the answer is that of judging them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from skillcred.profiles import CredentialFacts
from skillcred.trust.chains import MAX_CHAIN_LINKS, Edge
from skillcred.trust.coverage import is_covered
from skillcred.trust.records import EnrolledBody
from skillcred.trust.scope import Action
from skillcred.trust.standing import Standing, body_standing_at, standing_at


@dataclass(slots=True)
class _Search:
    """One decision: what it is about, and the registry."""

    edges_to: Mapping[str, Sequence[Edge]]
    roots: Mapping[str, EnrolledBody]
    facts: CredentialFacts
    instant: datetime

    def holds(self, edge: Edge, action: Action) -> bool:
        statement = edge.statement
        return (
            is_covered(statement.scopes, self.facts, action)
            and standing_at(statement, edge.events, self.instant).standing is Standing.IN_FORCE
        )

    def has_authority(self, did: str, branch: str | None, links: int, below: tuple[str, ...]) -> bool:
        """Whether some chain of at most `links` links gives `did` the right to accredit for the credential."""
        root = self.roots.get(did) if branch in (None, did) else None
        if root is not None and self._root_holds(root):
            return True
        if links <= 1:
            return False
        for edge in self.edges_to.get(did, ()):
            signer = edge.statement.body_did
            if signer in below or signer == did or not self.holds(edge, Action.ACCREDIT):
                continue
            if branch is not None and edge.branch not in (None, branch):
                continue
            if self.has_authority(signer, branch or edge.branch, links - 1, (*below, did)):
                return True
        return False

    def _root_holds(self, root: EnrolledBody) -> bool:
        allowed = not root.scopes or is_covered(root.scopes, self.facts, Action.ACCREDIT)
        return allowed and body_standing_at(root, self.instant).standing is Standing.IN_FORCE


def is_authorised(
    facts: CredentialFacts,
    edges_to: Mapping[str, Sequence[Edge]],
    roots: Mapping[str, EnrolledBody],
    instant: datetime,
) -> bool:
    """Whether some chain from an enrolled body to the issuer authorises at `instant`."""
    issuer = facts.issuer_id or ""
    search = _Search(edges_to, roots, facts, instant)
    known: dict[tuple[str, str | None], bool] = {}
    for edge in edges_to.get(issuer, ()):
        signer = edge.statement.body_did
        if signer == issuer or not search.holds(edge, Action.ISSUE):
            continue
        key = (signer, edge.branch)
        if key not in known:
            known[key] = search.has_authority(signer, edge.branch, MAX_CHAIN_LINKS - 1, (issuer,))
        if known[key]:
            return True
    return False

"""A whole registry in memory, as loaded from files that were verified: who accredited whom, ready for decisions.

The statements in it were vouched for by whoever signed the files (`published`), so a decision checks no signature. It
is read only; a newer registry is another snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from skillcred.profiles import CredentialFacts
from skillcred.trust.chains import Chains, Edge, find_chains
from skillcred.trust.decide import is_authorised
from skillcred.trust.extract import ExtractedAccreditation, RegistryCopyInfo, RegistryExtract
from skillcred.trust.published import Branch, PublishedStatement
from skillcred.trust.records import EnrolledBody, KeyHistory

ContentOf = Callable[[PublishedStatement], bytes]
"""Finds the signed credential of a statement among the published files."""


@dataclass(frozen=True, slots=True)
class RegistrySnapshot:
    """Enrolled bodies, the accreditations of each DID, names and keys. `as_of` is when it was verified."""

    bodies: Mapping[str, EnrolledBody]
    statements_about: Mapping[str, Sequence[PublishedStatement]]
    edges_to: Mapping[str, Sequence[Edge]]
    names: Mapping[str, str]
    keys: Mapping[str, Sequence[KeyHistory]]
    as_of: datetime

    def chains_of(self, issuer_did: str) -> Chains:
        """Every chain from an enrolled body down to that DID."""
        return find_chains(issuer_did, self.edges_to, self.bodies)

    def is_authorised(self, facts: CredentialFacts, instant: datetime) -> bool:
        """Whether the issuer of a credential with `facts` was authorised for it at `instant`; `chains_of` tells why."""
        return is_authorised(facts, self.edges_to, self.bodies, instant)

    def extract(
        self, issuer_did: str, content_of: ContentOf, copy: RegistryCopyInfo | None = None
    ) -> RegistryExtract:
        """All that the snapshot says about an issuer and those above it, as evidence with the signed credentials.
        `copy` tells how old it is."""
        about = self._upwards(issuer_did)
        signers = {statement.edge.statement.body_did for statement in about}
        return RegistryExtract(
            issuer_did=issuer_did,
            as_of=self.as_of,
            issuer_name=self.names.get(issuer_did),
            keys=tuple(
                history
                for did in dict.fromkeys((issuer_did, *sorted(signers)))
                for history in self.keys.get(did, ())
            ),
            bodies=tuple(body for did, body in self.bodies.items() if did in signers or did == issuer_did),
            accreditations=tuple(
                ExtractedAccreditation(
                    content_of(statement),
                    statement.media_type,
                    statement.edge.recorded_at,
                    statement.edge.events,
                    statement.edge.branch,
                )
                for statement in about
            ),
            names={did: name for did in signers if (name := self.names.get(did)) is not None},
            copy=copy,
        )

    def _upwards(self, issuer_did: str) -> list[PublishedStatement]:
        """The statements about the issuer, about its signers, and so on; each DID once."""
        found: list[PublishedStatement] = []
        seen = {issuer_did}
        pending = [issuer_did]
        while pending:
            for statement in self.statements_about.get(pending.pop(), ()):
                found.append(statement)
                signer = statement.edge.statement.body_did
                if signer not in seen:
                    seen.add(signer)
                    pending.append(signer)
        return found


def build_snapshot(
    bodies: Iterable[EnrolledBody], branches: Iterable[Branch], as_of: datetime
) -> RegistrySnapshot:
    """The snapshot of verified files. A name is taken from the branch that speaks of it first."""
    statements: dict[str, list[PublishedStatement]] = {}
    edges: dict[str, list[Edge]] = {}
    names: dict[str, str] = {}
    keys: dict[str, list[KeyHistory]] = {}
    enrolled = {body.did: body for body in bodies}
    for branch in branches:
        for statement in branch.statements:
            subject = statement.edge.statement.provider_did
            statements.setdefault(subject, []).append(statement)
            edges.setdefault(subject, []).append(statement.edge)
        for did, name in branch.names.items():
            names.setdefault(did, name)
        for did, known in branch.keys.items():
            keys.setdefault(did, []).append(KeyHistory(did, known, branch.body_did))
    names |= {body.did: body.name for body in enrolled.values()}
    return RegistrySnapshot(enrolled, statements, edges, names, keys, as_of)

"""Anybody asks the registry: may this entity do that under this authority, and is it an authority itself?

The answer is that of the trust core at the instant asked for, over the statements of this registry with their proofs
checked, or those of the verified copy of a published one, where issuers are judged by that. What could not be checked
is not confirmed; a copy that has run out or does not verify answers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.errors import SkillcredError, UnavailableError
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.profiles import CredentialFacts
from skillcred.services.ports import Clock, EvidenceSource
from skillcred.services.registry_reading import OpenRegistry
from skillcred.services.trust_query import (
    AUTHORIZATION_ACTIONS,
    RECOGNITION_ACTIONS,
    TrustAnswer,
    TrustQuery,
    build_facts,
    find_profile_id,
)
from skillcred.trust import (
    Action,
    EnrolledBody,
    RegistryCopyInfo,
    RegistryExtract,
    parse_registry_extract,
)
from skillcred.trust.chains import Chain, ChainState, Edge, find_chains, judge_chain
from skillcred.trust.coverage import COVERED, Coverage, scope_coverage
from skillcred.trust.reasons import LIMITS, explain
from skillcred.trust.standing import Standing, body_standing_at
from skillcred.verification import Evidence
from skillcred.verification.evidence import EvidenceReader
from skillcred.verification.policy import DEFAULT_POLICY
from skillcred.verification.statements import check_statement

MAX_SHOWN_STATEMENTS: Final = 5
"""A chain has no more links than that."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the registry holds about an entity: those enrolled, its chains, whether all of it could be checked, and from
    which copy it is, if it is from one."""

    bodies: dict[str, EnrolledBody]
    chains: Sequence[Chain]
    whole: bool
    copy: RegistryCopyInfo | None


@dataclass(frozen=True, slots=True)
class AnswerTrustQuery:
    """The use case. Asks nobody else: what `registry` does not have is not known here. `open_registry` opens the same
    registry."""

    base_url: str
    clock: Clock
    registry: EvidenceSource
    open_registry: OpenRegistry
    did_documents: EvidenceSource

    def authorization(self, query: TrustQuery) -> TrustAnswer:
        """May the entity do the action on the resource, by the authority? Raises `UnavailableError`."""
        now = self.clock.now()
        action = AUTHORIZATION_ACTIONS.get(query.action)
        profile_id = find_profile_id(query.resource, self.base_url)
        if action is None:
            return TrustAnswer(
                False, now, "Not confirmed: this registry knows the actions issue and accredit."
            )
        if profile_id is None:
            return TrustAnswer(False, now, "Not confirmed: the resource is no kind of credential known here.")
        facts = build_facts(query, profile_id)
        found = self._find(query.entity_id, now)
        return _with_age(_answer(query, facts, action, found, now, query.authority_id), found.copy)

    def recognition(self, query: TrustQuery) -> TrustAnswer:
        """Does the authority recognise the entity as one that may accredit others? Raises `UnavailableError`."""
        now = self.clock.now()
        profile_id = find_profile_id(query.resource, self.base_url)
        if query.action not in RECOGNITION_ACTIONS:
            return TrustAnswer(
                False, now, "Not confirmed: this registry knows the action recognise-qualifications."
            )
        if profile_id is None:
            return TrustAnswer(False, now, "Not confirmed: the resource is no kind of credential known here.")
        if query.entity_id == query.authority_id:
            return TrustAnswer(False, now, "Not confirmed: nobody is recognised by itself.")
        facts = build_facts(query, profile_id)
        found = self._find(query.entity_id, now)
        return _with_age(self._recognised(query, facts, found, now), found.copy)

    def _recognised(
        self, query: TrustQuery, facts: CredentialFacts, found: _Found, now: datetime
    ) -> TrustAnswer:
        with self.open_registry() as registry:
            by_operator = registry.is_operator(query.authority_id)
        if not by_operator:
            return _answer(query, facts, Action.ACCREDIT, found, now, query.authority_id)
        body = found.bodies.get(query.entity_id)
        if body is not None:
            return _enrolment(body, facts, query.at or now, now)
        return _answer(query, facts, Action.ACCREDIT, found, now, None)

    def _find(self, entity_id: str, now: datetime) -> _Found:
        extract = self._extract(entity_id, now)
        bodies = {body.did: body for body in extract.bodies if body.enrolled_at <= now}
        edges: dict[str, list[Edge]] = {}
        whole = True
        reader = self._read_signers(extract, now)
        for item in extract.accreditations:
            try:
                statement = check_statement(item, reader, DEFAULT_POLICY, now, extract.keys).statement
            except SkillcredError:
                statement = None
            if statement is None:
                whole = False
                continue
            edges.setdefault(statement.provider_did, []).append(
                Edge(statement, item.events, item.recorded_at, item.branch)
            )
        chains = find_chains(entity_id, edges, bodies)
        return _Found(bodies, chains.found, whole and not chains.cut, extract.copy)

    def _extract(self, entity_id: str, now: datetime) -> RegistryExtract:
        reference = EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, entity_id)
        item = self.registry.fetch_evidence(reference, at=now)
        if item.content is None:
            raise UnavailableError("The registry cannot be read.", code=item.unavailable or "no_content")
        return parse_registry_extract(item.content, issuer_did=entity_id)

    def _read_signers(self, extract: RegistryExtract, now: datetime) -> EvidenceReader:
        signers = dict.fromkeys([*(body.did for body in extract.bodies), *extract.names])
        references = [EvidenceReference(EvidenceKind.DID_DOCUMENT, did) for did in signers]
        return EvidenceReader(
            Evidence(self.did_documents.fetch_evidence(reference, at=now) for reference in references)
        )


def _with_age(answer: TrustAnswer, copy: RegistryCopyInfo | None) -> TrustAnswer:
    if copy is None:
        return answer
    age = f"By a copy of the published registry, brought up to date {format_instant(copy.updated_at)}."
    return replace(answer, message=f"{answer.message} {age}")


def _answer(
    query: TrustQuery,
    facts: CredentialFacts,
    action: Action,
    found: _Found,
    now: datetime,
    authority_id: str | None,
) -> TrustAnswer:
    """The answer of the chains that go through the authority; of all of them where it is the registry itself."""
    instant = query.at or now
    chains = [chain for chain in found.chains if authority_id is None or authority_id in _signers(chain)]
    if authority_id is None:  # what the registry says begins with its own record
        chains = [chain for chain in chains if chain.root.enrolled_at <= instant]
    states = [judge_chain(chain, facts, instant, action=action) for chain in chains]
    for state in states:
        if state.authorises:
            ids = tuple(edge.statement.credential_id for edge in state.chain.edges)
            by = state.chain.root
            return TrustAnswer(
                True,
                now,
                f"Confirmed for {format_instant(instant)}: enrolled body {by.did}; "
                f"statements {', '.join(ids[:MAX_SHOWN_STATEMENTS])}.",
                ids,
            )
    if not found.whole:
        return TrustAnswer(False, now, "Not confirmed: some statements could not be checked.")
    if not states:
        return TrustAnswer(False, now, "Not listed: this authority has made no statement about the entity.")
    undetermined = [state for state in states if state.undetermined]
    return TrustAnswer(False, now, _reasons((undetermined or states)[0], bool(undetermined)))


def _reasons(state: ChainState, undetermined: bool) -> str:
    codes = ", ".join(dict.fromkeys(problem.code for problem in explain(state)))
    if undetermined:
        return f"Not confirmed for all of it ({codes}): ask more closely in the context."
    return f"Not confirmed: {codes}."


def _enrolment(body: EnrolledBody, facts: CredentialFacts, instant: datetime, now: datetime) -> TrustAnswer:
    """Whether this registry has the entity as an enrolled body then. It recognises nobody before it enrolled them."""
    if instant < body.enrolled_at:
        return TrustAnswer(False, now, f"Not confirmed: enrolled only on {format_instant(body.enrolled_at)}.")
    standing = body_standing_at(body, instant).standing
    if standing is not Standing.IN_FORCE:
        return TrustAnswer(False, now, f"Not confirmed: the enrolment was {standing.value} then.")
    coverage = scope_coverage(body.scopes, facts, Action.ACCREDIT) if body.scopes else COVERED
    if coverage.coverage is not Coverage.COVERED:
        codes = ", ".join(code for code in coverage.limits if code in LIMITS)
        return TrustAnswer(False, now, f"Not confirmed for all of it: {codes}.")
    return TrustAnswer(
        True,
        now,
        f"Confirmed for {format_instant(instant)}: enrolled since {format_instant(body.enrolled_at)}.",
        (body.did,),
    )


def _signers(chain: Chain) -> set[str]:
    return {chain.root.did, *(edge.statement.body_did for edge in chain.edges)}

"""Another person of the same organisation approves or rejects what somebody proposed (SECURITY W-18)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import (
    AuthorisationError,
    ConflictError,
    InputError,
    IntegrityError,
    NotFoundError,
)
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.governance_records import Proposal, ProposalState
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.propose_change import require_role_for
from skillcred.services.records import Actor, AuditEntry
from skillcred.services.registry_changes import (
    Change,
    RegistryChanges,
    encode_change,
    read_change,
    sha256_of,
)
from skillcred.services.registry_log import log_change
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class DecideProposal:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    changes: RegistryChanges

    def approve(self, actor: Actor, proposal_id: str, *, sha256: str) -> Proposal:
        """Approve what has the digest `sha256`, and carry it out.

        An accreditation is approved in one transaction and signed after it. If that could not be finished, whoever
        approved it approves it again: it is signed once only.

        Raises `NotFoundError` also for another organisation's, `AuthorisationError` (`own_proposal` for who proposed
        it), `ConflictError` (`already_decided`, `digest_differs`), `IntegrityError` (`proposal_altered`), and what the
        change raises: it is then not made, and can be approved once the reason is gone.
        """

        def work(unit: UnitOfWork) -> tuple[Proposal, Change]:
            proposal = _hold(unit, actor, proposal_id)
            if proposal.proposed_by == actor.api_key_id:
                raise AuthorisationError("Somebody else has to approve this.", code="own_proposal")
            change = _read(proposal)
            if sha256 != proposal.sha256:
                raise ConflictError("The proposal has another digest.", code="digest_differs")
            if proposal.state is ProposalState.APPROVED and proposal.decided_by == actor.api_key_id:
                return proposal, change
            _require_open(proposal)
            outcome = self.changes.apply(unit, actor, proposal.kind, change, proposal.sha256)
            state = ProposalState.APPROVED if outcome is None else ProposalState.EXECUTED
            return self._record(unit, actor, proposal, state, "proposal_approved", outcome), change

        proposal, change = in_transaction(self.units, work)
        if proposal.state is ProposalState.APPROVED and isinstance(change, AccreditationRequest):
            return self._sign(actor, proposal, change)
        return proposal

    def reject(self, actor: Actor, proposal_id: str, *, reason: str) -> Proposal:
        """Reject; whoever proposed it may do so too, to take it back.

        Raises `NotFoundError`, `AuthorisationError`, `InputError` (`invalid_reason`), `ConflictError`
        (`already_decided`)."""
        if not 1 <= len(reason.strip()) <= 1000 or not reason.isprintable():
            raise InputError(
                "A reason has 1 to 1000 printable characters.", code="invalid_reason", pointer="/reason"
            )

        def work(unit: UnitOfWork) -> Proposal:
            proposal = _hold(unit, actor, proposal_id)
            _require_open(proposal)
            return self._record(
                unit, actor, proposal, ProposalState.REJECTED, "proposal_rejected", reason.strip()
            )

        return in_transaction(self.units, work)

    def _sign(self, actor: Actor, proposal: Proposal, request: AccreditationRequest) -> Proposal:
        try:
            state, outcome = (
                ProposalState.EXECUTED,
                self.changes.sign(actor, request, proposal.id),
            )
        except (InputError, ConflictError, AuthorisationError) as error:
            failed = replace(proposal, state=ProposalState.FAILED, outcome=error.code)
            in_transaction(self.units, lambda unit: unit.proposals.decide(failed))
            raise
        done = replace(proposal, state=state, outcome=outcome)
        in_transaction(self.units, lambda unit: unit.proposals.decide(done))
        return done

    def _record(
        self,
        unit: UnitOfWork,
        actor: Actor,
        proposal: Proposal,
        state: ProposalState,
        action: str,
        outcome: str | None,
    ) -> Proposal:
        now = self.clock.now()
        decided = replace(proposal, state=state, decided_at=now, decided_by=actor.api_key_id, outcome=outcome)
        unit.proposals.decide(decided)
        unit.audit.add(AuditEntry(now, actor.api_key_id, actor.organisation.id, action, proposal.id))
        log_change(
            unit,
            at=now,
            actor=actor.api_key_id,
            organisation_did=actor.organisation.did,
            action=action,
            subject=proposal.id,
            content={
                "kind": proposal.kind.value,
                "sha256": proposal.sha256,
                "proposed_by": proposal.proposed_by,
                "outcome": outcome,
            },
        )
        return decided


def _hold(unit: UnitOfWork, actor: Actor, proposal_id: str) -> Proposal:
    proposal = unit.proposals.find(proposal_id, hold=Hold.EXCLUSIVE)
    if proposal is None or proposal.organisation_id != actor.organisation.id:
        raise NotFoundError("There is no such proposal.")
    require_role_for(actor, proposal.kind)
    return proposal


def _require_open(proposal: Proposal) -> None:
    if proposal.state is not ProposalState.PROPOSED:
        raise ConflictError("The proposal is decided.", code="already_decided")


def _read(proposal: Proposal) -> Change:
    """The change as proposed. What is stored must still be what the digest says."""
    members = parse_json_object(proposal.content)
    change = read_change(proposal.kind, members.get("change"))
    if (
        sha256_of(proposal.content) != proposal.sha256
        or encode_change(proposal.kind, change) != proposal.content
    ):
        raise IntegrityError("A proposal is not as it was recorded.", code="proposal_altered")
    return change

"""The proposals of an organisation, for its own people only."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import AuthorisationError, NotFoundError
from skillcred.services.governance_records import Proposal, ProposalState
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor, Role


@dataclass(frozen=True, slots=True)
class ListProposals:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, actor: Actor, state: ProposalState | None = None) -> list[Proposal]:
        """All, or those in one state, in order of recording. Raises `AuthorisationError`."""
        _require_decider(actor)
        with self.units(writes=False) as unit:
            return unit.proposals.list_for(actor.organisation.id, state)

    def get(self, actor: Actor, proposal_id: str) -> Proposal:
        """One. Raises `NotFoundError` also for another organisation's."""
        _require_decider(actor)
        with self.units(writes=False) as unit:
            proposal = unit.proposals.find(proposal_id)
        if proposal is None or proposal.organisation_id != actor.organisation.id:
            raise NotFoundError("There is no such proposal.")
        return proposal


def _require_decider(actor: Actor) -> None:
    if actor.role not in (Role.OPERATOR, Role.BODY_ADMIN):
        raise AuthorisationError("This API key does not allow that.")

"""Proposals of changes of the registry in SQL."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select, update

from skillcred.adapters.db.registry_rows import RegistryProposalRow
from skillcred.adapters.db.statements import Statements
from skillcred.errors import NotFoundError
from skillcred.services.governance_records import Proposal, ProposalKind, ProposalState
from skillcred.services.ports import Hold


class SqlProposalRepository:
    """`ProposalRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, proposal: Proposal) -> None:
        """Record. Raises `ConflictError` (`proposal_taken`)."""
        self._statements.insert(RegistryProposalRow(**asdict(proposal)), taken="proposal_taken")

    def find(self, proposal_id: str, *, hold: Hold | None = None) -> Proposal | None:
        """The proposal with that id."""
        query = select(RegistryProposalRow).where(RegistryProposalRow.id == proposal_id)
        row = self._statements.find(query, hold=hold)
        return None if row is None else _proposal(row)

    def list_for(self, organisation_id: str, state: ProposalState | None = None) -> list[Proposal]:
        """The proposals of an organisation, or those in one state, in order of recording."""
        query = select(RegistryProposalRow).where(RegistryProposalRow.organisation_id == organisation_id)
        if state is not None:
            query = query.where(RegistryProposalRow.state == state.value)
        return [
            _proposal(row) for row in self._statements.list_all(query.order_by(RegistryProposalRow.position))
        ]

    def decide(self, proposal: Proposal) -> None:
        """Record state, decision and outcome of a proposal. Raises `NotFoundError`."""
        changed = self._statements.change(
            update(RegistryProposalRow)
            .where(RegistryProposalRow.id == proposal.id)
            .values(
                state=proposal.state.value,
                decided_at=proposal.decided_at,
                decided_by=proposal.decided_by,
                outcome=proposal.outcome,
            )
        )
        if changed != 1:
            raise NotFoundError("There is no such proposal.")


def _proposal(row: RegistryProposalRow) -> Proposal:
    return Proposal(
        id=row.id,
        organisation_id=row.organisation_id,
        kind=ProposalKind(row.kind),
        content=row.content,
        sha256=row.sha256,
        state=ProposalState(row.state),
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        outcome=row.outcome,
    )

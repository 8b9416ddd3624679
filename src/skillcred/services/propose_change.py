"""Somebody proposes a change of the registry; somebody else of the same organisation decides."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.encoding.json_types import JsonValue
from skillcred.errors import AuthorisationError, InputError
from skillcred.services.governance_records import Proposal, ProposalKind, ProposalState
from skillcred.services.identities import new_id
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry
from skillcred.services.registry_changes import (
    ROLES,
    RegistryChanges,
    encode_change,
    read_change,
    sha256_of,
)
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class ProposeChange:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    changes: RegistryChanges

    def __call__(
        self, actor: Actor, kind: ProposalKind | str, change: JsonValue, *, sha256: str | None = None
    ) -> Proposal:
        """Record the proposal, if the change could be made now. `sha256` is what the proposer saw, if he saw it.

        Raises `AuthorisationError`, `InputError` (`unknown_proposal_kind`, `digest_differs`, and those of the change),
        and what the change would raise.
        """
        wanted = _kind(kind)
        require_role_for(actor, wanted)
        read = read_change(wanted, change)
        content = encode_change(wanted, read)
        digest = sha256_of(content)
        if sha256 is not None and sha256 != digest:
            raise InputError("What is proposed has another digest.", code="digest_differs", pointer="/sha256")

        def work(unit: UnitOfWork) -> Proposal:
            self.changes.check(unit, actor, wanted, read)
            now = self.clock.now()
            proposal = Proposal(
                new_id(),
                actor.organisation.id,
                wanted,
                content,
                digest,
                ProposalState.PROPOSED,
                now,
                actor.api_key_id,
            )
            unit.proposals.add(proposal)
            unit.audit.add(
                AuditEntry(
                    now, actor.api_key_id, actor.organisation.id, f"propose_{wanted.value}", proposal.id
                )
            )
            return proposal

        return in_transaction(self.units, work)


def require_role_for(actor: Actor, kind: ProposalKind) -> None:
    """Refuse an actor who neither proposes nor decides changes of that kind. Raises `AuthorisationError`."""
    if actor.role not in ROLES[kind]:
        raise AuthorisationError("This API key does not allow that.")
    require_role(actor, actor.role)


def _kind(kind: ProposalKind | str) -> ProposalKind:
    try:
        return ProposalKind(kind)
    except ValueError as error:
        raise InputError("There is no such change.", code="unknown_proposal_kind", pointer="/kind") from error

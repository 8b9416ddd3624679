"""Whoever asked does not need the result any more."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import NotFoundError
from skillcred.services.permissions import is_operator, require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, Role
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class DeletePresentationRequest:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, request_id: str) -> None:
        """Delete a request of the actor's organisation, with its result; one that is open cannot be answered any more.
        That it was deleted is recorded, and nothing of what it held.

        Raises `AuthorisationError`, `NotFoundError` also for what belongs to somebody else.
        """
        if not is_operator(actor):
            require_role(actor, Role.VERIFIER)

        def work(unit: UnitOfWork) -> None:
            request = unit.presentations.find(request_id)
            if request is None or request.organisation_id != actor.organisation.id:
                raise NotFoundError("There is no such request.")
            unit.presentations.remove(request_id)
            unit.audit.add(
                AuditEntry(
                    self.clock.now(),
                    actor.api_key_id,
                    actor.organisation.id,
                    "delete_presentation_request",
                    request_id,
                )
            )

        in_transaction(self.units, work)

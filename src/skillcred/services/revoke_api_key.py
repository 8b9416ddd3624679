"""An API key is revoked, by the operator or by the organisation that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import NotFoundError
from skillcred.services.permissions import is_operator
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, api_key_id: str) -> None:
        """Revoke at once; once more changes nothing. Raises `NotFoundError`, the same for another's key."""

        def work(unit: UnitOfWork) -> None:
            key = unit.api_keys.find(api_key_id)
            if key is None or not (is_operator(actor) or key.organisation_id == actor.organisation.id):
                raise NotFoundError("There is no such API key.")
            now = self.clock.now()
            unit.api_keys.revoke(api_key_id, organisation_id=key.organisation_id, at=now)
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, key.organisation_id, "revoke_api_key", api_key_id)
            )

        in_transaction(self.units, work)

"""An organisation gets another signing key, for an algorithm that it has no active key of."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import ConflictError
from skillcred.services.key_making import DEFAULT_ALGORITHM, KeyMaker
from skillcred.services.organisation_document import DID_WEB
from skillcred.services.permissions import refuse_keys_elsewhere
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, SigningKey
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class CreateKey:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    key_maker: KeyMaker

    def __call__(self, actor: Actor, algorithm: str = DEFAULT_ALGORITHM) -> SigningKey:
        """A new active key of the actor's organisation.

        Raises `ConflictError` (`keys_kept_elsewhere`, `key_rotation_not_possible` for a did:key, `active_key_exists`:
        rotate it).
        """
        organisation = actor.organisation
        refuse_keys_elsewhere(organisation)
        if not organisation.did.startswith(DID_WEB):
            raise ConflictError("A did:key has one key for ever.", code="key_rotation_not_possible")
        with self.units(writes=False) as unit:
            recorded = len(unit.signing_keys.list_for(organisation.id))
            if unit.signing_keys.find_active(organisation.id, algorithm) is not None:
                raise ConflictError("There is an active key; rotate it.", code="active_key_exists")
        made = self.key_maker.make(algorithm, did=organisation.did, recorded=recorded)

        def work(unit: UnitOfWork) -> SigningKey:
            now = self.clock.now()
            key = made.record(organisation.id, now)
            if unit.signing_keys.find_active(organisation.id, algorithm) is not None:
                raise ConflictError("There is an active key; rotate it.", code="active_key_exists")
            unit.signing_keys.add(key)
            unit.audit.add(AuditEntry(now, actor.api_key_id, organisation.id, "create_key", key.id))
            return key

        return in_transaction(self.units, work)

"""An organisation stops using a signing key, or says that somebody else may have it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, KeyState, SigningKey
from skillcred.services.rotate_key import TICK
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class RetireKey:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(
        self, actor: Actor, key_id: str, *, compromised: bool = False, since: datetime | None = None
    ) -> SigningKey:
        """Retire an active key: what it signed goes on verifying. With `compromised`, also of a retired key: nothing
        that it signed is believed any more but what provably existed before `since` (now, unless given), and it leaves
        the DID document.

        Raises `NotFoundError` also for another organisation's key, `ConflictError` (`key_not_active`), `InputError`
        (`invalid_key_times`) for a `since` in the future.
        """
        organisation = actor.organisation
        if since is not None and since > self.clock.now():
            raise InputError("A theft that is still to come cannot be reported.", code="invalid_key_times")

        def work(unit: UnitOfWork) -> SigningKey:
            keys = {key.id: key for key in unit.signing_keys.list_for(organisation.id)}
            key = keys.get(key_id)
            if key is None:
                raise NotFoundError("There is no such key.")
            if key.state is KeyState.ACTIVE:
                key = unit.signing_keys.find_active(organisation.id, key.algorithm, hold=Hold.EXCLUSIVE)
            if key is None or key.id != key_id or not (key.state is KeyState.ACTIVE or compromised):
                raise ConflictError("The key is not active.", code="key_not_active")
            if key.state is KeyState.COMPROMISED:
                return key
            now = self.clock.now()
            latest = unit.issuances.find_latest_reservation(key.id)
            retired_at = key.retired_at or (now if latest is None else max(now, latest + TICK))
            changed = replace(
                key,
                state=KeyState.COMPROMISED if compromised else KeyState.RETIRED,
                retired_at=retired_at,
                compromised_at=(since or now) if compromised else None,
            )
            unit.signing_keys.update(changed)
            action = "compromise_key" if compromised else "retire_key"
            unit.audit.add(AuditEntry(now, actor.api_key_id, organisation.id, action, key.id))
            return changed

        return in_transaction(self.units, work)

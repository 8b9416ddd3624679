"""An organisation puts a new signing key in the place of the old one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from skillcred.errors import ConflictError
from skillcred.services.key_making import KeyMaker
from skillcred.services.organisation_document import DID_WEB
from skillcred.services.permissions import refuse_keys_elsewhere
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, KeyState, SigningKey
from skillcred.services.transactions import in_transaction

TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RotateKey:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    key_maker: KeyMaker

    def __call__(self, actor: Actor, algorithm: str | None = None) -> SigningKey:
        """The new active key; the one before it is retired at the same instant and goes on verifying.

        `algorithm` says which key is meant where there are several; the newest, if it is left out. Raises
        `ConflictError` (`keys_kept_elsewhere`, `key_rotation_not_possible` for a did:key, `no_active_key`, or
        `signing_key_taken` where another rotation was faster).
        """
        organisation = actor.organisation
        refuse_keys_elsewhere(organisation)
        if not organisation.did.startswith(DID_WEB):
            raise ConflictError("A did:key has one key for ever.", code="key_rotation_not_possible")
        with self.units(writes=False) as unit:
            keys = unit.signing_keys.list_for(organisation.id)
        active = [key for key in keys if key.state is KeyState.ACTIVE and algorithm in (None, key.algorithm)]
        if not active:
            raise ConflictError("There is no active key to rotate.", code="no_active_key")
        meant = active[-1]
        made = self.key_maker.make(meant.algorithm, did=organisation.did, recorded=len(keys))

        def work(unit: UnitOfWork) -> SigningKey:
            old = unit.signing_keys.find_active(organisation.id, meant.algorithm, hold=Hold.EXCLUSIVE)
            if old is None or old.id != meant.id:
                raise ConflictError("Another rotation was faster.", code="signing_key_taken")
            # The clock is read while the key is held, so every reservation with it is older; one made by a
            # machine whose clock is ahead moves the cut-off, or its credential would look signed too late.
            now = self.clock.now()
            latest = unit.issuances.find_latest_reservation(old.id)
            cut_off = now if latest is None else max(now, latest + TICK)
            unit.signing_keys.update(replace(old, state=KeyState.RETIRED, retired_at=cut_off))
            new = made.record(organisation.id, now)
            unit.signing_keys.add(new)
            unit.audit.add(AuditEntry(now, actor.api_key_id, organisation.id, "rotate_key", new.id))
            return new

        return in_transaction(self.units, work)

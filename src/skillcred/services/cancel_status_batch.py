"""An issuer stops a batch of status changes that is under way, because it was started by mistake.

What was changed stays changed: revoked is for good (SECURITY S-15). What was not looked at yet is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.batch_records import BatchState, StatusBatch
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, Role
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class CancelStatusBatch:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, batch_id: str) -> StatusBatch:
        """The batch, cancelled; the chunk that is under way is committed first. Cancelling it again changes nothing.

        Raises `AuthorisationError`, `NotFoundError` also for another organisation's, `ConflictError`
        (`batch_finished`).
        """
        require_role(actor, Role.ISSUER)

        def work(unit: UnitOfWork) -> StatusBatch:
            batch = unit.batches.find(batch_id, hold=Hold.EXCLUSIVE)
            if batch is None or batch.organisation_id != actor.organisation.id:
                raise NotFoundError("There is no such batch.")
            if batch.state is BatchState.FINISHED:
                raise ConflictError(
                    "The batch is finished; nothing of it is left to stop.", code="batch_finished"
                )
            if batch.state is BatchState.CANCELLED:
                return batch
            now = self.clock.now()
            changed = replace(batch, state=BatchState.CANCELLED, lease_until=None, finished_at=now)
            unit.batches.update(changed)
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, batch.organisation_id, "status_batch_cancelled", batch_id)
            )
            return changed

        return in_transaction(self.units, work)

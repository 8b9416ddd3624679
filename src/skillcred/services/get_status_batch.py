"""How far a batch of status changes is, and which credentials it could not change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.errors import NotFoundError
from skillcred.services.batch_records import BatchItem, StatusBatch
from skillcred.services.permissions import require_role
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor, Role

MAX_FAILED_SHOWN: Final = 1000
"""Most failed credentials that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """A batch, and the first of its credentials that failed."""

    batch: StatusBatch
    failures: tuple[BatchItem, ...]


@dataclass(frozen=True, slots=True)
class GetStatusBatch:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, actor: Actor, batch_id: str) -> BatchProgress:
        """The batch of the actor's organisation. Raises `AuthorisationError`, `NotFoundError`."""
        require_role(actor, Role.ISSUER)
        with self.units(writes=False) as unit:
            batch = unit.batches.find(batch_id)
            if batch is None or batch.organisation_id != actor.organisation.id:
                raise NotFoundError("There is no such batch.")
            failures = unit.batches.list_failed(batch_id, count=MAX_FAILED_SHOWN) if batch.failed else []
        return BatchProgress(batch, tuple(failures))

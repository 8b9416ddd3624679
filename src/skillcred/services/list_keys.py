"""An organisation looks at its signing keys."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor, SigningKey


@dataclass(frozen=True, slots=True)
class ListKeys:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, actor: Actor) -> list[SigningKey]:
        """All keys of the actor's organisation, oldest first."""
        with self.units(writes=False) as unit:
            return unit.signing_keys.list_for(actor.organisation.id)

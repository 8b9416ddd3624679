"""The operator looks at the organisations of this deployment."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.permissions import is_operator
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor, Organisation


@dataclass(frozen=True, slots=True)
class ListOrganisations:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, actor: Actor) -> list[Organisation]:
        """All organisations for the operator, in order of creation; for others their own."""
        if not is_operator(actor):
            return [actor.organisation]
        with self.units(writes=False) as unit:
            return unit.organisations.list_all()

"""Whoever works on the machine itself looks at the organisations of this deployment."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Organisation


@dataclass(frozen=True, slots=True)
class ListOrganisations:
    """The use case. For the command line only: it asks for no proof."""

    units: UnitOfWorkFactory

    def __call__(self) -> list[Organisation]:
        """All organisations, in order of creation."""
        with self.units(writes=False) as unit:
            return unit.organisations.list_all()

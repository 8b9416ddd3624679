"""Anybody looks at the national bodies in the registry."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import NationalBody


@dataclass(frozen=True, slots=True)
class ListNationalBodies:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self) -> list[NationalBody]:
        """All bodies, those that ended too, by country and name."""
        with self.units(writes=False) as unit:
            return unit.registry.list_bodies()

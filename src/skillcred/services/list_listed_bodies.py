"""Anybody looks at the bodies that public sources name."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.listed_records import ListedBody
from skillcred.services.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ListListedBodies:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, country: str | None = None) -> list[ListedBody]:
        """All, or those of a country, by country and name. None of them is trusted for being here."""
        with self.units(writes=False) as unit:
            return unit.listed_bodies.list_all(country=country)

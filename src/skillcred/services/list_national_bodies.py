"""Anybody looks at the national bodies in the registry."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.records import NationalBody
from skillcred.services.registry_reading import OpenRegistry


@dataclass(frozen=True, slots=True)
class ListNationalBodies:
    """The use case."""

    registry: OpenRegistry

    def __call__(self) -> list[NationalBody]:
        """All bodies, those that ended too, by country and name."""
        with self.registry() as registry:
            return registry.list_bodies()

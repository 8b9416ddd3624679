"""Anybody looks at one accreditation and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Accreditation, AccreditationEvent


@dataclass(frozen=True, slots=True)
class AccreditationHistory:
    """An accreditation and all that happened to it, in order of recording."""

    accreditation: Accreditation
    events: tuple[AccreditationEvent, ...]


@dataclass(frozen=True, slots=True)
class GetAccreditation:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, accreditation_id: str) -> AccreditationHistory:
        """Raises `NotFoundError`."""
        with self.units(writes=False) as unit:
            accreditation = unit.registry.get_accreditation(accreditation_id)
            return AccreditationHistory(accreditation, tuple(unit.registry.list_events(accreditation_id)))

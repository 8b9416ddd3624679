"""Anybody looks at one accreditation and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.records import Accreditation, AccreditationEvent
from skillcred.services.registry_reading import OpenRegistry


@dataclass(frozen=True, slots=True)
class AccreditationHistory:
    """An accreditation and all that happened to it, in order of recording."""

    accreditation: Accreditation
    events: tuple[AccreditationEvent, ...]


@dataclass(frozen=True, slots=True)
class GetAccreditation:
    """The use case."""

    registry: OpenRegistry

    def __call__(self, accreditation_id: str) -> AccreditationHistory:
        """Raises `NotFoundError`."""
        with self.registry() as registry:
            accreditation = registry.get_accreditation(accreditation_id)
            return AccreditationHistory(accreditation, tuple(registry.list_events(accreditation_id)))

"""Anybody looks at the accreditations in the registry."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.records import Accreditation
from skillcred.services.registry_reading import OpenRegistry


@dataclass(frozen=True, slots=True)
class ListAccreditations:
    """The use case."""

    registry: OpenRegistry

    def __call__(self, provider_did: str | None = None, body_did: str | None = None) -> list[Accreditation]:
        """Those of a provider, of a body, of both, or all; in order of recording, whatever became of them."""
        with self.registry() as registry:
            return registry.list_accreditations(provider_did=provider_did, body_did=body_did)

"""Anybody looks at one national body in the registry."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import NotFoundError
from skillcred.services.records import NationalBody
from skillcred.services.registry_reading import OpenRegistry


@dataclass(frozen=True, slots=True)
class GetNationalBody:
    """The use case."""

    registry: OpenRegistry

    def __call__(self, did: str) -> NationalBody:
        """The body with exactly that DID. Raises `NotFoundError`."""
        with self.registry() as registry:
            body = registry.find_body(did)
        if body is None:
            raise NotFoundError("There is no such national body.")
        return body

"""What the services need to keep API keys, and what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from skillcred.services.records import ApiKey, AuditEntry


class ApiKeyRepository(Protocol):
    """API keys, by their public id."""

    def add(self, key: ApiKey) -> None:
        """Record."""
        ...

    def find(self, api_key_id: str) -> ApiKey | None:
        """The key with that public id, revoked or not."""
        ...

    def revoke(self, api_key_id: str, *, organisation_id: str, at: datetime) -> None:
        """Revoke. Raises `NotFoundError` also where the key is another organisation's."""
        ...

    def list_for(self, organisation_id: str) -> list[ApiKey]:
        """All keys of an organisation."""
        ...


class AuditRepository(Protocol):
    """What was done. Only ever added to."""

    def add(self, entry: AuditEntry) -> None:
        """Record."""
        ...

    def list_for(self, organisation_id: str) -> list[AuditEntry]:
        """All entries of an organisation, oldest first."""
        ...

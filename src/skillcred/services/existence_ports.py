"""What is remembered of documents that were only shown here."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class SeenDocumentRepository(Protocol):
    """When documents were first verified here, by the hex SHA-256 of their bytes and by nothing else."""

    def add(self, sha256: str, first_seen_at: datetime) -> None:
        """Record. Raises `ConflictError` for a digest that is recorded."""
        ...

    def find(self, sha256: str) -> datetime | None:
        """When that document was first seen."""
        ...

"""When documents were first verified here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from skillcred.adapters.db.registry_rows import SeenDocumentRow
from skillcred.adapters.db.statements import Statements


class SqlSeenDocumentRepository:
    """`SeenDocumentRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, sha256: str, first_seen_at: datetime) -> None:
        """Record. Raises `ConflictError` (`already_recorded`)."""
        self._statements.insert(SeenDocumentRow(sha256=sha256, first_seen_at=first_seen_at))

    def find(self, sha256: str) -> datetime | None:
        """When that document was first seen."""
        row = self._statements.find(select(SeenDocumentRow).where(SeenDocumentRow.sha256 == sha256))
        return None if row is None else row.first_seen_at

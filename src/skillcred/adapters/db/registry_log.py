"""The log of the registry in SQL. This class only reads and inserts; docs/registry.md says how the role of the
database is kept from doing more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from sqlalchemy import select

from skillcred.adapters.db.registry_rows import RegistryLogRow
from skillcred.adapters.db.statements import Statements
from skillcred.services.governance_records import LogEntry

LOCK: Final = 0x736B_6C6F_6701
"""Number of the lock under which PostgreSQL lets one transaction after the other append."""


class SqlRegistryLogRepository:
    """`RegistryLogRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def hold_last(self) -> LogEntry | None:
        """The last entry; nobody else appends until the transaction ends."""
        self._statements.take_turn(LOCK)
        return self.find_last()

    def append(self, entry: LogEntry) -> None:
        """Record. Raises `ConflictError` (`log_forked`)."""
        self._statements.insert(RegistryLogRow(**asdict(entry)), taken="log_forked")

    def find_last(self) -> LogEntry | None:
        """The last entry."""
        row = self._statements.find(select(RegistryLogRow).order_by(RegistryLogRow.number.desc()))
        if row is None:
            return None
        return LogEntry(
            row.number,
            row.at,
            row.actor,
            row.action,
            row.subject,
            row.content,
            row.previous_sha256,
            row.sha256,
        )

    def stream_entries(self, *, after: int = 0) -> Iterator[LogEntry]:
        """The entries with numbers above `after`, by number."""
        row = RegistryLogRow
        query = (
            select(
                row.number,
                row.at,
                row.actor,
                row.action,
                row.subject,
                row.content,
                row.previous_sha256,
                row.sha256,
            )
            .where(row.number > after)
            .order_by(row.number)
        )
        for columns in self._statements.stream(query):
            yield LogEntry(*columns)

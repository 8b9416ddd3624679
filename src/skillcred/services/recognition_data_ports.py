"""What the services need to keep what a deployment adds to the recognition data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """A table exactly as it was imported. `label` names it, `as_of` is the day of its data."""

    label: str
    content: bytes
    sha256: str
    as_of: str
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, slots=True)
class StoredVouching:
    """A credential in which a body vouches for rules, exactly as it came."""

    sha256: str
    content: bytes
    added_at: datetime
    added_by: str


class RecognitionDataRepository(Protocol):
    """Imported tables and vouchings."""

    def put_table(self, table: ImportedTable) -> None:
        """Record, in place of the one with the same label."""
        ...

    def list_tables(self) -> list[ImportedTable]:
        """All tables, by label."""
        ...

    def remove_table(self, label: str) -> bool:
        """Delete the table with that label; whether there was one."""
        ...

    def add_vouching(self, vouching: StoredVouching) -> None:
        """Record. Raises `ConflictError` (`vouching_taken`) where it is recorded already."""
        ...

    def list_vouchings(self) -> list[StoredVouching]:
        """All vouchings, in order of recording."""
        ...

    def remove_vouching(self, sha256: str) -> bool:
        """Delete a vouching; whether there was one."""
        ...

    def read_fingerprint(self) -> str:
        """A text that changes whenever a table or a vouching does."""
        ...

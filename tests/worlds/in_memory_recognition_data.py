"""The fake of the storage of what a deployment adds to the recognition data."""

from __future__ import annotations

import hashlib
from typing import Any

from skillcred.errors import ConflictError
from skillcred.services.recognition_data_ports import ImportedTable, StoredVouching


class InMemoryRecognitionDataRepository:
    def __init__(self, state: Any) -> None:
        self._tables: dict[str, ImportedTable] = state.recognition_tables
        self._vouchings: dict[str, StoredVouching] = state.recognition_vouchings

    def put_table(self, table: ImportedTable) -> None:
        self._tables[table.label] = table

    def list_tables(self) -> list[ImportedTable]:
        return sorted(self._tables.values(), key=lambda table: table.label)

    def remove_table(self, label: str) -> bool:
        return self._tables.pop(label, None) is not None

    def add_vouching(self, vouching: StoredVouching) -> None:
        if vouching.sha256 in self._vouchings:
            raise ConflictError("It is recorded already.", code="vouching_taken")
        self._vouchings[vouching.sha256] = vouching

    def list_vouchings(self) -> list[StoredVouching]:
        return list(self._vouchings.values())

    def remove_vouching(self, sha256: str) -> bool:
        return self._vouchings.pop(sha256, None) is not None

    def read_fingerprint(self) -> str:
        tables = [(table.label, table.sha256, table.as_of, table.imported_at) for table in self.list_tables()]
        vouchings = [(item.sha256, item.added_at) for item in self.list_vouchings()]
        return hashlib.sha256(repr((tables, vouchings)).encode()).hexdigest()

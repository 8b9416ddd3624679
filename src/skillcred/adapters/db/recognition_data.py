"""What a deployment adds to the recognition data, in SQL."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from skillcred.adapters.db.recognition_rows import RecognitionTableRow, RecognitionVouchingRow
from skillcred.adapters.db.statements import Statements
from skillcred.services.recognition_data_ports import ImportedTable, StoredVouching


class SqlRecognitionDataRepository:
    """`RecognitionDataRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def put_table(self, table: ImportedTable) -> None:
        """Record, in place of the one with the same label."""
        self.remove_table(table.label)
        self._statements.insert(
            RecognitionTableRow(
                label=table.label,
                content=table.content,
                sha256=table.sha256,
                as_of=table.as_of,
                imported_at=table.imported_at,
                imported_by=table.imported_by,
            )
        )

    def list_tables(self) -> list[ImportedTable]:
        """All tables, by label. Sorted here: the databases collate differently."""
        rows = self._statements.list_all(select(RecognitionTableRow))
        tables = [
            ImportedTable(row.label, row.content, row.sha256, row.as_of, row.imported_at, row.imported_by)
            for row in rows
        ]
        return sorted(tables, key=lambda table: table.label)

    def remove_table(self, label: str) -> bool:
        """Delete the table with that label; whether there was one."""
        return self._statements.remove(RecognitionTableRow, RecognitionTableRow.label == label) == 1

    def add_vouching(self, vouching: StoredVouching) -> None:
        """Record. Raises `ConflictError` (`vouching_taken`) where it is recorded already."""
        self._statements.insert(
            RecognitionVouchingRow(
                sha256=vouching.sha256,
                content=vouching.content,
                added_at=vouching.added_at,
                added_by=vouching.added_by,
            ),
            taken="vouching_taken",
        )

    def list_vouchings(self) -> list[StoredVouching]:
        """All vouchings, in order of recording."""
        query = select(RecognitionVouchingRow).order_by(RecognitionVouchingRow.position)
        rows = self._statements.list_all(query)
        return [StoredVouching(row.sha256, row.content, row.added_at, row.added_by) for row in rows]

    def remove_vouching(self, sha256: str) -> bool:
        """Delete a vouching; whether there was one."""
        return self._statements.remove(RecognitionVouchingRow, RecognitionVouchingRow.sha256 == sha256) == 1

    def read_fingerprint(self) -> str:
        """A text that changes whenever a table or a vouching does."""
        tables = self._statements.list_tuples(
            select(
                RecognitionTableRow.position,
                RecognitionTableRow.label,
                RecognitionTableRow.sha256,
                RecognitionTableRow.as_of,
            )
        )
        vouchings = self._statements.list_tuples(
            select(RecognitionVouchingRow.position, RecognitionVouchingRow.sha256)
        )
        return hashlib.sha256(repr((sorted(tables), sorted(vouchings))).encode()).hexdigest()

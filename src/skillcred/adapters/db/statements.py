"""The few ways in which repositories talk to the database, with every fault translated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, CursorResult, Select, Update, delete, func, insert, select
from sqlalchemy.orm import Session

from skillcred.adapters.db.faults import database_faults
from skillcred.adapters.db.rows import Base
from skillcred.services.ports import Hold

R = TypeVar("R", bound=Base)
ROWS_AT_ONCE: Final = 1000
"""How many rows of a stream are in memory."""


class Statements:
    """Runs statements in the transaction of one session. Each method may raise what `database_faults`
    says."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.changed_tables: set[str] = set()
        """Names of the tables that this transaction wrote to."""

    def insert(self, row: Base, *, taken: str = "already_recorded") -> None:
        """Insert now, so that a conflict is seen here. Raises `ConflictError` with code `taken`."""
        self.changed_tables.add(row.__tablename__)
        with database_faults(taken=taken):
            self._session.add(row)
            self._session.flush()

    def insert_many(
        self, row: type[Base], values: Sequence[Mapping[str, Any]], *, taken: str = "already_recorded"
    ) -> None:
        """Insert rows of one table. Raises `ConflictError` with code `taken`."""
        self.changed_tables.add(row.__tablename__)
        with database_faults(taken=taken):
            if values:
                self._session.execute(insert(row), values)

    def insert_selected(
        self, row: type[Base], columns: Sequence[str], query: Select[*tuple[Any, ...]]
    ) -> None:
        """Insert what a query gives."""
        self.changed_tables.add(row.__tablename__)
        with database_faults():
            self._session.execute(insert(row).from_select(columns, query))

    def find(self, query: Select[R], *, hold: Hold | None = None) -> R | None:
        """The first row. With `hold` it is locked so until the transaction ends (SQLite has one writer
        anyway)."""
        with database_faults():
            if hold is not None:
                query = query.with_for_update(read=hold is Hold.SHARED)
                # what this session read before the row was held may be out of date by now
                query = query.execution_options(populate_existing=True)
            return self._session.scalars(query.limit(1)).first()

    def take_turn(self, lock: int) -> None:
        """Wait until no other transaction has `lock`, and have it until this one ends (SQLite has one writer anyway).

        An advisory lock, because it asks for no right to change any table."""
        with database_faults():
            if self._session.get_bind().dialect.name == "postgresql":
                self._session.execute(select(func.pg_advisory_xact_lock(lock)))

    def list_all(self, query: Select[R]) -> list[R]:
        """All rows."""
        with database_faults():
            return list(self._session.scalars(query))

    def list_tuples(self, query: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """All rows of some columns."""
        with database_faults():
            return [tuple(row) for row in self._session.execute(query)]

    def stream(self, query: Select[*tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """All rows of some columns, not all in memory at once."""
        with database_faults():
            for row in self._session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
                yield tuple(row)

    def change(self, update: Update) -> int:
        """Run an update; how many rows it changed."""
        self.changed_tables.add(update.entity_description["table"].name)
        with database_faults():
            result: CursorResult[Any] = self._session.execute(  # type: ignore[assignment]
                update.execution_options(synchronize_session=False)
            )
            self._session.expire_all()
            return result.rowcount

    def remove(self, row: type[Base], *conditions: ColumnElement[bool]) -> int:
        """Delete the rows of one table that meet the conditions; how many there were. For what was never a record."""
        self.changed_tables.add(row.__tablename__)
        with database_faults():
            statement = delete(row).where(*conditions).execution_options(synchronize_session=False)
            result: CursorResult[Any] = self._session.execute(statement)  # type: ignore[assignment]
            self._session.expire_all()
            return result.rowcount

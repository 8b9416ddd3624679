"""What was stored before an upgrade is there after it, whatever revision it was stored under."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
)

from skillcred.adapters.db import SqlDatabaseCheck, build_engine, upgrade
from skillcred.adapters.db.migrations import _config

REVISIONS = [found.revision for found in ScriptDirectory.from_config(_config()).walk_revisions()][1:]
POSTGRESQL = ("0002", "0005")
"""There tables are changed in place; SQLite makes some of them anew, which is where rows can be lost."""
INSTANT = datetime(2026, 1, 1, tzinfo=UTC)


def any_value(column: Column[Any], embedded: bool) -> Any:
    if column.name in {"kind", "state", "status_purpose", "purpose"}:
        return "revocation"
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Integer):
        return 1
    if isinstance(column.type, LargeBinary):
        return b"kept"
    if isinstance(column.type, DateTime):
        return INSTANT
    return "2026-01-01T00:00:00.000000Z" if embedded and column.name.endswith("_at") else "kept"


def fill(connection: Connection) -> dict[str, int]:
    """One row in each table, with what it refers to. How many each table has."""
    metadata = MetaData()
    metadata.reflect(connection)
    counts = {}
    embedded = connection.dialect.name == "sqlite"
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        if not connection.execute(select(func.count()).select_from(table)).scalar_one():
            row = {
                column.name: any_value(column, embedded)
                for column in table.columns
                if not column.nullable and not column.primary_key
            }
            connection.execute(insert(table).values(row | referred(connection, table)))
        counts[table.name] = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return counts


def referred(connection: Connection, table: Table) -> dict[str, Any]:
    found = {}
    for constraint in table.foreign_key_constraints:
        columns = [element.column for element in constraint.elements]
        values = connection.execute(select(*columns)).first()
        if values is not None:
            found.update(zip((column.name for column in constraint.columns), values, strict=True))
    return found


@pytest.mark.parametrize(
    ("database", "revision"),
    [("sqlite", revision) for revision in REVISIONS] + [("postgresql", revision) for revision in POSTGRESQL],
)
def test_rows_stay(database: str, revision: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    address = (
        f"sqlite:///{tmp_path / 'kept.sqlite3'}"
        if database == "sqlite"
        else request.getfixturevalue("bare_postgres_url")
    )
    engine = build_engine(address)
    upgrade(engine, revision)
    with engine.begin() as connection:
        before = fill(connection)
    assert before
    upgrade(engine)
    assert SqlDatabaseCheck(engine)() is None
    with engine.connect() as connection:
        after = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in before
        }
        if database == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    engine.dispose()
    assert after == before

"""The migrations that are shipped make the tables that the code expects, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from skillcred.adapters.db import SqlDatabaseCheck, build_engine, upgrade
from skillcred.adapters.db.migrations import downgrade
from skillcred.adapters.db.rows import Base
from skillcred.bootstrap import upgrade_database
from skillcred.errors import UnavailableError
from skillcred.settings import Settings


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new folder' / 'test.sqlite3'}"
    url: str = request.getfixturevalue("bare_postgres_url")
    return url


def test_models_and_migrations_agree(address: str) -> None:
    engine = build_engine(address)
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    indexes = {index["name"]: index for index in inspect(engine).get_indexes("issuance")}
    unique = indexes["uq_issuance_idempotency_key"]
    assert unique["unique"]
    assert unique["column_names"] == ["organisation_id", "idempotency_key"]
    engine.dispose()


def test_down_and_up_again(address: str) -> None:
    engine = build_engine(address)
    check = SqlDatabaseCheck(engine)
    assert check() == "database_not_upgraded"
    for _ in range(2):
        upgrade(engine)
        upgrade(engine)
        assert check() is None
        downgrade(engine, "base")
        assert check() == "database_not_upgraded"
        assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def test_interrupted_migration_leaves_nothing(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-24: a table that is in the way fails the migration as a whole; without it, it runs from the start."""
    engine = build_engine(address)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE credential (x TEXT)"))
    with pytest.raises(UnavailableError):
        upgrade(engine)
    assert set(inspect(engine).get_table_names()) == {"credential"}
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE credential"))
    upgrade(engine)
    assert SqlDatabaseCheck(engine)() is None
    engine.dispose()


def test_from_settings(address: str) -> None:
    settings = Settings(database_url=address)
    upgrade_database(settings)
    upgrade_database(settings)
    engine = build_engine(address)
    assert SqlDatabaseCheck(engine)() is None
    engine.dispose()


def test_unreachable_database_is_told_by_the_check() -> None:
    engine = build_engine("postgresql://nobody@127.0.0.1:1/none")
    assert SqlDatabaseCheck(engine)() == "database_unavailable"
    with pytest.raises(UnavailableError):
        upgrade(engine)


THEN = "2026-01-31T23:59:59.000000Z"


def fill_0002(connection: Connection) -> None:
    """Two lists, an entry in each, and five events, as of revision 0002."""
    values = {"then": THEN}
    connection.execute(
        text(
            "INSERT INTO organisation (id, kind, slug, did, name, name_skeleton, country, created_at)"
            " VALUES ('o', 'provider', 's', 'd', 'n', 'n', 'KE', :then)"
        ),
        values,
    )
    for list_id, closed in (("a", THEN), ("b", None)):
        connection.execute(
            text(
                "INSERT INTO status_list (id, organisation_id, length, permutation_key, allocated, opened_at,"
                " closed_at) VALUES (:id, 'o', 131072, :key, 1, :then, :closed)"
            ),
            values | {"id": list_id, "key": bytes(32), "closed": closed},
        )
        connection.execute(
            text(
                "INSERT INTO status_slot (list_id, list_index, credential_id, organisation_id, allocated_at)"
                " VALUES (:id, 7, :id, 'o', :then)"
            ),
            values | {"id": list_id},
        )
    for number, list_id in enumerate("abaab"):
        connection.execute(
            text(
                "INSERT INTO status_event (id, list_id, list_index, kind, effective_at, retroactive, recorded_at,"
                " reason, recorded_by) VALUES (:id, :list, 7, 'suspended', :then, :no, :then, 'r', 'k')"
            ),
            values | {"id": f"e{number}", "list": list_id, "no": False},
        )


def test_events_that_exist_are_numbered(address: str) -> None:
    """0003: in the order of their recording, for each list from 1 on."""
    engine = build_engine(address)
    upgrade(engine, "0002")
    with engine.begin() as connection:
        fill_0002(connection)
    upgrade(engine)
    with engine.connect() as connection:
        query = text("SELECT id, sequence FROM status_event ORDER BY position")
        assert {row.id: row.sequence for row in connection.execute(query)} == {
            "e0": 1,
            "e1": 1,
            "e2": 2,
            "e3": 3,
            "e4": 2,
        }
        lists = text("SELECT id, events FROM status_list")
        assert {row.id: row.events for row in connection.execute(lists)} == {"a": 3, "b": 2}
    engine.dispose()


def test_entries_that_exist_are_of_first_copies(address: str) -> None:
    """0008: also back again, and their events refer to them all the time; more copies are not thrown away."""
    engine = build_engine(address)
    upgrade(engine, "0002")
    with engine.begin() as connection:
        fill_0002(connection)
    upgrade(engine, "0007")
    columns = "position, list_id, list_index, credential_id, organisation_id, state"
    query = text(f"SELECT {columns} FROM status_slot ORDER BY position")
    with engine.connect() as connection:
        before = connection.execute(query).all()
    assert len(before) == 2
    for _ in range(2):
        upgrade(engine, "0008")
        with engine.connect() as connection:
            assert connection.execute(query).all() == before
            assert connection.execute(text("SELECT DISTINCT copy FROM status_slot")).all() == [(0,)]
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text("DELETE FROM status_slot"))
        downgrade(engine, "0007")
        with engine.connect() as connection:
            assert connection.execute(query).all() == before
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text("DELETE FROM status_slot"))
    upgrade(engine, "0008")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO status_slot (list_id, list_index, credential_id, organisation_id, allocated_at, copy)"
                " SELECT list_id, 8, credential_id, organisation_id, allocated_at, 1 FROM status_slot"
                " WHERE list_id = 'a'"
            )
        )
    with pytest.raises(RuntimeError):
        downgrade(engine, "0007")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM status_slot")).scalar_one() == 3
    engine.dispose()

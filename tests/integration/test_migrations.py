"""The migrations that are shipped make the tables that the code expects, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

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
    url: str = request.getfixturevalue("postgres_url")
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

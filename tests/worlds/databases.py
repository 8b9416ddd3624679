"""Databases for tests: a SQLite file in a temporary folder, a scratch database on a real PostgreSQL.

To make tables by all migrations takes longer than most tests do, and so does making and dropping a database for the
server. So the newest tables are made once in a process where it is not the migrations that are tried: a SQLite file is
a copy of the first, and a PostgreSQL database is emptied and lent again.
"""

from __future__ import annotations

import functools
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from skillcred.adapters.db import build_engine, upgrade
from skillcred.adapters.db.engine import parse_database_url, sqlite_file
from skillcred.adapters.db.rows import Base

DEFAULT_POSTGRES_URL = "postgresql://postgres@127.0.0.1:5432/"

_TABLES = list(reversed(Base.metadata.sorted_tables))
"""Those that refer to others before the others."""
_SHAPE = text(
    "SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
    " UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal"
)
_START_AGAIN = text(
    "SELECT setval(oid::regclass, 1, false) FROM pg_class"
    " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
)
_CUT_OFF = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class PostgresMissingError(Exception):
    """There is no PostgreSQL server to test with."""


@contextmanager
def scratch_database(server_url: str) -> Iterator[str]:
    """The URL of a new database without tables, dropped afterwards. Raises `PostgresMissingError`."""
    url = make_url(server_url).set(drivername="postgresql+psycopg")
    admin = create_engine(
        url.set(database=url.database or "postgres"),
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": 3},
    )
    name = f"skillcred_test_{secrets.token_hex(6)}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        raise PostgresMissingError("no PostgreSQL server answers at SKILLCRED_TEST_POSTGRES_URL") from error
    try:
        yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@dataclass(frozen=True)
class _Upgraded:
    """A database, what its tables are and what the migrations have written into them."""

    url: str
    engine: Engine
    shape: frozenset[str]
    rows: dict[str, list[dict[str, Any]]]


class UpgradedDatabases:
    """Databases on a PostgreSQL server as the migrations leave them. One that comes back is emptied and lent again,
    unless its tables were changed. `close` drops them all."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._free: list[_Upgraded] = []
        self._made = ExitStack()

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of one that nobody else has. Raises `PostgresMissingError`."""
        database = self._free.pop() if self._free else self._make()
        yield database.url
        if _empty(database):
            self._free.append(database)

    def close(self) -> None:
        self._made.close()

    def _make(self) -> _Upgraded:
        url = self._made.enter_context(scratch_database(self._server_url))
        engine = build_engine(url)
        self._made.callback(engine.dispose)
        upgrade(engine)
        with engine.connect() as connection:
            rows = {table.name: _rows(connection, table) for table in _TABLES}
            return _Upgraded(url, engine, _shape(connection), rows)


def _empty(database: _Upgraded) -> bool:
    """Cut off whoever is still connected, as dropping it would, and take out what was written. False, if its tables are
    not what they were."""
    with database.engine.begin() as connection:
        connection.execute(_CUT_OFF)
        if _shape(connection) != database.shape:
            return False
        for table in _TABLES:
            connection.execute(table.delete())
        for table in reversed(_TABLES):
            if database.rows[table.name]:
                connection.execute(table.insert(), database.rows[table.name])
        connection.execute(_START_AGAIN)
    return True


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(table.select()).mappings()]


def _shape(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(_SHAPE).scalars())


def upgrade_new(address: str) -> None:
    """Bring a database to the newest tables; a SQLite file that is not there yet comes with them."""
    file = sqlite_file(parse_database_url(address))
    if file is not None and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_bytes(_upgraded_file())
    engine = build_engine(address)
    upgrade(engine)
    engine.dispose()


@functools.cache
def _upgraded_file() -> bytes:
    """A SQLite database as the migrations leave it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "upgraded.sqlite3")
        engine = build_engine(f"sqlite:///{file}")
        upgrade(engine)
        engine.dispose()
        return file.read_bytes()

"""Connections to the database, set up so that a commit that was acknowledged survives a power failure.

SQLite runs in WAL mode with `synchronous=FULL` (SECURITY M19: with less, a commit is not on disk when it
returns) and each writing transaction starts with BEGIN IMMEDIATE, so that it waits for its turn instead of
failing at the end. Every connection reads its pragmas back; one that did not take them is refused (F-08).
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from skillcred.errors import ConfigurationError, UnavailableError

BUSY_TIMEOUT_MS: Final = 2000
"""How long SQLite waits for another process's write before it gives up once."""
MOST_BETWEEN_LOOKS_US: Final = 8_000
"""Longest time between two looks whether another process has ended its write; the length is random."""
POOL_SIZE: Final = 10
POOL_OVERFLOW: Final = 10
POOL_TIMEOUT_SECONDS: Final = 5
CONNECT_TIMEOUT_SECONDS: Final = 5
STATEMENT_TIMEOUT_MS: Final = 15_000
LOCK_TIMEOUT_MS: Final = 5_000
WRITES: Final = "skillcred_writes"
"""Execution option of a connection whose transaction will write."""

_PRAGMAS: Final[dict[str, Any]] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": BUSY_TIMEOUT_MS,
    # what was erased leaves no bytes in free pages (SECURITY PR-07); how SQLite is built decides it otherwise
    "secure_delete": 1,
}
_POSTGRESQL_OPTIONS: Final = (
    f"-c timezone=UTC -c synchronous_commit=on -c statement_timeout={STATEMENT_TIMEOUT_MS} "
    f"-c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000"
)


def parse_database_url(address: str) -> URL:
    """The URL with the driver that we use. Raises `ConfigurationError` for anything but a SQLite file or
    PostgreSQL; an in-memory SQLite database is refused, it would forget what was acknowledged."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise ConfigurationError("The database URL cannot be read.", code="invalid_database_url") from error
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise ConfigurationError("SQLite must be a file.", code="database_not_durable")
        return url.set(drivername="sqlite+pysqlite", query={})
    raise ConfigurationError("The database must be SQLite or PostgreSQL.", code="unsupported_database")


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database, `None` for PostgreSQL."""
    return Path(str(url.database)) if url.drivername.startswith("sqlite") else None


def build_engine(address: str) -> Engine:
    """An engine whose connections are as this module says. Raises `ConfigurationError`."""
    url = parse_database_url(address)
    file = sqlite_file(url)
    if file is not None:
        return _build_sqlite_engine(url, file)
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS, "options": _POSTGRESQL_OPTIONS},
    )


def check_durability(engine: Engine, *, strict: bool) -> None:
    """Connect once. Raises `ConfigurationError` where commits would not survive a power failure, and
    `UnavailableError` where there is no connection. `strict` also refuses a PostgreSQL server without
    fsync."""
    try:
        with engine.connect() as connection:
            if strict and engine.dialect.name == "postgresql":
                for name in ("fsync", "full_page_writes"):
                    if connection.exec_driver_sql(f"SHOW {name}").scalar() != "on":
                        raise ConfigurationError(
                            f"The PostgreSQL server runs with {name} off.", code="database_not_durable"
                        )
    except SQLAlchemyError as error:
        raise UnavailableError("The database cannot be reached.", code="database_unavailable") from error


def _build_sqlite_engine(url: URL, file: Path) -> Engine:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(
            "The folder of the database cannot be made.", code="data_folder_unusable"
        ) from error
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # no implicit BEGIN by the driver; `_begin` says when and how
    _set_pragmas(connection)
    for name, value in _PRAGMAS.items():
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            raise ConfigurationError(f"SQLite did not take {name} = {value}.", code="database_not_durable")


def _set_pragmas(connection: sqlite3.Connection) -> None:
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES, True):
        _begin_writing(connection)
    else:
        connection.exec_driver_sql("BEGIN DEFERRED")


def _begin_writing(connection: Connection) -> None:
    """Wait for the turn to write.

    SQLite itself looks at the lock more and more seldom, in the end ten times a second, and whoever writes without
    a pause is always there first: under load a process was left waiting for ten seconds. Here everybody who waits
    looks equally often.
    """
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    patience = _PRAGMAS["busy_timeout"]
    ends = time.monotonic() + patience / 1000
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < ends:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    break
            else:
                return
            time.sleep(secrets.randbelow(MOST_BETWEEN_LOOKS_US) / 1_000_000)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # so that its fault is translated like every other
    finally:
        driver.execute(f"PRAGMA busy_timeout = {patience}")

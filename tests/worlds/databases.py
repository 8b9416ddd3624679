"""Databases for tests: a SQLite file in a temporary folder, a scratch database on a real PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

DEFAULT_POSTGRES_URL = "postgresql://postgres@127.0.0.1:5432/"


class PostgresMissingError(Exception):
    """There is no PostgreSQL server to test with."""


@contextmanager
def scratch_database(server_url: str) -> Iterator[str]:
    """The URL of a new database, dropped afterwards. Raises `PostgresMissingError`."""
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

"""Counts of committed changes, in a row for each area that `SqlUnitOfWork.commit` raises."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

from skillcred.adapters.db.faults import database_faults
from skillcred.errors import UnavailableError
from skillcred.services.snapshot_ports import Area, Versions

AREA_OF_TABLE: Final[Mapping[str, Area]] = MappingProxyType(
    {
        "organisation": Area.REGISTRY,
        "signing_key": Area.REGISTRY,
        "national_body": Area.REGISTRY,
        "accreditation": Area.REGISTRY,
        "accreditation_event": Area.REGISTRY,
        "body_event": Area.REGISTRY,
        "registered_key": Area.REGISTRY,
        "status_event": Area.STATUS,
        "status_publication": Area.STATUS,
    }
)
"""The tables that evidence of our own is made from. A test holds that every table is here or in `NOT_COUNTED`."""
NOT_COUNTED: Final = frozenset(
    {
        "api_key",
        "audit_entry",
        "change_counter",
        "classification_concept",
        "classification_label",
        "classification_release",
        "credential",
        "credential_copy",
        "handed_in_branch",
        "issuance",
        "listed_body",
        "presentation_request",
        "recognition_case",
        "recognition_case_document",
        "recognition_case_event",
        "recognition_table",
        "recognition_vouching",
        "registry_log",
        "registry_proposal",
        "seen_document",
        "seen_status_list",
        "status_batch",
        "status_batch_item",
        "status_list",
        "status_slot",
        "used_once",
        "wallet_authorization",
        "wallet_delivery",
        "wallet_offer",
        "wallet_token",
    }
)
"""Tables that no evidence is made from; some change with every issuance. Events tell the state of an entry."""

_AREAS: Final = tuple(Area)
_QUERY: Final = "SELECT area, changes FROM change_counter"


def count_changes(tables: Iterable[str]) -> tuple[Area, ...]:
    """The areas that a change of `tables` belongs to, always in the same order, so that transactions do not lock each
    other's rows crosswise."""
    touched = {AREA_OF_TABLE[table] for table in tables if table in AREA_OF_TABLE}
    return tuple(area for area in Area if area in touched)


class SqlChangeCounter:
    """`ChangeCounter` in SQL.

    On SQLite one connection is kept for it, and a read takes some microseconds. On PostgreSQL each read is a query to
    the server, which may have to be waited for.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._embedded = engine.dialect.name == "sqlite"
        self._lock = threading.Lock()
        self._kept: PoolProxiedConnection | None = None
        self._cursor: sqlite3.Cursor | None = None

    @property
    def at_once(self) -> bool:
        """True on SQLite."""
        return self._embedded

    def read(self) -> Versions:
        """The counts now. Raises `UnavailableError`."""
        rows = self._read_embedded() if self._embedded else self._read_remote()
        found = dict(rows)
        try:
            return {area: found[area] for area in _AREAS}
        except KeyError as error:
            raise UnavailableError("Changes are not counted here.", code="database_unavailable") from error

    def close(self) -> None:
        """Let go of the connection that is kept. May be called again; reading opens another."""
        with self._lock:
            self._drop()

    def _read_embedded(self) -> list[tuple[str, int]]:
        with self._lock:
            try:
                cursor = self._cursor or self._open_cursor()
                return cursor.execute(_QUERY).fetchall()
            except sqlite3.Error as error:
                self._drop()
                raise UnavailableError(
                    "The database cannot do this now.", code="database_unavailable"
                ) from error

    def _open_cursor(self) -> sqlite3.Cursor:
        with database_faults():
            self._kept = self._engine.raw_connection()
        driver = self._kept.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise UnavailableError("The connection is gone.", code="database_unavailable")
        self._cursor = driver.cursor()
        return self._cursor

    def _read_remote(self) -> list[tuple[str, int]]:
        with database_faults(), self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            return [(area, changes) for area, changes in connection.exec_driver_sql(_QUERY)]

    def _drop(self) -> None:
        self._cursor = None
        if self._kept is not None:
            self._kept.close()
            self._kept = None

"""The database: SQLite embedded, or PostgreSQL. Only this folder knows SQL."""

from skillcred.adapters.db.change_counter import SqlChangeCounter
from skillcred.adapters.db.engine import build_engine, check_durability, parse_database_url, sqlite_file
from skillcred.adapters.db.lock import ServingLock
from skillcred.adapters.db.migrations import SqlDatabaseCheck, upgrade
from skillcred.adapters.db.temporary import open_temporary_store
from skillcred.adapters.db.unit_of_work import SqlUnitOfWork, SqlUnitOfWorkFactory

__all__ = [
    "ServingLock",
    "SqlChangeCounter",
    "SqlDatabaseCheck",
    "SqlUnitOfWork",
    "SqlUnitOfWorkFactory",
    "build_engine",
    "check_durability",
    "open_temporary_store",
    "parse_database_url",
    "sqlite_file",
    "upgrade",
]

"""Faults of the drivers as faults of ours. The only place that knows their codes.

They are told apart by SQLSTATE and by SQLite's error names, never by message text. What a trigger or a limit
of the database refuses is `UnavailableError`: the request was fine, the database would not take it (SECURITY
F-05).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from skillcred.errors import ConflictError, SkillcredError, UnavailableError
from skillcred.services.ports import TransactionConflictError

_RETRY_SQLSTATES: Final = frozenset({"40001", "40P01"})
"""serialization_failure and deadlock_detected."""
_UNIQUE_SQLSTATE: Final = "23505"
_RETRY_SQLITE: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_UNIQUE_SQLITE: Final = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})


@contextmanager
def database_faults(*, taken: str = "already_recorded") -> Iterator[None]:
    """Turn driver errors raised inside into `ConflictError` (code `taken`, for a unique value that exists),
    `TransactionConflictError` or `UnavailableError`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise translate(error, taken) from error


def translate(error: SQLAlchemyError, taken: str) -> SkillcredError:
    """The fault of ours that `error` is."""
    cause = error.orig if isinstance(error, StatementError) else None
    if isinstance(cause, SkillcredError):
        return cause
    if isinstance(error, DBAPIError):
        if _is_retryable(cause):
            return TransactionConflictError("The database is busy with another change; try again.")
        if _is_unique_violation(cause):
            return ConflictError("It is recorded already.", code=taken)
    return UnavailableError("The database cannot do this now.", code="database_unavailable")


def _is_retryable(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return _sqlite_name(cause).startswith(_RETRY_SQLITE)
    return getattr(cause, "sqlstate", None) in _RETRY_SQLSTATES


def _is_unique_violation(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return _sqlite_name(cause) in _UNIQUE_SQLITE
    return getattr(cause, "sqlstate", None) == _UNIQUE_SQLSTATE


def _sqlite_name(cause: sqlite3.Error) -> str:
    return getattr(cause, "sqlite_errorname", None) or ""

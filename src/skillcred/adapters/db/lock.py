"""One serving process per SQLite database.

A service that runs holds an advisory lock (flock) on a file beside the database for as long as it lives; a
second one is refused with `database_in_use`. The kernel drops the lock when the process dies, however it
dies. Commands that run once and end (`skillcred keys rotate`, …) do not take it: their short transactions
queue for SQLite's own write lock (BEGIN IMMEDIATE, busy timeout), so at any instant there is one writer, and
an operator need not stop the service to make an API key.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from skillcred.errors import ConfigurationError


class ServingLock:
    """Held from construction until `close`. Raises `ConfigurationError` (`database_in_use`)."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".serving")
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise ConfigurationError(
                "The lock file beside the database cannot be opened.", code="data_folder_unusable"
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise ConfigurationError(
                "Another process serves this database. For several processes use PostgreSQL.",
                code="database_in_use",
            ) from error

    def close(self) -> None:
        """Let the next process serve. May be called again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> ServingLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

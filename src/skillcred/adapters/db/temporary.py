"""A store that lasts as long as the process, for what must not outlive it. Everything else needs the database."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from skillcred.adapters.db.engine import build_engine
from skillcred.adapters.db.migrations import upgrade
from skillcred.adapters.db.unit_of_work import SqlUnitOfWorkFactory

PREFIX: Final = "skillcred-temporary-"


def open_temporary_store() -> tuple[SqlUnitOfWorkFactory, Callable[[], None]]:
    """An empty store in a folder of its own that only this user can read, and what does away with both.

    Raises `UnavailableError`, `ConfigurationError`.
    """
    folder = tempfile.TemporaryDirectory(prefix=PREFIX)
    engine = build_engine(f"sqlite:///{Path(folder.name) / 'store.sqlite'}")

    def close() -> None:
        engine.dispose()
        folder.cleanup()

    upgrade(engine)
    return SqlUnitOfWorkFactory(engine), close

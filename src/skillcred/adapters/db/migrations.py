"""Brings a database to the tables that this version needs, and tells whether it has them."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from skillcred.adapters.db.faults import database_faults
from skillcred.shipped import shipped_path


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations up to `revision`, in one transaction. Raises `UnavailableError`."""
    with database_faults(), engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Undo migrations down to `revision`. Loses what only the later tables could hold."""
    with database_faults(), engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


class SqlDatabaseCheck:
    """`DatabaseCheck` for SQL: reachable, and at the newest migration that is shipped."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._expected = ScriptDirectory.from_config(_config()).get_current_head()

    def __call__(self) -> str | None:
        """`None`, `database_unavailable` or `database_not_upgraded`."""
        try:
            with self._engine.connect() as connection:
                found = MigrationContext.configure(connection).get_current_revision()
        except SQLAlchemyError:
            return "database_unavailable"
        return None if found == self._expected else "database_not_upgraded"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped_path("alembic")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config

"""Runs migrations on the connection it is given; `skillcred.adapters.db.migrations` is the only way in."""

from __future__ import annotations

from alembic import context

from skillcred.adapters.db.rows import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

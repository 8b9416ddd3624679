"""Several copies of one credential, each with an entry of its own.

A wallet gets a credential as copies that nobody can link, so no two of them may have the same entry. Entries that exist
are those of the first copies.

SQLite cannot drop a constraint, so the table is made anew. Events refer to it: while it is away they refer to nothing,
which is only looked at when the transaction ends. The types are written out here and not imported, because a migration
must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE status_slot (
    position INTEGER NOT NULL,
    list_id TEXT NOT NULL,
    list_index INTEGER NOT NULL,
    credential_id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    allocated_at VARCHAR(27) NOT NULL,
    state TEXT,
    {more}
    CONSTRAINT pk_status_slot PRIMARY KEY (position),
    CONSTRAINT {unique},
    CONSTRAINT uq_status_slot_list_id_list_index UNIQUE (list_id, list_index),
    CONSTRAINT fk_status_slot_organisation_id_list_id FOREIGN KEY (organisation_id, list_id)
        REFERENCES status_list (organisation_id, id)
)
"""
_FILL = """
INSERT INTO status_slot (position, list_id, list_index, credential_id, organisation_id, allocated_at, state)
SELECT position, list_id, list_index, credential_id, organisation_id, allocated_at, state
FROM status_slot_kept ORDER BY position
"""
_FILL_FIRST_COPIES = """
INSERT INTO status_slot (position, list_id, list_index, credential_id, organisation_id, allocated_at, state, copy)
SELECT position, list_id, list_index, credential_id, organisation_id, allocated_at, state, 0
FROM status_slot_kept ORDER BY position
"""
_OLD_UNIQUE = "uq_status_slot_credential_id"
_NEW_UNIQUE = "uq_status_slot_credential_id_copy"


def upgrade() -> None:
    """Number the copies."""
    if op.get_bind().dialect.name == "sqlite":
        unique = f"{_NEW_UNIQUE} UNIQUE (credential_id, copy)"
        _make_anew(_TABLE.format(more="copy INTEGER NOT NULL,", unique=unique), _FILL_FIRST_COPIES)
        return
    op.add_column("status_slot", sa.Column("copy", sa.Integer(), server_default="0", nullable=False))
    op.alter_column("status_slot", "copy", server_default=None)
    op.drop_constraint(_OLD_UNIQUE, "status_slot", type_="unique")
    op.create_unique_constraint(_NEW_UNIQUE, "status_slot", ["credential_id", "copy"])


def downgrade() -> None:
    """Refused while a credential has several copies: the status of all but one would be lost."""
    found = op.get_bind().execute(sa.text("SELECT count(*) FROM status_slot WHERE copy > 0")).scalar_one()
    if found:
        message = f"{found} copies of credentials have an entry that would be lost."
        raise RuntimeError(message)
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(_TABLE.format(more="", unique=f"{_OLD_UNIQUE} UNIQUE (credential_id)"), _FILL)
        return
    op.drop_constraint(_NEW_UNIQUE, "status_slot", type_="unique")
    op.create_unique_constraint(_OLD_UNIQUE, "status_slot", ["credential_id"])
    op.drop_column("status_slot", "copy")


def _make_anew(table: str, fill: str) -> None:
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE status_slot_kept AS SELECT * FROM status_slot")
    op.execute("DROP TABLE status_slot")
    op.execute(table)
    op.execute(fill)
    op.execute("DROP TABLE status_slot_kept")
    op.create_index("ix_status_slot_state", "status_slot", ["list_id", "state"], unique=False)

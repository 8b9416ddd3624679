"""Status lists: the lists, the entries that were given out, what happened to them, and what was published.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
ARTEFACT = sa.LargeBinary().with_variant(postgresql.BYTEA(), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "status_list",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("permutation_key", ARTEFACT, nullable=False),
        sa.Column("allocated", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_status_list_organisation_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_status_list"),
        sa.UniqueConstraint("id", name="uq_status_list_id"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_status_list_organisation_id_id"),
    )
    op.create_index(
        "uq_status_list_open",
        "status_list",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "status_slot",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("list_id", TEXT, nullable=False),
        sa.Column("list_index", sa.Integer(), nullable=False),
        sa.Column("credential_id", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=False),
        sa.Column("allocated_at", INSTANT, nullable=False),
        sa.Column("state", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "list_id"],
            ["status_list.organisation_id", "status_list.id"],
            name="fk_status_slot_organisation_id_list_id",
        ),
        sa.PrimaryKeyConstraint("position", name="pk_status_slot"),
        sa.UniqueConstraint("credential_id", name="uq_status_slot_credential_id"),
        sa.UniqueConstraint("list_id", "list_index", name="uq_status_slot_list_id_list_index"),
    )
    op.create_index("ix_status_slot_state", "status_slot", ["list_id", "state"], unique=False)
    op.create_table(
        "status_event",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("list_id", TEXT, nullable=False),
        sa.Column("list_index", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("effective_at", INSTANT, nullable=False),
        sa.Column("retroactive", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id", "list_index"],
            ["status_slot.list_id", "status_slot.list_index"],
            name="fk_status_event_list_id_list_index",
        ),
        sa.PrimaryKeyConstraint("position", name="pk_status_event"),
        sa.UniqueConstraint("id", name="uq_status_event_id"),
    )
    op.create_index("ix_status_event_entry", "status_event", ["list_id", "list_index"], unique=False)
    op.create_table(
        "status_publication",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("list_id", TEXT, nullable=False),
        sa.Column("view", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("content", ARTEFACT, nullable=False),
        sa.Column("media_type", TEXT, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["status_list.id"], name="fk_status_publication_list_id"),
        sa.PrimaryKeyConstraint("position", name="pk_status_publication"),
        sa.UniqueConstraint("list_id", "view", "version", name="uq_status_publication_list_id_view_version"),
    )
    op.create_table(
        "seen_status_list",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_seen_status_list"),
        sa.UniqueConstraint("uri", name="uq_seen_status_list_uri"),
    )


def downgrade() -> None:
    """Drop them, and everything they hold."""
    op.drop_table("seen_status_list")
    op.drop_table("status_publication")
    op.drop_index("ix_status_event_entry", table_name="status_event")
    op.drop_table("status_event")
    op.drop_index("ix_status_slot_state", table_name="status_slot")
    op.drop_table("status_slot")
    op.drop_index(
        "uq_status_list_open",
        table_name="status_list",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("status_list")

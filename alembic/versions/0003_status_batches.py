"""Batches of status changes, the order of a list's events, and renewals.

Events of a list are numbered in the order in which they were committed, and the list counts them, so that what a
published version told can be proved afterwards. Those that exist get the numbers of their recording.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_NUMBER_EVENTS = """
UPDATE status_event SET sequence = (
    SELECT numbered.number FROM (
        SELECT position, row_number() OVER (PARTITION BY list_id ORDER BY position) AS number FROM status_event
    ) AS numbered WHERE numbered.position = status_event.position
)
"""
_COUNT_EVENTS = """
UPDATE status_list SET events = (SELECT count(*) FROM status_event WHERE status_event.list_id = status_list.id)
"""


def upgrade() -> None:
    """Number the events, and make the tables."""
    op.add_column("status_list", sa.Column("events", sa.Integer(), server_default="0", nullable=False))
    op.add_column("status_event", sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
    op.execute(_NUMBER_EVENTS)
    op.execute(_COUNT_EVENTS)
    op.create_index("uq_status_event_sequence", "status_event", ["list_id", "sequence"], unique=True)
    op.add_column("issuance", sa.Column("renews", TEXT, nullable=True))
    op.create_index("ix_issuance_renews", "issuance", ["renews"], unique=False)
    op.create_table(
        "status_batch",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=False),
        sa.Column("idempotency_key", TEXT, nullable=False),
        sa.Column("request_sha256", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("effective_at", INSTANT, nullable=True),
        sa.Column("selection", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("already", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("started_by", TEXT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_status_batch_organisation_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_status_batch"),
        sa.UniqueConstraint("id", name="uq_status_batch_id"),
        sa.UniqueConstraint(
            "organisation_id", "idempotency_key", name="uq_status_batch_organisation_id_idempotency_key"
        ),
    )
    op.create_index("ix_status_batch_state", "status_batch", ["state"], unique=False)
    op.create_table(
        "status_batch_item",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("batch_id", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("credential_id", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["status_batch.id"], name="fk_status_batch_item_batch_id"),
        sa.PrimaryKeyConstraint("position", name="pk_status_batch_item"),
        sa.UniqueConstraint("batch_id", "number", name="uq_status_batch_item_batch_id_number"),
        sa.UniqueConstraint("batch_id", "credential_id", name="uq_status_batch_item_batch_id_credential_id"),
    )


def downgrade() -> None:
    """Drop them, and what they hold. Events and lists stay."""
    op.drop_table("status_batch_item")
    op.drop_index("ix_status_batch_state", table_name="status_batch")
    op.drop_table("status_batch")
    op.drop_index("ix_issuance_renews", table_name="issuance")
    op.drop_column("issuance", "renews")
    op.drop_index("uq_status_event_sequence", table_name="status_event")
    op.drop_column("status_event", "sequence")
    op.drop_column("status_list", "events")

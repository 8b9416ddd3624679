"""Cases of recognition before an authority, with documents and events, and what a deployment adds to the data.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXT = sa.Text()
ARTEFACT = sa.LargeBinary()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "recognition_case",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("authority_did", TEXT, nullable=False),
        sa.Column("submitted_by", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("progress", TEXT, nullable=False),
        sa.Column("question", TEXT, nullable=False),
        sa.Column("prepared", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("statement", TEXT, nullable=True),
        sa.Column("statement_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_recognition_case"),
        sa.UniqueConstraint("id", name="uq_recognition_case_id"),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["organisation.id"], name="fk_recognition_case_submitted_by"
        ),
    )
    op.create_index("ix_recognition_case_authority_did_state", "recognition_case", ["authority_did", "state"])
    op.create_table(
        "recognition_case_document",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("content", ARTEFACT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_recognition_case_document"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["recognition_case.id"], name="fk_recognition_case_document_case_id"
        ),
    )
    op.create_index("ix_recognition_case_document_case_id", "recognition_case_document", ["case_id"])
    op.create_table(
        "recognition_case_event",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_recognition_case_event"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["recognition_case.id"], name="fk_recognition_case_event_case_id"
        ),
    )
    op.create_index("ix_recognition_case_event_case_id", "recognition_case_event", ["case_id"])
    op.create_table(
        "recognition_table",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("content", ARTEFACT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("as_of", TEXT, nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.Column("imported_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_recognition_table"),
        sa.UniqueConstraint("label", name="uq_recognition_table_label"),
    )
    op.create_table(
        "recognition_vouching",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("content", ARTEFACT, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_recognition_vouching"),
        sa.UniqueConstraint("sha256", name="uq_recognition_vouching_sha256"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("recognition_vouching")
    op.drop_table("recognition_table")
    op.drop_table("recognition_case_event")
    op.drop_table("recognition_case_document")
    op.drop_table("recognition_case")

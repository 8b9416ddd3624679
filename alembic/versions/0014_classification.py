"""A classification of skills and occupations that a deployment takes over.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sa.Text()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "classification_release",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.Column("occupations", sa.Integer(), nullable=False),
        sa.Column("skills", sa.Integer(), nullable=False),
        sa.Column("unlabelled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_classification_release"),
    )
    op.create_table(
        "classification_concept",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=True),
        sa.Column("alternatives", TEXT, nullable=False),
        sa.Column("isco", TEXT, nullable=True),
        sa.Column("links", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_classification_concept"),
        sa.UniqueConstraint("uri", name="uq_classification_concept_uri"),
    )
    op.create_index("ix_classification_concept_isco", "classification_concept", ["isco"], unique=False)
    op.create_table(
        "classification_label",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("folded", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_classification_label"),
    )
    op.create_index("ix_classification_label_folded", "classification_label", ["folded"], unique=False)


def downgrade() -> None:
    """Drop them. The classification can be taken over again."""
    op.drop_table("classification_label")
    op.drop_table("classification_concept")
    op.drop_table("classification_release")

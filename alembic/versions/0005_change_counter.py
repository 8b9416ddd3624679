"""Counts of committed changes, so that what is held in memory is known to be current (docs/adr/0008)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text()
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, with a row for each area."""
    table = op.create_table(
        "change_counter",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("area", TEXT, nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_change_counter"),
        sa.UniqueConstraint("area", name="uq_change_counter_area"),
    )
    op.bulk_insert(table, [{"area": "registry", "changes": 0}, {"area": "status", "changes": 0}])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("change_counter")

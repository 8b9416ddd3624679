"""What the entries of a list can tell beside revocation and suspension, and the values that events have.

Lists that exist tell nothing more, and their events have no value.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("status_list", sa.Column("scheme", sa.Text(), nullable=True))
    op.add_column("status_event", sa.Column("value", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drop them. Refused while an event has a value: without it nobody could tell what it said."""
    found = (
        op.get_bind()
        .execute(sa.text("SELECT count(*) FROM status_event WHERE value IS NOT NULL"))
        .scalar_one()
    )
    if found:
        message = f"{found} status events have a value that would be lost."
        raise RuntimeError(message)
    op.drop_column("status_event", "value")
    op.drop_column("status_list", "scheme")

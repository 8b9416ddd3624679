"""Certificates of signing keys.

The type is written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None

ARTEFACT = sa.LargeBinary().with_variant(postgresql.BYTEA(), "postgresql")


def upgrade() -> None:
    """Add the column."""
    op.add_column("signing_key", sa.Column("certificates", ARTEFACT, nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("signing_key", "certificates")

"""Credentials are found by the digest of their bytes.

Written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_credential_sha256", "credential", ["sha256"], unique=False)
    op.create_index("ix_credential_copy_sha256", "credential_copy", ["sha256"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_credential_copy_sha256", table_name="credential_copy")
    op.drop_index("ix_credential_sha256", table_name="credential")

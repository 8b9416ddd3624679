"""Further copies of credentials, each for another key of the holder.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sa.Text()
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ARTEFACT = sa.LargeBinary().with_variant(postgresql.BYTEA(), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "credential_copy",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("credential_id", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("copy_id", TEXT, nullable=False),
        sa.Column("content", ARTEFACT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.credential_id"], name="fk_credential_copy_credential_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_credential_copy"),
        sa.UniqueConstraint("copy_id", name="uq_credential_copy_copy_id"),
        sa.UniqueConstraint("credential_id", "number", name="uq_credential_copy_credential_id_number"),
    )


def downgrade() -> None:
    """Drop it. Refused while there are copies: they were handed out, and nothing else knows them."""
    found = op.get_bind().execute(sa.text("SELECT count(*) FROM credential_copy")).scalar_one()
    if found:
        message = f"{found} copies of credentials would be lost."
        raise RuntimeError(message)
    op.drop_table("credential_copy")

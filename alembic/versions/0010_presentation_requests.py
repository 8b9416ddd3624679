"""Requests for presentations.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sa.Text()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary().with_variant(postgresql.BYTEA(), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "presentation_request",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=True),
        sa.Column("handle", TEXT, nullable=False),
        sa.Column("nonce", TEXT, nullable=False),
        sa.Column("oauth_state", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("response_mode", TEXT, nullable=False),
        sa.Column("request_method", TEXT, nullable=False),
        sa.Column("query", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("session_sha256", TEXT, nullable=True),
        sa.Column("redirect_uri", TEXT, nullable=True),
        sa.Column("encryption_key", BYTES, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("presentation", BYTES, nullable=True),
        sa.Column("response_code_sha256", TEXT, nullable=True),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("result", BYTES, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_presentation_request_organisation_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_presentation_request"),
        sa.UniqueConstraint("id", name="uq_presentation_request_id"),
        sa.UniqueConstraint("handle", name="uq_presentation_request_handle"),
    )
    op.create_index(
        "ix_presentation_request_organisation_id", "presentation_request", ["organisation_id"], unique=False
    )
    op.create_index(
        "ix_presentation_request_state", "presentation_request", ["state", "expires_at"], unique=False
    )


def downgrade() -> None:
    """Drop it, with the results."""
    op.drop_table("presentation_request")

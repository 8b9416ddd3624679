"""Offers to wallets, authorization requests, access tokens, deliveries, and what is used once.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ARTEFACT = sa.LargeBinary().with_variant(postgresql.BYTEA(), "postgresql")


def _position() -> sa.Column:
    return sa.Column("position", POSITION, autoincrement=True, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, TEXT, nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, INSTANT, nullable=nullable)


def _of_offer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", "offer_id"],
        ["wallet_offer.organisation_id", "wallet_offer.id"],
        name=f"fk_{table}_organisation_id",
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "wallet_offer",
        _position(),
        _text("id"),
        _text("organisation_id"),
        _text("idempotency_key"),
        _text("request_sha256"),
        _text("profile"),
        _text("configuration_ids"),
        sa.Column("claims", ARTEFACT, nullable=True),
        sa.Column("revocable", sa.Boolean(), nullable=False),
        _text("grants"),
        sa.Column("deferred", sa.Boolean(), nullable=False),
        _text("code_digest"),
        _text("reference_digest"),
        _text("issuer_state_digest"),
        _text("tx_code_digest", nullable=True),
        _instant("created_at"),
        _instant("expires_at"),
        _text("created_by"),
        sa.Column("wrong_attempts", sa.Integer(), nullable=False),
        _instant("claimed_at", nullable=True),
        _instant("withdrawn_at", nullable=True),
        _instant("released_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_wallet_offer_organisation_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_wallet_offer"),
        sa.UniqueConstraint("id", name="uq_wallet_offer_id"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_wallet_offer_organisation_id_id"),
        sa.UniqueConstraint(
            "organisation_id", "idempotency_key", name="uq_wallet_offer_organisation_id_idempotency_key"
        ),
        sa.UniqueConstraint("code_digest", name="uq_wallet_offer_code_digest"),
        sa.UniqueConstraint("reference_digest", name="uq_wallet_offer_reference_digest"),
        sa.UniqueConstraint("issuer_state_digest", name="uq_wallet_offer_issuer_state_digest"),
    )
    op.create_table(
        "wallet_authorization",
        _position(),
        _text("id"),
        _text("organisation_id"),
        _text("offer_id"),
        _text("request_digest"),
        _text("client_id"),
        _text("redirect_uri"),
        _text("state", nullable=True),
        _text("code_challenge"),
        _text("thumbprint", nullable=True),
        _text("configuration_ids"),
        _instant("created_at"),
        _instant("expires_at"),
        _text("code_digest", nullable=True),
        _instant("code_expires_at", nullable=True),
        _instant("redeemed_at", nullable=True),
        _of_offer("wallet_authorization"),
        sa.PrimaryKeyConstraint("position", name="pk_wallet_authorization"),
        sa.UniqueConstraint("id", name="uq_wallet_authorization_id"),
        sa.UniqueConstraint("request_digest", name="uq_wallet_authorization_request_digest"),
        sa.UniqueConstraint("code_digest", name="uq_wallet_authorization_code_digest"),
    )
    op.create_index("ix_wallet_authorization_expires_at", "wallet_authorization", ["expires_at"])
    op.create_table(
        "wallet_token",
        _position(),
        _text("digest"),
        _text("organisation_id"),
        _text("offer_id"),
        _text("configuration_ids"),
        _text("client_id", nullable=True),
        _text("thumbprint", nullable=True),
        _instant("issued_at"),
        _instant("expires_at"),
        _text("authorization_id", nullable=True),
        _instant("revoked_at", nullable=True),
        _of_offer("wallet_token"),
        sa.PrimaryKeyConstraint("position", name="pk_wallet_token"),
        sa.UniqueConstraint("digest", name="uq_wallet_token_digest"),
    )
    op.create_index("ix_wallet_token_expires_at", "wallet_token", ["expires_at"])
    op.create_index("ix_wallet_token_authorization_id", "wallet_token", ["authorization_id"])
    op.create_table(
        "wallet_delivery",
        _position(),
        _text("id"),
        _text("organisation_id"),
        _text("offer_id"),
        _text("configuration_id"),
        sa.Column("holders", ARTEFACT, nullable=False),
        _text("transaction_digest"),
        _text("notification_digest"),
        _instant("requested_at"),
        _text("credential_id", nullable=True),
        _instant("delivered_at", nullable=True),
        _instant("collected_at", nullable=True),
        _text("event", nullable=True),
        _instant("event_at", nullable=True),
        _of_offer("wallet_delivery"),
        sa.PrimaryKeyConstraint("position", name="pk_wallet_delivery"),
        sa.UniqueConstraint("id", name="uq_wallet_delivery_id"),
        sa.UniqueConstraint("transaction_digest", name="uq_wallet_delivery_transaction_digest"),
        sa.UniqueConstraint("notification_digest", name="uq_wallet_delivery_notification_digest"),
    )
    op.create_index(
        "uq_wallet_delivery_offer", "wallet_delivery", ["offer_id", "configuration_id"], unique=True
    )
    op.create_table(
        "used_once",
        _position(),
        _text("digest"),
        _text("used_by"),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("position", name="pk_used_once"),
        sa.UniqueConstraint("digest", name="uq_used_once_digest"),
    )
    op.create_index("ix_used_once_expires_at", "used_once", ["expires_at"])


def downgrade() -> None:
    """Drop them. What was issued stays; open offers cannot be claimed any more."""
    for table in ("used_once", "wallet_delivery", "wallet_token", "wallet_authorization", "wallet_offer"):
        op.drop_table(table)

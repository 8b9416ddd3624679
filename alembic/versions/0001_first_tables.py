"""The first tables: organisations and keys, the registry, issuances and credentials, API keys, audit.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
ARTEFACT = sa.LargeBinary().with_variant(postgresql.BYTEA(), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "national_body",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("did", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_skeleton", TEXT, nullable=False),
        sa.Column("country", TEXT, nullable=False),
        sa.Column("enrolled_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("website", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_national_body"),
        sa.UniqueConstraint("did", name="uq_national_body_did"),
        sa.UniqueConstraint("name_skeleton", name="uq_national_body_name_skeleton"),
    )
    op.create_table(
        "organisation",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("did", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_skeleton", TEXT, nullable=False),
        sa.Column("country", TEXT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_organisation"),
        sa.UniqueConstraint("did", name="uq_organisation_did"),
        sa.UniqueConstraint("id", name="uq_organisation_id"),
        sa.UniqueConstraint("name_skeleton", name="uq_organisation_name_skeleton"),
        sa.UniqueConstraint("slug", name="uq_organisation_slug"),
    )
    op.create_table(
        "accreditation",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("body_did", TEXT, nullable=False),
        sa.Column("provider_did", TEXT, nullable=False),
        sa.Column("content", ARTEFACT, nullable=False),
        sa.Column("media_type", TEXT, nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["body_did"], ["national_body.did"], name="fk_accreditation_body_did"),
        sa.PrimaryKeyConstraint("position", name="pk_accreditation"),
        sa.UniqueConstraint("id", name="uq_accreditation_id"),
    )
    op.create_index("ix_accreditation_body_did", "accreditation", ["body_did"], unique=False)
    op.create_index("ix_accreditation_provider_did", "accreditation", ["provider_did"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("secret_sha256", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_api_key_organisation_id"),
        sa.PrimaryKeyConstraint("position", name="pk_api_key"),
        sa.UniqueConstraint("id", name="uq_api_key_id"),
        sa.UniqueConstraint("secret_sha256", name="uq_api_key_secret_sha256"),
    )
    op.create_index("ix_api_key_organisation_id", "api_key", ["organisation_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_audit_entry_organisation_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_organisation_id", "audit_entry", ["organisation_id"], unique=False)
    op.create_table(
        "signing_key",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=False),
        sa.Column("algorithm", TEXT, nullable=False),
        sa.Column("public_key_multibase", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("activated_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.Column("compromised_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_signing_key_organisation_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_signing_key"),
        sa.UniqueConstraint("id", name="uq_signing_key_id"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_signing_key_organisation_id_id"),
    )
    op.create_index(
        "uq_signing_key_active",
        "signing_key",
        ["organisation_id", "algorithm"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "accreditation_event",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("accreditation_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("effective_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["accreditation_id"], ["accreditation.id"], name="fk_accreditation_event_accreditation_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_accreditation_event"),
        sa.UniqueConstraint("id", name="uq_accreditation_event_id"),
    )
    op.create_index(
        "ix_accreditation_event_accreditation_id", "accreditation_event", ["accreditation_id"], unique=False
    )
    op.create_table(
        "issuance",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("idempotency_key", TEXT, nullable=False),
        sa.Column("request_sha256", TEXT, nullable=False),
        sa.Column("credential_id", TEXT, nullable=False),
        sa.Column("profile", TEXT, nullable=False),
        sa.Column("profile_sha256", TEXT, nullable=False),
        sa.Column("mechanism", TEXT, nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("prepared", ARTEFACT, nullable=False),
        sa.Column("to_be_signed_sha256", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reserved_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "key_id"],
            ["signing_key.organisation_id", "signing_key.id"],
            name="fk_issuance_organisation_id_key_id",
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_issuance_organisation_id"),
        sa.PrimaryKeyConstraint("position", name="pk_issuance"),
        sa.UniqueConstraint("credential_id", name="uq_issuance_credential_id"),
        sa.UniqueConstraint("id", name="uq_issuance_id"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_issuance_organisation_id_id"),
    )
    op.create_index("ix_issuance_open", "issuance", ["state", "reserved_at"], unique=False)
    op.create_index("ix_issuance_key", "issuance", ["key_id", "reserved_at"], unique=False)
    op.create_index(
        "uq_issuance_idempotency_key",
        "issuance",
        ["organisation_id", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("state <> 'void'"),
        postgresql_where=sa.text("state <> 'void'"),
    )
    op.create_table(
        "credential",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("credential_id", TEXT, nullable=False),
        sa.Column("issuance_id", TEXT, nullable=False),
        sa.Column("organisation_id", TEXT, nullable=False),
        sa.Column("content", ARTEFACT, nullable=False),
        sa.Column("media_type", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "issuance_id"],
            ["issuance.organisation_id", "issuance.id"],
            name="fk_credential_organisation_id_issuance_id",
        ),
        sa.PrimaryKeyConstraint("position", name="pk_credential"),
        sa.UniqueConstraint("credential_id", name="uq_credential_credential_id"),
        sa.UniqueConstraint("issuance_id", name="uq_credential_issuance_id"),
    )


def downgrade() -> None:
    """Drop them, and everything they hold."""
    op.drop_table("credential")
    op.drop_index(
        "uq_issuance_idempotency_key",
        table_name="issuance",
        sqlite_where=sa.text("state <> 'void'"),
        postgresql_where=sa.text("state <> 'void'"),
    )
    op.drop_index("ix_issuance_key", table_name="issuance")
    op.drop_index("ix_issuance_open", table_name="issuance")
    op.drop_table("issuance")
    op.drop_index("ix_accreditation_event_accreditation_id", table_name="accreditation_event")
    op.drop_table("accreditation_event")
    op.drop_index(
        "uq_signing_key_active",
        table_name="signing_key",
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.drop_table("signing_key")
    op.drop_index("ix_audit_entry_organisation_id", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index("ix_api_key_organisation_id", table_name="api_key")
    op.drop_table("api_key")
    op.drop_index("ix_accreditation_provider_did", table_name="accreditation")
    op.drop_index("ix_accreditation_body_did", table_name="accreditation")
    op.drop_table("accreditation")
    op.drop_table("organisation")
    op.drop_table("national_body")

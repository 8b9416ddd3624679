"""What the registry keeps beside accreditations: scopes and events of enrolled bodies, successions, keys of others,
listed bodies, proposals, the log that nothing is taken out of, and when documents were first seen.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text()
ARTEFACT = sa.LargeBinary()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(
    name: str,
    *columns: sa.Column,
    unique: Sequence[tuple[str, ...]],
    foreign: Sequence[tuple[str, str]] = (),
) -> None:
    op.create_table(
        name,
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("position", name=f"pk_{name}"),
        *(sa.UniqueConstraint(*names, name=f"uq_{name}_{'_'.join(names)}") for names in unique),
        *(sa.ForeignKeyConstraint([own], [other], name=f"fk_{name}_{own}") for own, other in foreign),
    )


def _column(name: str, kind: sa.types.TypeEngine = TEXT, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable)


@contextmanager
def _without_events() -> Iterator[None]:
    """SQLite makes the table anew, and drops the old one only while no row refers to it. So the events wait aside."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    op.execute("CREATE TABLE accreditation_event_kept AS SELECT * FROM accreditation_event")
    op.execute("DELETE FROM accreditation_event")
    yield
    op.execute("INSERT INTO accreditation_event SELECT * FROM accreditation_event_kept ORDER BY position")
    op.execute("DROP TABLE accreditation_event_kept")


def upgrade() -> None:
    """Add what the registry needs beside accreditations."""
    with op.batch_alter_table("national_body") as batch:
        batch.add_column(_column("scopes", nullable=True))
        batch.add_column(_column("ceremony_sha256", nullable=True))
    # Accredited bodies accredit others, and only the national ones are enrolled.
    with _without_events(), op.batch_alter_table("accreditation") as batch:
        batch.drop_constraint("fk_accreditation_body_did", type_="foreignkey")
    with op.batch_alter_table("accreditation_event") as batch:
        for name in ("successor_kind", "successor_did", "successor_name"):
            batch.add_column(_column(name, nullable=True))
    _table(
        "body_event",
        _column("id"),
        _column("body_did"),
        _column("kind"),
        _column("effective_at", INSTANT),
        _column("recorded_at", INSTANT),
        _column("reason"),
        _column("recorded_by"),
        *(_column(name, nullable=True) for name in ("successor_kind", "successor_did", "successor_name")),
        unique=[("id",)],
        foreign=[("body_did", "national_body.did")],
    )
    op.create_index("ix_body_event_body_did", "body_event", ["body_did"])
    _table(
        "registered_key",
        _column("entity_did"),
        _column("verification_method"),
        _column("public_key_multibase"),
        _column("activated_at", INSTANT),
        _column("retired_at", INSTANT, nullable=True),
        _column("compromised_at", INSTANT, nullable=True),
        _column("recorded_at", INSTANT),
        _column("recorded_by"),
        unique=[("entity_did", "verification_method")],
    )
    _table(
        "listed_body",
        _column("body_id"),
        _column("country"),
        _column("name"),
        _column("acronym", nullable=True),
        _column("role"),
        _column("role_detail", nullable=True),
        _column("website", nullable=True),
        _column("source"),
        _column("source_kind"),
        _column("as_of", nullable=True),
        _column("notes", nullable=True),
        _column("imported_at", INSTANT),
        _column("imported_from"),
        unique=[("body_id",)],
    )
    op.create_index("ix_listed_body_country", "listed_body", ["country"])
    _table(
        "registry_proposal",
        _column("id"),
        _column("organisation_id"),
        _column("kind"),
        _column("content", ARTEFACT),
        _column("sha256"),
        _column("state"),
        _column("proposed_at", INSTANT),
        _column("proposed_by"),
        _column("decided_at", INSTANT, nullable=True),
        _column("decided_by", nullable=True),
        _column("outcome", nullable=True),
        unique=[("id",)],
        foreign=[("organisation_id", "organisation.id")],
    )
    op.create_index(
        "ix_registry_proposal_organisation_id_state", "registry_proposal", ["organisation_id", "state"]
    )
    _table(
        "registry_log",
        _column("number", sa.BigInteger()),
        _column("at", INSTANT),
        _column("actor"),
        _column("action"),
        _column("subject"),
        _column("content", ARTEFACT),
        _column("previous_sha256"),
        _column("sha256"),
        unique=[("number",), ("sha256",), ("previous_sha256",)],
    )
    _table(
        "seen_document",
        _column("sha256"),
        _column("first_seen_at", INSTANT),
        unique=[("sha256",)],
    )


def downgrade() -> None:
    """Drop it."""
    for name in (
        "seen_document",
        "registry_log",
        "registry_proposal",
        "listed_body",
        "registered_key",
        "body_event",
    ):
        op.drop_table(name)
    with op.batch_alter_table("accreditation_event") as batch:
        for name in ("successor_name", "successor_did", "successor_kind"):
            batch.drop_column(name)
    with op.batch_alter_table("accreditation") as batch:
        batch.create_foreign_key("fk_accreditation_body_did", "national_body", ["body_did"], ["did"])
    with op.batch_alter_table("national_body") as batch:
        for name in ("ceremony_sha256", "scopes"):
            batch.drop_column(name)

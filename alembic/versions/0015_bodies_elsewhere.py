"""National bodies that keep their keys elsewhere, and the branches of the registry that they sign there.

The types are written out here and not imported, because a migration must do tomorrow what it does today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = sa.Text()
ARTEFACT = sa.LargeBinary()
INSTANT = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Say of each organisation that its keys are here, and make the table of branches."""
    op.add_column(
        "organisation",
        sa.Column("keys_elsewhere", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "handed_in_branch",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("body_did", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signed", ARTEFACT, nullable=False),
        sa.Column("statements", ARTEFACT, nullable=False),
        sa.Column("credentials", ARTEFACT, nullable=False),
        sa.Column("signed_with", TEXT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_handed_in_branch"),
        sa.UniqueConstraint("body_did", "version", name="uq_handed_in_branch_body_did_version"),
        sa.ForeignKeyConstraint(["body_did"], ["national_body.did"], name="fk_handed_in_branch_body_did"),
    )


def downgrade() -> None:
    """Refused while somebody keeps keys elsewhere: what was signed there would be lost."""
    found = (
        op.get_bind().execute(sa.text("SELECT count(*) FROM organisation WHERE keys_elsewhere")).scalar_one()
    )
    if found:
        message = f"{found} organisations keep their keys elsewhere."
        raise RuntimeError(message)
    op.drop_table("handed_in_branch")
    op.drop_column("organisation", "keys_elsewhere")

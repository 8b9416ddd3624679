"""Names of accredited providers are found by what they look like.

What a name looks like is worked out here as it was when this was written, because a migration must do tomorrow what it
does today; names that come later are recorded by the program.
"""

from __future__ import annotations

import json
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0018"
branch_labels = None
depends_on = None

_LIKE = str.maketrans(
    "авекмнорстухѕіјһԛԝӏьԁԍ" + "αβεζηικμνορτυχωγϳ" + "ıłøđħŧɑɡɩ",
    "abekmhopctyxsijhqwlbdg" + "abezhikmvoptyxwyj" + "ilodhtagi",
)
_FOLD = str.maketrans({"0": "o", "1": "l", "i": "l", "m": "rn", "w": "vv"})
_BARE = ("LATIN", "GREEK", "CYRILLIC")


def upgrade() -> None:
    """Add the column and fill it from what was signed."""
    op.add_column("accreditation", sa.Column("provider_name_skeleton", sa.Text(), nullable=True))
    table = sa.table(
        "accreditation", sa.column("id", sa.Text()), sa.column("content", sa.LargeBinary()),
        sa.column("provider_name_skeleton", sa.Text()),
    )  # fmt: skip
    bind = op.get_bind()
    for row in bind.execute(sa.select(table.c.id, table.c.content)).fetchall():
        name = _name(bytes(row.content))
        if name is not None:
            values = {"provider_name_skeleton": _skeleton(name)}
            bind.execute(sa.update(table).where(table.c.id == row.id).values(values))
    op.create_index("ix_accreditation_provider_name_skeleton", "accreditation", ["provider_name_skeleton"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_accreditation_provider_name_skeleton", table_name="accreditation")
    op.drop_column("accreditation", "provider_name_skeleton")


def _name(content: bytes) -> str | None:
    try:
        subject = json.loads(content)["credentialSubject"]
        name = subject["name"]
    except (KeyError, TypeError, ValueError):
        return None
    return name if isinstance(name, str) else None


def _skeleton(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    letters = []
    script = ""
    for character in unicodedata.normalize("NFD", text):
        category = unicodedata.category(character)
        if category.startswith("L"):
            letter = unicodedata.normalize("NFKC", character)[0]
            script = unicodedata.name(letter, "UNKNOWN").split(" ")[0].split("-")[0]
            letters.append(character)
        elif category.startswith("N") or (category.startswith("M") and script not in _BARE):
            letters.append(character)
    return "".join(letters).translate(_LIKE).translate(_FOLD)

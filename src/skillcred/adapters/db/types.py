"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import BYTEA, TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from skillcred.errors import InputError, IntegrityError

INSTANT_CHARACTERS = 27
"""Length of an instant as SQLite keeps it: `2026-01-31T23:59:59.000000Z`, which sorts as it should."""

POSITION = BigInteger().with_variant(Integer(), "sqlite")
"""Primary keys that only say the order of recording. SQLite numbers INTEGER keys only."""
ARTEFACT = LargeBinary().with_variant(BYTEA(), "postgresql")
"""Signed bytes, kept as bytes: jsonb would reorder members (SECURITY M21)."""


class UnstorableTextError(InputError):
    """The text holds U+0000 or half of a character, which not every database can keep (SECURITY M21)."""

    default_code = "text_not_storable"


class PlainText(TypeDecorator[str]):
    """Text that both databases keep exactly."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse what PostgreSQL would refuse, on SQLite too. Raises `UnstorableTextError`."""
        if value is not None and (
            "\0" in value or any("\ud800" <= character <= "\udfff" for character in value)
        ):
            raise UnstorableTextError("A text holds a character that cannot be stored.")
        return value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The text as it was given."""
        return None if value is None else str(value)


class Instant(TypeDecorator[datetime]):
    """An aware instant: `timestamptz` on PostgreSQL, fixed-width ISO text in UTC on SQLite."""

    impl = String(INSTANT_CHARACTERS)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database has for it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(INSTANT_CHARACTERS))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The instant in UTC. Raises `IntegrityError` for a naive one: that is a fault of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise IntegrityError("An instant without an offset was to be stored.", code="naive_instant")
        utc = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return utc
        return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The instant, aware, in UTC."""
        if value is None:
            return None
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return instant.astimezone(UTC)

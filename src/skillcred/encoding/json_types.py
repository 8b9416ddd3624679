"""Names for JSON values as the strict parser returns them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"
FrozenJson: TypeAlias = "str | int | float | bool | Sequence[FrozenJson] | Mapping[str, FrozenJson] | None"


def pointer_token(name: str | int) -> str:
    """One reference token of an RFC 6901 JSON pointer, escaped."""
    return str(name).replace("~", "~0").replace("/", "~1")


def as_list(value: JsonValue) -> list[JsonValue]:
    """`value` as a list: a list as it is, anything else as its only item. JSON-LD makes no difference."""
    return value if isinstance(value, list) else [value]

"""Reads JSON objects member by member: nothing missing, nothing of another type, nothing left over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final, TypeVar

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError
from skillcred.model.datetimes import DateTimeError, parse_instant

MAX_ITEMS: Final = 300
"""Most entries of one list of a form."""
MAX_TEXT: Final = 4000
T = TypeVar("T")


class FormError(InputError):
    """A member is missing, unknown or of the wrong form. Code `invalid_form`, with its place."""

    default_code = "invalid_form"


class Form:
    """A JSON object that is read member by member. Each method raises `FormError`; call `finish` at the end."""

    def __init__(self, value: JsonValue, pointer: str = "") -> None:
        if not isinstance(value, dict):
            raise FormError("An object is expected.", pointer=pointer)
        self._left: JsonObject = dict(value)
        self._pointer = pointer

    def text(self, name: str) -> str:
        """A text that is not empty."""
        return self._text(self._take(name), f"{self._pointer}/{name}")

    def document(self, name: str, max_characters: int) -> str:
        """A signed document as text, of which every character counts."""
        return self._text(self._take(name), f"{self._pointer}/{name}", max_characters)

    def optional_text(self, name: str) -> str | None:
        """A text, or `None` where it is absent or null."""
        return None if self._left.get(name) is None and self._drop(name) else self.text(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where it is absent."""
        return self.items(name, self._text)

    def instant(self, name: str) -> datetime:
        """An instant with an offset."""
        try:
            return parse_instant(self.text(name))
        except DateTimeError as error:
            raise FormError(
                "A date and time with an offset is expected.", pointer=f"{self._pointer}/{name}"
            ) from error

    def optional_instant(self, name: str) -> datetime | None:
        """An instant, or `None` where it is absent or null."""
        return None if self._left.get(name) is None and self._drop(name) else self.instant(name)

    def day(self, name: str) -> str:
        """A date as `2026-11-24`."""
        text = self.text(name)
        fault = FormError("A date like 2026-11-24 is expected.", pointer=f"{self._pointer}/{name}")
        try:
            written = date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise fault from error
        if written != text:
            raise fault
        return text

    def items(self, name: str, read: Callable[[JsonValue, str], T]) -> tuple[T, ...]:
        """A list, each entry read with its place; empty where it is absent."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise FormError(
                f"A list of up to {MAX_ITEMS} entries is expected.", pointer=f"{self._pointer}/{name}"
            )
        return tuple(read(item, f"{self._pointer}/{name}/{index}") for index, item in enumerate(value))

    def optional(self, name: str, read: Callable[[JsonValue, str], T]) -> T | None:
        """What `read` makes of a member, or `None` where it is absent or null."""
        value = self._left.pop(name, None)
        return None if value is None else read(value, f"{self._pointer}/{name}")

    def required(self, name: str, read: Callable[[JsonValue, str], T]) -> T:
        """What `read` makes of a member."""
        return read(self._take(name), f"{self._pointer}/{name}")

    def finish(self) -> None:
        """Refuse members that nobody asked for."""
        if self._left:
            raise FormError(
                "There is a member that is not known here.", pointer=f"{self._pointer}/{min(self._left)}"
            )

    def _take(self, name: str) -> JsonValue:
        if name not in self._left:
            raise FormError("A member is missing.", pointer=f"{self._pointer}/{name}")
        return self._left.pop(name)

    def _drop(self, name: str) -> bool:
        self._left.pop(name, None)
        return True

    @staticmethod
    def _text(value: JsonValue, pointer: str, longest: int = MAX_TEXT) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            raise FormError("A text is expected.", pointer=pointer)
        return value

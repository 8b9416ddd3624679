"""What the conformance checks share: a collector of problems, and what counts as a URL or a type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.model.outcomes import MALFORMED_VALUE_ERROR, Problem

MAX_PROBLEMS: Final = 100
"""Most problems listed for one document; a report of thousands helps nobody and costs memory."""

MAX_REMEMBERED_NAME: Final = 200
"""Longest name of a type that is remembered, in characters."""

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`]+")
_WEB_URL: Final = re.compile(r"(?i:https?)://[^/?#@]+(?:[/?#].*)?")
_USUAL_URL: Final = re.compile(
    r"(?:https?://[A-Za-z0-9.:\-]+(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%\-]*)?"
    r"|(?!https?:)[a-z][a-z0-9+.\-]*:[A-Za-z0-9._~:/?#@!$&'()*+,;=%\-]+)"
)
"""Most URLs that occur; all of them are what the two patterns above ask for, which look longer at each character."""
is_usual_url: Final = _USUAL_URL.fullmatch
"""For texts that are looked at often: whether it finds anything, or else `is_url` has to be asked."""
_TERM: Final = re.compile(r"[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`:@][^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`:]*")


class Findings:
    """The problems found so far, in the order found, at most `MAX_PROBLEMS`."""

    __slots__ = ("_places", "_problems")

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._places: set[str] = set()

    def add(self, code: str, message: str, pointer: str, problem_type: str = MALFORMED_VALUE_ERROR) -> None:
        """Note a problem at `pointer` (RFC 6901)."""
        self._places.add(pointer)
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(Problem(code, message, pointer, problem_type))

    def knows(self, pointer: str) -> bool:
        """Whether something was already found at exactly this place."""
        return pointer in self._places

    def problems(self) -> tuple[Problem, ...]:
        """Everything found."""
        return tuple(self._problems)


def is_url(value: JsonValue) -> bool:
    """Whether `value` is an absolute URL as VCDM 2.0 section "Identifiers" asks; no white space, no controls.

    An address on the web must name a host and no user (`https://good@evil` is not one; SECURITY P-16).
    """
    if not isinstance(value, str):
        return False
    if is_usual_url(value):
        return True
    if _URL.fullmatch(value) is None:
        return False
    return not value.lower().startswith(("http:", "https:")) or _WEB_URL.fullmatch(value) is not None


def is_type_name(value: JsonValue) -> bool:
    """Whether `value` can be a type: a term, or an absolute URL (VCDM 2.0 section "Types")."""
    return isinstance(value, str) and (_TERM.fullmatch(value) is not None or is_url(value))


is_short_type_name: Final = lru_cache(maxsize=1024)(is_type_name)
"""The same for names of at most `MAX_REMEMBERED_NAME` characters, which are few and come again and again."""


def has_type(node: JsonObject, name: str) -> bool:
    """Whether `name` is among the types of a node."""
    value = node.get("type")
    return name in value if isinstance(value, list) else value == name


def types_of(node: JsonObject) -> tuple[str, ...]:
    """The `type` of a node as a tuple; whatever is not a string is left out."""
    value = node.get("type")
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return ()
    names: list[Any] = value
    for name in names:
        if not isinstance(name, str):
            return tuple([item for item in names if isinstance(item, str)])
    return tuple(names)


def items_of(value: JsonValue, pointer: str) -> Sequence[tuple[JsonValue, str]]:
    """Each item of a member that may hold one value or a list of values, with its pointer."""
    if isinstance(value, list):
        return [(item, f"{pointer}/{index}") for index, item in enumerate(value)]
    return ((value, pointer),)


def is_instant(value: JsonValue) -> bool:
    """Whether `value` is a `dateTimeStamp` (VCDM 2.0 section "Validity Period"; SECURITY P-15)."""
    if not isinstance(value, str):
        return False
    try:
        parse_instant(value)
    except DateTimeError:
        return False
    return True


def walk(value: JsonValue, opaque: frozenset[str]) -> Iterator[tuple[JsonValue, str]]:
    """Every value inside `value` with its pointer, not going below members named in `opaque`.

    With a stack of its own: a document nested too deep must not end the process.
    """
    stack: list[tuple[JsonValue, str]] = [(value, "")]
    while stack:
        current, pointer = stack.pop()
        yield current, pointer
        if isinstance(current, list):
            stack.extend((item, f"{pointer}/{index}") for index, item in reversed(list(enumerate(current))))
        elif isinstance(current, dict):
            stack.extend(
                (item, f"{pointer}/{pointer_token(name)}")
                for name, item in reversed(current.items())
                if name not in opaque
            )

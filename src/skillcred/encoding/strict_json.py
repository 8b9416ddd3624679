"""The one parser for every JSON byte that comes from outside (SECURITY P-01 to P-10).

The standard parser lets the last of two equal members win, accepts NaN, Infinity, 1e999, a byte order mark,
UTF-16 and lone surrogates, and dies on deep nesting. This one refuses all of that with a stable code.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.errors import InputError, LimitError

MAX_BYTES: Final = 1024 * 1024
"""Largest JSON text accepted unless a caller sets less, in bytes (SECURITY P-06)."""
MAX_DEPTH: Final = 32
"""Deepest nesting of arrays and objects (SECURITY P-05)."""
MAX_NUMBER_CHARACTERS: Final = 128
"""Longest number literal. No exact credential value needs more; CPython refuses 4,301 digits by itself."""

_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""A string (also one that never ends, so that hostile quotes cost linear time) or a bracket."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_PAIRS = bytes.maketrans(b"[]{}", b"()()")
_NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")
_SURROGATE = re.compile("[\ud800-\udfff]")


class StrictJsonError(InputError):
    """The bytes are not JSON that we accept. Codes: `not_utf8`, `byte_order_mark`, `json_syntax`,
    `duplicate_member`, `number_out_of_range`, `lone_surrogate`, `not_an_object`."""

    default_code = "json_syntax"


class StrictJsonLimitError(LimitError):
    """The text is larger or deeper than allowed. Codes: `too_large`, `too_deep`."""

    default_code = "too_large"


def parse_json(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> JsonValue:
    """The JSON value that `data` holds.

    Raises `StrictJsonLimitError` for size and depth, `StrictJsonError` for everything else that is refused.
    """
    if len(data) > max_bytes:
        raise StrictJsonLimitError(f"The text is larger than {max_bytes} bytes.", code="too_large")
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise StrictJsonError("The text starts with a byte order mark.", code="byte_order_mark")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJsonError("The text is not UTF-8.", code="not_utf8") from error
    if data.translate(_PAIRS, _NO_BRACKETS).count(b"(") > max_depth and not _is_shallow(data, max_depth):
        _refuse_depth(data, max_depth)
    try:
        value: JsonValue
        start = 0 if text[:1] in _OPENING else len(text) - len(text.lstrip(_SPACE))
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise StrictJsonError("The text is not well-formed JSON.", code="json_syntax") from error
    if end != len(text) and text[end:].strip(_SPACE):
        raise StrictJsonError("The text is not well-formed JSON.", code="json_syntax")
    if "\\" in text and "\\u" in text:  # one character is found much more quickly than two
        _refuse_surrogates(value, "")
    return value


def parse_json_object(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> JsonObject:
    """Like `parse_json`, and refuses anything but an object at the top."""
    value = parse_json(data, max_bytes=max_bytes, max_depth=max_depth)
    if not isinstance(value, dict):
        raise StrictJsonError("A JSON object is expected.", code="not_an_object")
    return value


def _is_shallow(data: bytes, max_depth: int) -> bool:
    """Whether the brackets outside strings come in pairs, at most `max_depth` deep, as in nearly all texts: each round
    takes the innermost pairs away, without a look at each string."""
    outside = _STRING.sub(b"", data) if b"\\" in data else b"".join(data.split(b'"')[::2])
    brackets = outside.translate(_PAIRS, _NO_BRACKETS)
    for _ in range(max_depth):
        if not brackets:
            break
        brackets = brackets.replace(b"()", b"")
    return not brackets


def _refuse_depth(data: bytes, max_depth: int) -> None:
    """Raises `StrictJsonLimitError` if brackets are nested deeper than `max_depth`."""
    depth = 0
    for match in _STRUCTURE.finditer(data):
        first = match.group()[0]
        if first in b"[{":
            depth += 1
            if depth > max_depth:
                raise StrictJsonLimitError(f"The text is nested deeper than {max_depth}.", code="too_deep")
        elif first in b"]}":
            depth -= 1


def _object(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise StrictJsonError(
                    "A member occurs twice in one object.",
                    code="duplicate_member",
                    pointer="/" + pointer_token(name),
                )
            seen.add(name)
    return result


def _number(literal: str) -> None:
    if len(literal) > MAX_NUMBER_CHARACTERS:
        raise StrictJsonError("A number is longer than is accepted.", code="number_out_of_range")


def _float(literal: str) -> float:
    _number(literal)
    value = float(literal)
    if not math.isfinite(value):
        raise StrictJsonError("A number is too large.", code="number_out_of_range")
    return value


def _int(literal: str) -> int:
    _number(literal)
    return int(literal)


def _constant(literal: str) -> JsonValue:
    raise StrictJsonError(f"{literal} is not JSON.", code="number_out_of_range")


def _refuse_surrogates(value: JsonValue, pointer: str) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise StrictJsonError(
                "A string holds half of a character.", code="lone_surrogate", pointer=pointer
            )
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_surrogates(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_surrogates(name, pointer)
            _refuse_surrogates(item, f"{pointer}/{pointer_token(name)}")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant, strict=True
)
_OPENING: Final = ("{", "[")
_SPACE: Final = " \t\n\r"

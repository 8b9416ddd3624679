"""Writing the JSON that gets signed: UTF-8 without white space, members in the order in which they stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from json import encoder as library
from typing import Any, Final

from skillcred.encoding.json_types import JsonValue

_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
)


def _make_writer() -> Callable[[Any, int], Iterable[str]]:
    """What gives the parts of the text of a value. `json` makes a new one for each text, which takes half as long as
    writing a small text does; where it has none in C, its own way is taken."""
    make = getattr(library, "c_make_encoder", None)
    if make is None:
        return lambda value, _: _ENCODER.iterencode(value)
    quote, separators = library.encode_basestring, (_ENCODER.key_separator, _ENCODER.item_separator)
    writer: Callable[[Any, int], Iterable[str]] = make(
        None, _ENCODER.default, quote, None, *separators, False, False, False
    )
    return writer


_write: Final = _make_writer()


def encode_json(value: JsonValue) -> bytes:
    """The JSON text of `value`. Raises `ValueError` for NaN, infinity and half characters, `TypeError` for what is not
    JSON at all, and `RecursionError` for what is nested too deep or in itself."""
    return "".join(_write(value, 0)).encode("utf-8")

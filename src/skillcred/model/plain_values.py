"""One look at all values of a document, for the checks that would each have to look at all of them."""

from __future__ import annotations

import re
from typing import Any, Final

from skillcred.encoding.json_types import JsonObject

MAX_EXACT_INTEGER: Final = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly (RFC 8259 section 6; SECURITY P-04, L-18)."""
MAX_PLAIN_DEPTH: Final = 64
"""Deepest nesting of plain values, twice what the parser lets through."""
HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")


def find_objects(document: JsonObject) -> list[JsonObject] | None:
    """All objects of `document`, itself among them, if all that it holds is plain, as nearly always: no null, nothing
    empty, of numbers only exact integers, no half of a character, no more than `MAX_PLAIN_DEPTH` levels. `None` else;
    then whoever minds one of these has to look for it. It keeps no pointers, so it is quick."""
    objects: list[JsonObject] = []
    names: list[str] = []
    level: list[Any] = [document]
    for _ in range(MAX_PLAIN_DEPTH + 1):
        below: list[Any] = []
        for value in level:
            kind = value.__class__
            if kind is str:
                if not value.isascii() and HALF_CHARACTER.search(value):
                    return None
            elif kind is dict and value:
                objects.append(value)
                names += value
                below += value.values()
            elif kind is list and value:
                below += value
            elif kind is not bool and (kind is not int or abs(value) > MAX_EXACT_INTEGER):
                return None
        if not below:
            named = "".join(names)
            return objects if named.isascii() or not HALF_CHARACTER.search(named) else None
        level = below
    return None

"""Selecting a part of a JSON-LD document by JSON pointers (ECDSA Cryptosuites 1.0, sections 3.4.10 to 3.4.13).

The specification fills a second document while it follows each pointer. Here all pointers are gathered into one
tree first and the document is copied once along it; the outcome is the same, but for the order of members, which
is that of the document.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.securing.mechanism import SecuringError

MAX_POINTERS: Final = 1_000
"""Most JSON pointers of one selection; a credential has fewer members that one could want to tell apart."""
MAX_POINTER_CHARACTERS: Final = 2_000
"""Longest JSON pointer; documents are at most 32 deep, and the names of members are short."""

_INDEX: Final = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")
_BAD_ESCAPE: Final = re.compile(r"~(?![01])")
_ALWAYS: Final = ("@context", "id", "type")
"""In every selection, and always whole: a part of the `@context` would change what all the rest means."""


class SelectionError(SecuringError):
    """What is to be selected cannot be. Codes: `invalid_pointer` (not RFC 6901), `too_many_pointers`,
    `pointer_not_found`, `nothing_selected`, `pointer_splits_statement` (only a part of what was signed as one),
    `not_selectable` (the document holds something of which no part can be shown alone)."""

    default_code = "invalid_pointer"


def parse_pointers(value: object) -> tuple[str, ...]:
    """The JSON pointers that `value`, a JSON array of texts, holds. Raises `SelectionError`."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise SelectionError("A list of JSON pointers is expected.")
    if len(value) > MAX_POINTERS:
        raise SelectionError(f"There are more than {MAX_POINTERS} JSON pointers.", code="too_many_pointers")
    for pointer in value:
        if not isinstance(pointer, str):
            raise SelectionError("A JSON pointer is a text.")
        parse_pointer(pointer)
    return tuple(value)


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """The reference tokens of `pointer` (RFC 6901 section 3). Raises `SelectionError`."""
    if len(pointer) > MAX_POINTER_CHARACTERS:
        raise SelectionError("A JSON pointer is too long.")
    if not pointer:
        return ()
    if not pointer.startswith("/") or _BAD_ESCAPE.search(pointer):
        raise SelectionError("A text is not a JSON pointer (RFC 6901).")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def select_json_ld(document: JsonObject, pointers: Iterable[str]) -> JsonObject | None:
    """The part of `document` that `pointers` select, or `None` for no pointer at all (section 3.4.13).

    Along the way to what is selected, `id` and `type` of every object come with it, and so does the `@context`.
    The document itself is not changed and shares nothing with the selection. Raises `SelectionError`.
    """
    tree = _Tree()
    for pointer in pointers:
        tree.add(parse_pointer(pointer))
    if not (tree.whole or tree.children):
        return None
    selected = _select(document, tree, "")
    if not isinstance(selected, dict):
        raise SelectionError("Only a part of a JSON object can be selected.")
    return selected


class _Tree:
    """The reference tokens that several pointers lead through. `whole`: a pointer ends here."""

    __slots__ = ("children", "whole")

    def __init__(self) -> None:
        self.children: dict[str, _Tree] = {}
        self.whole = False

    def add(self, tokens: tuple[str, ...]) -> None:
        place = self
        for token in tokens:
            place = place.children.setdefault(token, _Tree())
        place.whole = True


def _select(value: JsonValue, tree: _Tree, pointer: str) -> JsonValue:
    if isinstance(value, dict):
        for token in tree.children:
            if token not in value:
                raise _not_found(f"{pointer}/{pointer_token(token)}")
        chosen = {name: tree.children.get(name) for name in value}
        selected: JsonObject = {}
        for name, member in chosen.items():
            if member is not None:
                part = _select(value[name], member, f"{pointer}/{pointer_token(name)}")
                selected[name] = copy.deepcopy(value[name]) if tree.whole or name in _ALWAYS else part
            elif tree.whole or name in _ALWAYS:
                selected[name] = copy.deepcopy(value[name])
        return selected
    if isinstance(value, list):
        parts: dict[int, JsonValue] = {}
        for token, child in tree.children.items():
            place = f"{pointer}/{pointer_token(token)}"
            if not _INDEX.match(token) or int(token) >= len(value):
                raise _not_found(place)
            parts[int(token)] = _select(value[int(token)], child, place)
        return copy.deepcopy(value) if tree.whole else [parts[index] for index in sorted(parts)]
    if tree.children:
        raise _not_found(f"{pointer}/{pointer_token(next(iter(tree.children)))}")
    return value


def _not_found(pointer: str) -> SelectionError:
    return SelectionError(
        "A JSON pointer leads to nothing in the document.", code="pointer_not_found", pointer=pointer
    )

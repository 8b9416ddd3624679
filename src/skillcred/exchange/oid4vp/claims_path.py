"""Claims path pointers into JSON-based credentials (OID4VP 1.0 section 7.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue

MAX_PATH_COMPONENTS: Final = 32
"""Longest path: as deep as JSON is read."""
PathComponent = str | int | None
ClaimsPath = tuple[PathComponent, ...]
"""A name, an index from 0, or `None` for all elements of an array."""


@dataclass(frozen=True, slots=True)
class SelectedClaim:
    """One element that a path selects: where exactly it is, and its value."""

    place: tuple[str | int, ...]
    value: JsonValue


def is_claims_path(value: object) -> bool:
    """Whether `value`, from JSON, is a non-empty array of texts, nulls and non-negative integers."""
    return (
        isinstance(value, list)
        and 0 < len(value) <= MAX_PATH_COMPONENTS
        and all(
            component is None or isinstance(component, str) or _is_index(component) for component in value
        )
    )


def select_claims(path: ClaimsPath, credential: JsonObject) -> tuple[SelectedClaim, ...]:
    """The elements of `credential` that `path` selects, in order; none where processing ends in an error."""
    selected = [SelectedClaim((), credential)]
    for component in path:
        following: list[SelectedClaim] = []
        for claim in selected:
            found = _step(claim, component)
            if found is None:
                return ()
            following += found
        selected = following
    return tuple(selected)


def _step(claim: SelectedClaim, component: PathComponent) -> list[SelectedClaim] | None:
    """What one component selects in one element; `None` for an element of the wrong kind, which ends the processing."""
    value = claim.value
    if isinstance(component, str):
        if not isinstance(value, dict):
            return None
        return [SelectedClaim((*claim.place, component), value[component])] if component in value else []
    if not isinstance(value, list):
        return None
    if component is None:
        return [SelectedClaim((*claim.place, index), item) for index, item in enumerate(value)]
    return [SelectedClaim((*claim.place, component), value[component])] if component < len(value) else []


def keep_claims(credential: JsonObject, places: Iterable[tuple[str | int, ...]]) -> JsonObject:
    """A copy of `credential` with what stands at `places` and nothing else. Of an array the elements that are kept
    move together."""
    tree: dict[str | int, object] = {}
    for place in places:
        _plant(tree, place)
    kept = _prune(credential, tree)
    return kept if isinstance(kept, dict) else {}


_WHOLE: Final = object()


def _plant(tree: dict[str | int, object], place: tuple[str | int, ...]) -> None:
    node = tree
    for component in place[:-1]:
        inner = node.setdefault(component, {})
        if not isinstance(inner, dict):
            return  # all of it is kept already
        node = inner
    if place:
        node[place[-1]] = _WHOLE


def _prune(value: JsonValue, node: object) -> JsonValue:
    if not isinstance(node, dict):
        return value
    if isinstance(value, dict):
        return {name: _prune(item, node[name]) for name, item in value.items() if name in node}
    if isinstance(value, list):
        return [_prune(item, node[index]) for index, item in enumerate(value) if index in node]
    return value


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0

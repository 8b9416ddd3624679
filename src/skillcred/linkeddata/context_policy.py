"""Which `@context` a document may have (SECURITY L-06 to L-09, L-12)."""

from __future__ import annotations

from typing import Any

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.linkeddata.context_store import BUNDLED_CONTEXTS, ContextList, ContextStore
from skillcred.linkeddata.embedded_contexts import separate_contexts
from skillcred.linkeddata.errors import LinkedDataError


def check_context_list(document: JsonObject, *, contexts: ContextStore = BUNDLED_CONTEXTS) -> None:
    """Raises `LinkedDataError` unless `@context` is an array of URLs in one of the allowed orders.

    Codes: `context_not_allowed`, and `nested_context` for an `@context` anywhere below the top but in the two places
    that `embedded_contexts` names. A document
    secured by a JCS suite is checked too: its signature covers the list but says nothing of what it means.
    Data Integrity 1.0 section 2.4.1 leaves the choice of contexts to the application; this is ours.
    """
    context_list(document, contexts)
    if not any(has_context(value) for name, value in document.items() if name != "@context"):
        return
    for name, value in separate_contexts(document, contexts).bare.items():
        if name != "@context":
            _refuse_nested(value, f"/{pointer_token(name)}")


def context_list(document: JsonObject, contexts: ContextStore) -> ContextList:
    """The `@context` of `document` as a tuple, if it is allowed."""
    value = document.get("@context")
    if isinstance(value, list):
        known: tuple[Any, ...] = tuple(value)
        try:
            is_allowed = known in contexts.allowed_lists  # of texts, which nothing but a text is equal to
        except TypeError:  # an object or array is among them
            is_allowed = False
        if is_allowed:
            return known
    else:
        raise LinkedDataError(
            "@context must be an array of context URLs.", code="context_not_allowed", pointer="/@context"
        )
    for index, entry in enumerate(value):
        if not isinstance(entry, str) or entry not in contexts.contents:
            raise LinkedDataError(
                "@context names something that is not one of the known contexts.",
                code="context_not_allowed",
                pointer=f"/@context/{index}",
            )
    urls = tuple(str(entry) for entry in value)
    if urls not in contexts.allowed_lists:
        raise LinkedDataError(
            "These contexts are not accepted together in this order.",
            code="context_not_allowed",
            pointer="/@context",
        )
    return urls


def has_context(root: JsonValue) -> bool:
    """Whether there is an `@context` anywhere in `root`; quicker than `_refuse_nested`, which says where."""
    pending: list[JsonValue] = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if "@context" in value:
                return True
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return False


def _refuse_nested(root: JsonValue, root_pointer: str) -> None:
    pending = [(root, root_pointer)]
    while pending:
        value, pointer = pending.pop()
        if isinstance(value, dict):
            if "@context" in value:
                raise LinkedDataError(
                    "A context inside the document could change what is signed.",
                    code="nested_context",
                    pointer=f"{pointer}/@context",
                )
            pending += [(item, f"{pointer}/{pointer_token(name)}") for name, item in value.items()]
        elif isinstance(value, list):
            pending += [(item, f"{pointer}/{index}") for index, item in enumerate(value)]

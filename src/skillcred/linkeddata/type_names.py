"""What the types of a document are called once its contexts are applied."""

from __future__ import annotations

from functools import lru_cache

from skillcred.encoding.json_types import JsonObject
from skillcred.linkeddata.context_policy import context_list
from skillcred.linkeddata.context_store import BUNDLED_CONTEXTS, ContextList, ContextStore
from skillcred.linkeddata.expansion import expand_document


def expand_types(document: JsonObject, *, contexts: ContextStore = BUNDLED_CONTEXTS) -> frozenset[str]:
    """The types of `document` as IRIs, by JSON-LD 1.1 expansion. One that no context defines stays as it is.

    Raises `LinkedDataError` for contexts that are not allowed, and for types that are not text.
    """
    value = document.get("type")
    names = tuple(name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str))
    return _expand(names, context_list(document, contexts), contexts)


@lru_cache(maxsize=256)
def _expand(names: tuple[str, ...], urls: ContextList, contexts: ContextStore) -> frozenset[str]:
    if not names:
        return frozenset()
    return frozenset(expand_document({"type": list(names)}, urls, contexts).get("@type", ()))

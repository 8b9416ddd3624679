"""JSON-LD 1.1 expansion by PyLD, cut off from the network and from its own global caches.

PyLD's caches are not made for several threads and are keyed by URL alone, so each thread keeps one resolver
for each context store (SECURITY L-21)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from skillcred.encoding.json_types import JsonObject
from skillcred.linkeddata.context_store import ContextStore
from skillcred.linkeddata.errors import LinkedDataError
from skillcred.linkeddata.guards import LocatedText

ExpandedNode = dict[str, Any]


def expand_document(document: JsonObject, urls: tuple[str, ...], contexts: ContextStore) -> ExpandedNode:
    """The one node that `document` expands to under the contexts `urls`, with no base IRI.

    Raises `LinkedDataError`: `undefined_term` at the first member that the contexts do not define,
    `json_ld_error` for what JSON-LD itself refuses, `data_loss` if nothing or several nodes come out.
    """
    options = {
        "base": None,
        "processingMode": "json-ld-1.1",
        "documentLoader": _refuse_loading,
        "contextResolver": _resolver(contexts),
    }
    try:
        expanded = jsonld.expand(
            {"@context": list(urls), **document}, options, on_property_dropped=_refuse_term
        )
    except jsonld.JsonLdError as error:
        raise LinkedDataError("The document is not valid JSON-LD.", code="json_ld_error") from error
    if len(expanded) != 1 or not isinstance(expanded[0], dict):
        raise LinkedDataError("The document does not state anything about one thing.", pointer="")
    node: ExpandedNode = expanded[0]
    return node


def _refuse_term(name: object) -> None:
    pointer = name.pointer if isinstance(name, LocatedText) else None
    raise LinkedDataError(
        "A member is not defined by the contexts, so it would not be signed.",
        code="undefined_term",
        pointer=pointer,
    )


def _refuse_loading(*_: object) -> dict[str, Any]:
    raise LinkedDataError("Contexts are never fetched.", code="context_not_allowed", pointer="/@context")


def _loader(contexts: ContextStore) -> Callable[[str, object], dict[str, Any]]:
    def load(url: str, _: object) -> dict[str, Any]:
        if url not in contexts.contents:
            return _refuse_loading()
        return {"contextUrl": None, "documentUrl": url, "document": contexts.document(url), "tag": "static"}

    return load


class _Resolvers(threading.local):
    def __init__(self) -> None:
        self.by_store: WeakKeyDictionary[ContextStore, ContextResolver] = WeakKeyDictionary()


_RESOLVERS: Final = _Resolvers()


def _resolver(contexts: ContextStore) -> ContextResolver:
    resolver = _RESOLVERS.by_store.get(contexts)
    if resolver is None:
        resolver = _RESOLVERS.by_store[contexts] = ContextResolver({}, _loader(contexts))
    return resolver

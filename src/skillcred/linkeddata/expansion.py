"""JSON-LD 1.1 expansion by PyLD, cut off from the network and from its own global caches.

PyLD's caches are not made for several threads and are keyed by URL alone, so a processor belongs to one context store
and expands one document at a time; idle ones wait in a pool (SECURITY L-21). PyLD also builds the context of a type
anew for every object of that type; ours remembers it, which makes large credentials about four times as fast.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final
from weakref import WeakKeyDictionary

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from skillcred.encoding.json_types import JsonObject
from skillcred.linkeddata.context_store import ContextList, ContextStore
from skillcred.linkeddata.errors import LinkedDataError, LinkedDataLimitError
from skillcred.linkeddata.guards import LocatedText

MAX_SCOPED_CONTEXTS: Final = 250
"""Most scoped contexts that one document may make the processor build, about 0.5 ms each; hostile nesting and
hostile combinations of types can ask for one with every object. A credential needs about 20. Those that are
remembered count too, so that a document is refused or not whatever came before it."""
MAX_REMEMBERED_CONTEXTS: Final = 300
"""Most scoped contexts that one processor remembers."""

ExpandedNode = dict[str, Any]
_ContextKey = tuple[int, int, bool, bool]


def expand_document(document: JsonObject, urls: ContextList, contexts: ContextStore) -> ExpandedNode:
    """The one node that `document` expands to under the contexts `urls`, with no base IRI.

    Raises `LinkedDataError`: `undefined_term` at the first member that the contexts do not define,
    `json_ld_error` for what JSON-LD itself refuses, `data_loss` if nothing or several nodes come out.
    Raises `LinkedDataLimitError` (`too_many_contexts`) for combinations of types that no credential has.
    """
    idle = _IDLE.setdefault(contexts, deque())
    try:
        processor = idle.pop()
    except IndexError:
        processor = _Processor(contexts)
    try:
        expanded = processor.expand_next({"@context": list(urls), **document})
    except jsonld.JsonLdError as error:
        raise LinkedDataError("The document is not valid JSON-LD.", code="json_ld_error") from error
    finally:
        idle.append(processor)
    if len(expanded) != 1 or not isinstance(expanded[0], dict):
        raise LinkedDataError("The document does not state anything about one thing.", pointer="")
    node: ExpandedNode = expanded[0]
    return node


def processor_options(contexts: ContextStore) -> dict[str, Any]:
    """The options of a PyLD processor that knows the contexts of `contexts`, has no base IRI and loads nothing."""
    documents = {url: contexts.document(url) for url in contexts.urls()}

    def load(url: str, _: object) -> dict[str, Any]:
        if url not in documents:
            _refuse_loading()
        return {"contextUrl": None, "documentUrl": url, "document": documents[url], "tag": "static"}

    return {
        "base": None,
        "processingMode": "json-ld-1.1",
        "documentLoader": load,
        "contextResolver": ContextResolver({}, load),
    }


class _Processor(jsonld.JsonLdProcessor):  # type: ignore[misc]  # PyLD has no types
    """A PyLD processor for one context store."""

    def __init__(self, contexts: ContextStore) -> None:
        super().__init__(on_property_dropped=_refuse_term)
        self._options: Final = processor_options(contexts)
        self._used: set[_ContextKey] = set()
        self._remembered: dict[_ContextKey, tuple[Any, Any, Any]] = {}

    def expand_next(self, document: JsonObject) -> Any:
        """The expanded form of `document`. Only between documents is anything forgotten."""
        self._used.clear()
        if len(self._remembered) > MAX_REMEMBERED_CONTEXTS:
            self._remembered.clear()
        return self.expand(document, self._options)

    def _process_context(
        self,
        active_ctx: Any,
        local_ctx: Any,
        options: Any,
        override_protected: bool = False,
        propagate: bool = True,
        **further: Any,
    ) -> Any:
        """The outcome is the same for the same two objects; both are kept so that no other can take their
        place."""
        if further or not isinstance(local_ctx, dict):
            return super()._process_context(
                active_ctx, local_ctx, options, override_protected, propagate, **further
            )
        key = (id(active_ctx), id(local_ctx), override_protected, propagate)
        self._used.add(key)
        if len(self._used) > MAX_SCOPED_CONTEXTS:
            raise LinkedDataLimitError(
                "The document combines more types than are accepted.", code="too_many_contexts"
            )
        known = self._remembered.get(key)
        if known is None:
            processed = super()._process_context(
                active_ctx, local_ctx, options, override_protected, propagate
            )
            known = self._remembered[key] = (active_ctx, local_ctx, processed)
        return known[2]


_IDLE: Final[WeakKeyDictionary[ContextStore, deque[_Processor]]] = WeakKeyDictionary()
"""Processors that wait for the next document; `append` and `pop` of a deque are safe between threads."""


def _refuse_term(name: object) -> None:
    raise LinkedDataError(
        "A member is not defined by the contexts, so it would not be signed.",
        code="undefined_term",
        pointer=name.pointer if isinstance(name, LocatedText) else None,
    )


def _refuse_loading() -> None:
    raise LinkedDataError("Contexts are never fetched.", code="context_not_allowed", pointer="/@context")

"""Allowed lists of contexts, compiled once into term tables (see `compiled_terms`).

Scoped contexts are worked out when a document first needs them and remembered; the memory is bounded, and so is
what one document may make us work out. Tables are only ever added to, under a lock, so readers need none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from threading import Lock
from typing import Any, Final

from pyld import jsonld

from skillcred.errors import InputError
from skillcred.linkeddata.compiled_shapes import ShapeMemory
from skillcred.linkeddata.compiled_terms import ActiveContext, Step, Table, build_table
from skillcred.linkeddata.context_features import iterate_scopes
from skillcred.linkeddata.context_store import ContextList, ContextStore
from skillcred.linkeddata.expansion import processor_options
from skillcred.linkeddata.iris import is_absolute_iri

MAX_PROCESSED: Final = 200
"""Most scoped contexts that are worked out for one list; then all are forgotten. The general road refuses a
document that needs more than 250, so no document that the fast road takes is refused there."""
MAX_STEPS: Final = 2_000
"""Most combinations of types that are remembered for one list."""
QUICK_SCHEMES: Final = frozenset({"did", "http", "https", "urn"})
"""Schemes that no context may use as a prefix, so that most IRIs need no look at prefixes."""

_ESCAPED: Final = "%[0-9A-Fa-f]{2}"
"""As before the port in a did:web."""
_PATH: Final = rf"(?:[A-Za-z0-9._~@:/\-]++|{_ESCAPED})*+"
_FURTHER: Final = rf"(?:[A-Za-z0-9._~@:/=&\-]++|{_ESCAPED})*+"
_IRI: Final = (
    r"(?:https?://[A-Za-z0-9.\-]++(?::[0-9]++)?+(?=[/?#\n])"
    r"|(?:did|urn):[a-z0-9]++:(?=[A-Za-z0-9]))"
    rf"{_PATH}(?:\?{_FURTHER})?(?:#{_FURTHER})?\n"
)
_QUICK_IRI: Final = re.compile(rf"{_IRI}\Z")
_QUICK_IRIS: Final = re.compile(rf"(?:{_IRI})*+\Z")
"""Most IRIs that occur, each with a line feed after it. Each of them is one by RFC 3987, none is in a scheme that could
be a prefix."""
_MAX_QUICK_IRI: Final = 2_000


class UnsupportedError(InputError):
    """The fast road does not take this document: it is faulty, or unusual. The general road tells which."""

    default_code = "unsupported"

    def __init__(self) -> None:
        super().__init__("The fast road does not take this document.")


class CompiledList:
    """The tables of one ordered list of contexts. Raises `UnsupportedError` for a list that has to go the general
    road."""

    def __init__(self, contexts: ContextStore, urls: ContextList) -> None:
        self.term_iris: Final = contexts.vocabulary(urls).term_iris
        self.names: Final = frozenset(
            name
            for url in urls
            for scope in iterate_scopes(contexts.document(url).get("@context"))
            for name in scope
        )
        """Every term of these contexts, in whatever scope: what could be a prefix."""
        if self.names & QUICK_SCHEMES:
            raise UnsupportedError
        self.shapes: Final = ShapeMemory()
        self._vocabulary: Final = contexts.vocabulary(urls)
        self._processor: Final = jsonld.JsonLdProcessor()
        self._options: Final = processor_options(contexts)
        self._lock: Final = Lock()
        self._tables: dict[int, Table] = {}
        self._processed = 0
        self._steps = 0
        self.is_full = False
        """Whether nothing further can be remembered."""
        initial = self._processor._get_initial_context(self._options)
        self.root: Final = self._table(self._process(initial, list(urls)))

    def is_iri(self, iri: str) -> bool:
        """Whether `iri` is an absolute IRI, not abbreviated, for which there is no term."""
        if iri in self.term_iris:
            return False
        if len(iri) < _MAX_QUICK_IRI and _QUICK_IRI.match(f"{iri}\n") is not None:
            return True
        return is_absolute_iri(iri) and iri.partition(":")[0] not in self.names

    def are_iris(self, values: Sequence[Any]) -> bool:
        """Whether all values are texts and what `is_iri` asks for."""
        try:
            lines = "\n".join(values)
        except TypeError:
            return False
        if len(lines) < _MAX_QUICK_IRI and _QUICK_IRIS.match(f"{lines}\n") is not None:
            return lines.count("\n") == len(values) - 1 and self.term_iris.isdisjoint(values)
        return all(map(self.is_iri, values))

    def step(self, table: Table, types: str | tuple[str, ...]) -> Step:
        """What `types` (terms only) lead to from `table`. Raises `UnsupportedError`."""
        with self._lock:
            known = table.steps.get(types)
            if known is not None:
                return known
            names = (types,) if isinstance(types, str) else types
            if not table.has_type or self.is_full or not table.type_lines.keys() >= set(names):
                raise UnsupportedError
            active = table.active
            for name in sorted(names):
                local = table.active["mappings"][name].get("@context")
                if local is not None and local is not False:
                    active = self._process(active, local, propagate=False)
            reached = self._table(active)
            if not reached.has_type:
                raise UnsupportedError
            self._steps += 1
            self.is_full = self.is_full or self._steps >= MAX_STEPS
            step = table.steps[types] = (reached, tuple(table.type_lines[name] for name in names))
            return step

    def scope(self, table: Table, name: str) -> tuple[Table, Table]:
        """The tables for texts and for objects under the term `name`, which has a context of its own. Raises
        `UnsupportedError`."""
        with self._lock:
            known = table.scopes.get(name)
            if known is not None:
                return known
            if self.is_full:
                raise UnsupportedError
            local = table.active["mappings"][name]["@context"]
            text = self._process(table.active, local, override_protected=True)
            reverted = text.get("previousContext", text)
            nodes = self._process(reverted, local, override_protected=True)
            pair = table.scopes[name] = (self._table(text), self._table(nodes))
            return pair

    def _process(self, active: ActiveContext, local: Any, **how: bool) -> ActiveContext:
        self._processed += 1
        self.is_full = self.is_full or self._processed >= MAX_PROCESSED
        try:
            processed: ActiveContext = self._processor._process_context(active, local, self._options, **how)
        except jsonld.JsonLdError as error:
            raise UnsupportedError from error
        return processed

    def _table(self, active: ActiveContext) -> Table:
        """The table of `active` and of what it goes back to in objects; known by identity, as PyLD does it."""
        known = self._tables.get(id(active))
        if known is not None:
            return known
        if "@vocab" in active or "@language" in active:
            raise UnsupportedError
        table = build_table(active, self._vocabulary)
        previous = active.get("previousContext")
        if previous is not None:
            table.plain = self._table(previous)
        self._tables[id(active)] = table
        return table


def compiled_list(contexts: ContextStore, urls: ContextList) -> CompiledList:
    """The compiled form of the allowed list `urls`, made on first use and made anew when it is full. Raises
    `UnsupportedError`."""
    known: CompiledList | None = contexts.compiled.get(urls)
    if known is not None and not known.is_full:
        return known
    with _LOCK:
        known = contexts.compiled.get(urls)
        if known is None or known.is_full:
            known = contexts.compiled[urls] = CompiledList(contexts, urls)
        return known


_LOCK: Final = Lock()

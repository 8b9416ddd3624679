"""What a term of a context does to its values, worked out once so that a document can be walked with look-ups.

A table is made from an active context of the JSON-LD processor that the general road uses, so that both
roads mean the same by protected, scoped and nullified terms. What the walk cannot take is left out of the table:
a document that uses it is declined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, NamedTuple

from skillcred.linkeddata.context_store import Vocabulary
from skillcred.linkeddata.iris import is_absolute_iri
from skillcred.linkeddata.nquads import RDF, RDF_TYPE, XSD
from skillcred.linkeddata.to_rdf import NUMERIC_TYPES, XML_SCHEMA

ActiveContext = dict[str, Any]
"""An active context as PyLD represents it."""
_CONTAINERS: Final[tuple[frozenset[str], ...]] = (frozenset(), frozenset({"@set"}))
_LANGUAGE_CONTAINERS: Final = (frozenset({"@language"}), frozenset({"@language", "@set"}))


class Kind(IntEnum):
    """What becomes of the values of a term. The order matters: up to TYPED, any text is a good value."""

    PLAIN = 0
    """Text, integers and booleans in their own datatypes; language-tagged text."""
    TYPED = 1
    """Text in a datatype that is neither numeric nor boolean."""
    IRI = 2
    """Text is an IRI (`@type: @id`)."""
    SKIPPED = 3
    """`id` and `type`, which are read before the other members."""
    NUMBER = 4
    """A numeric datatype: integers, and text that is no integer."""
    BOOLEAN = 5
    """xsd:boolean: booleans, and text that is neither true nor false."""
    VOCABULARY = 6
    """Text is a term or an IRI (`@type: @vocab`)."""
    LANGUAGE = 7
    """A language map."""
    JSON = 8
    """A JSON literal."""
    LIST = 9
    """An ordered list; `inner` says what its items are."""


class Term(NamedTuple):
    """One term. `head`, value and `tail` make up all of a line after its subject; `part` is the predicate."""

    kind: int
    head: str
    tail: str
    part: str
    scoped: str
    """The name of the term if it has a context of its own, else empty."""
    inner: TermParts | None = None


TermParts = tuple[int, str, str, str, str, "TermParts | None"]
"""A `Term` as a plain tuple, which Python takes apart three times as fast as a named one."""
Step = tuple["Table", tuple[str, ...]]
"""What the types of an object lead to: the table for its members, and the ends of its type lines."""


@dataclass(slots=True, eq=False)
class Table:
    """The terms of one active context. `terms`, `plain` and `types_of_terms` never change; `steps` and `scopes`
    remember what has been worked out from this table, and only `CompiledList` adds to them."""

    active: ActiveContext = field(repr=False)
    terms: Mapping[str, TermParts] = field(repr=False)
    type_lines: Mapping[str, str] = field(repr=False)
    """Term → end of the line that says that something has it as its type."""
    iris: Mapping[str, str] = field(repr=False)
    """Term → IRI, for values that may be terms."""
    has_id: bool
    has_type: bool
    plain: Table | None = field(default=None, repr=False)
    """The table in which objects start that are values here; None: this one."""
    steps: dict[str | tuple[str, ...], Step] = field(default_factory=dict, repr=False)
    scopes: dict[str, tuple[Table, Table]] = field(default_factory=dict, repr=False)
    """Term with a context of its own → table for text values, table for objects."""


def build_table(active: ActiveContext, vocabulary: Vocabulary) -> Table:
    """The table of the active context `active`. Terms that the walk does not support are not in it."""
    terms: dict[str, TermParts] = {}
    iris: dict[str, str] = {}
    for name, mapping in active["mappings"].items():
        if mapping is None or mapping.get("reverse") or not _is_name(name):
            continue
        iri = mapping.get("@id")
        if not isinstance(iri, str) or not is_absolute_iri(iri):
            continue
        iris[name] = str(iri)
        if name not in ("id", "type"):
            term = _build_term(name, str(iri), mapping, vocabulary)
            if term is not None:
                terms[name] = _parts(term)
    skipped = _parts(Term(int(Kind.SKIPPED), "", "", "", ""))
    has_id, has_type = (_is_alias(active, name) for name in ("id", "type"))
    if has_id:
        terms["id"] = skipped
    if has_type:
        terms["type"] = skipped
    type_lines = {name: f" {RDF_TYPE} <{iri}> .\n" for name, iri in iris.items()}
    return Table(active, terms, type_lines, iris, has_id, has_type)


def _build_term(name: str, iri: str, mapping: dict[str, Any], vocabulary: Vocabulary) -> Term | None:
    if "@nest" in mapping or "@index" in mapping or mapping.get("@language") or mapping.get("@direction"):
        return None
    part = f" <{iri}> "
    local = mapping.get("@context")
    if local is not None and (not isinstance(local, dict) or name in local):
        return None  # the scoped context could clear the term or say something else of it
    scoped = name if local is not None else ""
    container = frozenset(_listed(mapping.get("@container")))
    coercion = mapping.get("@type")
    is_map, is_json = name in vocabulary.language_terms, name in vocabulary.json_terms
    if container in _LANGUAGE_CONTAINERS and is_map and coercion is None:
        return Term(int(Kind.LANGUAGE), f'{part}"', " .\n", part, scoped)
    if is_map or "@language" in container:
        return None
    if coercion == "@json" or is_json:
        if is_json and coercion == "@json" and container in _CONTAINERS:
            return Term(int(Kind.JSON), f'{part}"', f'"^^<{RDF}JSON> .\n', part, scoped)
        return None
    if container in _CONTAINERS:
        return _coerced(part, coercion, scoped)
    if container == frozenset({"@list"}):
        inner = _coerced(f" <{RDF}first> ", coercion, scoped)
        return Term(int(Kind.LIST), "", "", part, scoped, _parts(inner)) if inner is not None else None
    return None


def _coerced(part: str, coercion: object, scoped: str) -> Term | None:
    if coercion in (None, "@none"):
        return Term(int(Kind.PLAIN), f'{part}"', '" .\n', part, scoped)
    if coercion == "@id":
        return Term(int(Kind.IRI), f"{part}<", "> .\n", part, scoped)
    if coercion == "@vocab":
        return Term(int(Kind.VOCABULARY), f"{part}<", "> .\n", part, scoped)
    if not isinstance(coercion, str) or not is_absolute_iri(coercion):
        return None
    match = XML_SCHEMA.match(coercion)
    name = match.group(1) if match else ""
    if name == "double":
        return None
    kind = Kind.NUMBER if name in NUMERIC_TYPES else Kind.BOOLEAN if name == "boolean" else Kind.TYPED
    tail = '" .\n' if coercion == f"{XSD}string" else f'"^^<{coercion}> .\n'
    return Term(int(kind), f'{part}"', tail, part, scoped)


def _parts(term: Term) -> TermParts:
    kind, head, tail, part, scoped, inner = term
    return (kind, head, tail, part, scoped, inner)


def _is_name(name: str) -> bool:
    return bool(name) and ":" not in name and not name.startswith("@") and name.isprintable()


def _is_alias(active: ActiveContext, name: str) -> bool:
    mapping = active["mappings"].get(name)
    return mapping is not None and mapping.get("@id") == f"@{name}"


def _listed(value: object) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]

"""One walk over a document, straight to the lines of its RDF form.

The walk accepts a document only if the general road accepts it and gives it the same form; everything it finds
faulty or does not know it declines. It therefore states no reasons, and none of its checks may be weaker than the
one of `guards`, `expansion` and `to_rdf` that it stands for. Lines are kept without their subject, as
` <predicate> object .` with a line feed, since the labels of blank nodes come last.
"""

from __future__ import annotations

import json
from typing import Any, Final

from skillcred.encoding.jcs import JcsError, encode_jcs
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.language_tags import is_language_tag
from skillcred.linkeddata.compiled_contexts import CompiledList, UnsupportedError
from skillcred.linkeddata.compiled_terms import Kind, Step, Table, TermParts
from skillcred.linkeddata.context_policy import has_context
from skillcred.linkeddata.errors import LinkedDataError, LinkedDataLimitError
from skillcred.linkeddata.guards import FORBIDDEN, MAX_EXACT_INTEGER, MAX_VALUES, check_literal
from skillcred.linkeddata.nquads import RDF, RDF_TYPE, XSD, escape_text
from skillcred.linkeddata.to_rdf import INTEGER_TEXT

MAX_OBJECT_DEPTH: Final = 14
"""Deepest nesting of objects. Each can stand in an array and hold another level of both, which makes 31 of the 32
levels that the guards allow."""
MAX_NEW: Final = 32
"""Most combinations of types and scoped contexts that one document may make us work out, about 0.5 ms each. What
was worked out is remembered, so that an honest document that needs more is taken the next time."""

_PLAIN, _TYPED, _IRI, _SKIPPED = int(Kind.PLAIN), int(Kind.TYPED), int(Kind.IRI), int(Kind.SKIPPED)
_NUMBER, _BOOLEAN, _VOCABULARY = int(Kind.NUMBER), int(Kind.BOOLEAN), int(Kind.VOCABULARY)
_LANGUAGE, _JSON, _LIST = int(Kind.LANGUAGE), int(Kind.JSON), int(Kind.LIST)
_TYPE: Final = f" {RDF_TYPE} "
_REST: Final = f" <{RDF}rest> "
_NIL: Final = f"{_REST}<{RDF}nil> .\n"
_INTEGER: Final = f'"^^<{XSD}integer> .\n'
_TRUE: Final = f'true"^^<{XSD}boolean> .\n'
_FALSE: Final = f'false"^^<{XSD}boolean> .\n'
Subject = str | int
"""An IRI in angle brackets, or the number of a blank node."""


class Walk:
    """What a document says: ends of lines by subject, and the tree of its blank nodes."""

    __slots__ = ("_compiled", "_new", "_nodes", "_values", "ends", "links", "masked", "parents")

    def __init__(self, compiled: CompiledList) -> None:
        self._compiled = compiled
        self._nodes: dict[str, tuple[JsonObject, Table, bool]] = {}
        self._values = 0
        self._new = 0
        self.links: dict[str, list[str]] = {}
        """Subject IRI → ends of its lines, but for those that name a blank node."""
        self.ends: list[list[str]] = []
        """The same for each blank node."""
        self.masked: list[list[str]] = []
        """For each blank node: ends of its lines that name a blank node, which is written `_:z`."""
        self.parents: list[tuple[Subject, str] | None] = []
        """For each blank node: subject and predicate (with a space on both sides) of the line that names it."""

    def document(self, document: JsonObject) -> None:
        """Walks over `document`, whose contexts are those of the compiled list. Raises `UnsupportedError`."""
        members = document.copy()
        del members["@context"]
        if members.keys() <= {"id"}:
            raise UnsupportedError
        self._object(members, self._compiled.root, 1, None)
        if self._values > MAX_VALUES:
            raise UnsupportedError

    def _object(
        self, node: JsonObject, table: Table, depth: int, parent: tuple[Subject, str] | None
    ) -> Subject:
        """Adds what `node` says. `parent`: subject and predicate of the line that will name it."""
        if depth > MAX_OBJECT_DEPTH or not node:
            raise UnsupportedError
        ends: list[str]
        types = node.get("type")
        if types is None:
            ends = []
        else:
            table, lines = self._step(types, table)
            ends = list(lines)
        iri = node.get("id")
        subject: Subject
        masked: list[str] = []
        if iri is None:
            subject = len(self.ends)
            self.ends.append(ends)
            self.masked.append(masked)
            self.parents.append(parent)
        else:
            if iri.__class__ is not str:
                raise UnsupportedError
            self._check_iri(iri)
            subject = f"<{iri}>"
            known = self._nodes.get(subject)
            if known is not None:
                self._check_repeated(node, table, known)
                return subject
            self._nodes[subject] = (node, table, True)
            if len(node) > 1:
                self.links[subject] = ends
        blanks = len(self.ends)
        terms, plain = table.terms, table.plain or table
        for name, value in node.items():
            term = terms.get(name)
            if term is None:
                raise UnsupportedError
            kind, head, tail, part, scoped, inner = term
            if scoped:
                texts, objects = self._scope(table, scoped)
            else:
                texts, objects = table, plain
            if value.__class__ is str and kind <= _TYPED:
                if '"' in value or "\\" in value or not value.isprintable():
                    value = _escape(value)
                ends.append(f"{head}{value}{tail}")
                continue
            if kind == _SKIPPED:
                if value is None:
                    raise UnsupportedError
                continue
            if value.__class__ is not list or kind >= _LANGUAGE:
                items: Any = (value,)
            elif value:
                items = value
            else:
                raise UnsupportedError
            for item in items:
                item_class = item.__class__
                if item_class is dict and kind <= _VOCABULARY and "@value" not in item:
                    if len(item) == 1 and not texts.has_id:
                        raise UnsupportedError
                    child = self._object(item, objects, depth + 1, (subject, part))
                    if child.__class__ is str:
                        ends.append(f"{part}{child} .\n")
                    else:
                        masked.append(f"{part}_:z .\n")
                elif item_class is str and kind <= _TYPED:
                    if '"' in item or "\\" in item or not item.isprintable():
                        item = _escape(item)
                    ends.append(f"{head}{item}{tail}")
                elif item_class is str and kind == _IRI:
                    self._check_iri(item)
                    ends.append(f"{head}{item}{tail}")
                elif kind == _LIST:
                    masked.append(f"{part}_:z .\n")
                    self._list(item, inner, (texts, objects), depth, (subject, part))
                else:
                    self._unusual(item, term, texts, depth, ends)
        if len(set(ends)) != len(ends):
            raise UnsupportedError
        self._values += len(ends) + 1
        if iri is not None:
            self._nodes[f"<{iri}>"] = (node, table, len(self.ends) > blanks)
        return subject

    def _unusual(self, item: JsonValue, term: TermParts, table: Table, depth: int, ends: list[str]) -> None:
        """Adds the end of the line for a value that is not of the most frequent kinds."""
        kind, head, tail, part, _, _ = term
        if item.__class__ is dict and kind == _PLAIN:
            ends.append(f"{part}{_language_value(item)} .\n")
        elif item.__class__ is bool and kind in (_PLAIN, _BOOLEAN):
            ends.append(
                f"{head}{_TRUE if item else _FALSE}" if kind == _PLAIN else f"{head}{str(item).lower()}{tail}"
            )
        elif item.__class__ is int and kind in (_PLAIN, _NUMBER):
            if not -MAX_EXACT_INTEGER <= item <= MAX_EXACT_INTEGER:
                raise UnsupportedError
            ends.append(f"{head}{item}{_INTEGER if kind == _PLAIN else tail}")
        elif item.__class__ is str and kind == _VOCABULARY:
            iri = table.iris.get(item)
            if iri is None:
                self._check_iri(item)
            ends.append(f"{head}{item if iri is None else iri}{tail}")
        elif item.__class__ is str and kind == _NUMBER:
            if INTEGER_TEXT.match(item):
                raise UnsupportedError
            ends.append(f"{head}{_escape(item)}{tail}")
        elif item.__class__ is str and kind == _BOOLEAN:
            if item in ("true", "false"):
                raise UnsupportedError
            ends.append(f"{head}{_escape(item)}{tail}")
        elif kind == _LANGUAGE and item.__class__ is dict:
            _language_map(item, head, ends)
        elif kind == _JSON and item.__class__ in (dict, list):
            ends.append(f"{head}{_json_literal(item, depth)}{tail}")
        else:
            raise UnsupportedError

    def _list(
        self,
        value: JsonValue,
        term: TermParts | None,
        tables: tuple[Table, Table],
        depth: int,
        parent: tuple[Subject, str],
    ) -> None:
        """Adds an RDF list. Its members are blank nodes, each named by the one before."""
        items = value if value.__class__ is list else [value]
        if not items or term is None:
            raise UnsupportedError
        texts, objects = tables
        kind, head, tail, part, _, _ = term
        last = len(items) - 1
        for index, item in enumerate(items):
            number = len(self.ends)
            ends: list[str] = []
            masked: list[str] = []
            self.ends.append(ends)
            self.masked.append(masked)
            self.parents.append(parent)
            self._values += 1
            if item.__class__ is str and kind <= _TYPED:
                ends.append(f"{head}{_escape(item)}{tail}")
            elif item.__class__ is str and kind == _IRI:
                self._check_iri(item)
                ends.append(f"{head}{item}{tail}")
            elif item.__class__ is dict and "@value" not in item:
                if len(item) == 1 and not texts.has_id:
                    raise UnsupportedError
                child = self._object(item, objects, depth + 1, (number, part))
                if child.__class__ is str:
                    ends.append(f"{part}{child} .\n")
                else:
                    masked.append(f"{part}_:z .\n")
            else:
                self._unusual(item, term, texts, depth, ends)
            if index == last:
                ends.append(_NIL)
            else:
                masked.append(f"{_REST}_:z .\n")
                parent = (number, _REST)

    def _step(self, types: JsonValue, table: Table) -> tuple[Table, tuple[str, ...] | list[str]]:
        """The table for the members of an object of these types, and the ends of its type lines."""
        key: Any = types
        if not types:
            raise UnsupportedError
        if types.__class__ is list:
            for name in types:
                if name.__class__ is not str:
                    raise UnsupportedError
            key = types[0] if len(types) == 1 else tuple(types)
        elif types.__class__ is not str:
            raise UnsupportedError
        step = table.steps.get(key)
        if step is None:
            step = self._new_step(table, key)
        return step

    def _new_step(self, table: Table, types: str | tuple[str, ...]) -> Step:
        names = (types,) if isinstance(types, str) else types
        iris = [name for name in names if ":" in name]
        if not iris:
            self._count_new()
            return self._compiled.step(table, types)
        for iri in iris:
            self._check_iri(iri)
        # An IRI as a type has no context of its own; it is not remembered, since there is no end of them.
        terms = tuple(name for name in names if ":" not in name)
        known = table.steps.get(terms)
        if known is None:
            self._count_new()
            known = self._compiled.step(table, terms)
        reached, lines = known
        return reached, (*lines, *(f"{_TYPE}<{iri}> .\n" for iri in iris))

    def _scope(self, table: Table, name: str) -> tuple[Table, Table]:
        known = table.scopes.get(name)
        if known is None:
            self._count_new()
            known = self._compiled.scope(table, name)
        return known

    def _count_new(self) -> None:
        self._new += 1
        if self._new > MAX_NEW:
            raise UnsupportedError

    def _check_iri(self, iri: str) -> None:
        if not self._compiled.is_iri(iri):
            raise UnsupportedError

    def _check_repeated(self, node: JsonObject, table: Table, known: tuple[JsonObject, Table, bool]) -> None:
        """An object may stand in several places if it says exactly the same in each, nothing of it anonymous."""
        first, first_table, has_blanks = known
        if has_blanks or first_table is not table or first != node:
            raise UnsupportedError
        if json.dumps(first, sort_keys=True) != json.dumps(node, sort_keys=True):
            raise UnsupportedError
        self._values += _count(node)


def _escape(text: str) -> str:
    if FORBIDDEN.search(text) is not None:
        raise UnsupportedError
    return escape_text(text)


def _language_value(item: JsonObject) -> str:
    text, language = item.get("@value"), item.get("@language")
    if len(item) != 2 or text.__class__ is not str or language.__class__ is not str:
        raise UnsupportedError
    return _tagged(text, language)


def _language_map(texts: JsonObject, head: str, ends: list[str]) -> None:
    part = head[:-1]
    if not texts:
        raise UnsupportedError
    for language, value in texts.items():
        items = value if value.__class__ is list else [value]
        if not items:
            raise UnsupportedError
        for item in items:
            if item.__class__ is not str:
                raise UnsupportedError
            ends.append(f"{part}{_tagged(item, language)} .\n")


def _tagged(text: str, language: str) -> str:
    if not is_language_tag(language):
        raise UnsupportedError
    return f'"{_escape(text)}"@{language.lower()}'


def _json_literal(value: JsonValue, depth: int) -> str:
    try:
        check_literal(value, "", 2 * depth)
        if has_context(value):
            raise UnsupportedError
        return escape_text(encode_jcs(value).decode("utf-8"))
    except (LinkedDataError, LinkedDataLimitError, JcsError):
        raise UnsupportedError from None


def _count(value: JsonValue) -> int:
    if isinstance(value, dict):
        return sum(_count(item) for item in value.values())
    if isinstance(value, list):
        return sum(_count(item) for item in value)
    return 1

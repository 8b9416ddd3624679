"""Expanded JSON-LD → quads, where nothing may get lost (JSON-LD 1.1 API section 8.1, made strict).

The standard algorithm skips what has no RDF form. Here each skipped thing is an error, each statement that
comes out twice is an error, and what came out is counted against what the document holds."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final, NoReturn

from skillcred.encoding.jcs import JcsError, encode_jcs
from skillcred.encoding.json_types import JsonValue
from skillcred.encoding.language_tags import is_language_tag
from skillcred.linkeddata.errors import LinkedDataError
from skillcred.linkeddata.expansion import ExpandedNode
from skillcred.linkeddata.guards import GuardedDocument, LocatedText
from skillcred.linkeddata.iris import check_iri
from skillcred.linkeddata.nquads import RDF, RDF_TYPE, XSD, Quad, iri_term, literal_term

NUMERIC_TYPES: Final = frozenset(
    {
        *("integer", "decimal", "float", "double", "long", "int", "short", "byte"),
        *("nonPositiveInteger", "negativeInteger", "nonNegativeInteger", "positiveInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    }
)
INTEGER_TEXT: Final = re.compile(r"(?:0|-?[1-9][0-9]{0,15})\Z")
XML_SCHEMA: Final = re.compile(r"https?://www\.w3\.org/2001/XMLSchema#([A-Za-z]+)\Z")


def build_quads(node: ExpandedNode, guarded: GuardedDocument, *, term_iris: frozenset[str]) -> list[Quad]:
    """The quads of the expanded document `node`, which must account for every leaf of `guarded`.

    Raises `LinkedDataError`: `undefined_type`, `relative_iri`, `invalid_iri`, `iri_for_term`,
    `ambiguous_value`, `duplicate_value`, `compact_iri`, `data_loss`."""
    builder = _Builder(guarded, term_iris)
    builder.node(node, "", repeated=False, must_say_something=True)
    builder.check_account()
    return builder.quads


class _Builder:
    def __init__(self, guarded: GuardedDocument, term_iris: frozenset[str]) -> None:
        self.quads: list[Quad] = []
        self._known: set[Quad] = set()
        self._guarded = guarded
        self._term_iris = term_iris
        self._defined: set[tuple[str, str]] = set()
        self._blank_nodes = 0
        self._seen: set[str] = set()
        self._unlocated: Counter[type] = Counter()

    def node(self, node: ExpandedNode, graph: str, *, repeated: bool, must_say_something: bool) -> str:
        """Adds what `node` says to `graph` and returns its term."""
        identifier = node.get("@id")
        statements = {name: value for name, value in node.items() if name != "@id"}
        if identifier is None:
            subject = self._new_blank()
        else:
            self._account(identifier)
            self._check_iri(identifier)
            subject = iri_term(identifier)
            repeated = repeated or (bool(statements) and (graph, identifier) in self._defined)
            if statements:
                self._defined.add((graph, identifier))
        if must_say_something and not statements:
            _lose("An object that only names something would not be signed.", identifier)
        for name, value in sorted(statements.items()):
            if name == "@type":
                for entry in value:
                    self._type(subject, entry, graph, repeated)
            elif name.startswith("@"):
                _lose("A JSON-LD keyword has no place here.", identifier)
            else:
                check_iri(name, _pointer(name))
                for item in value:
                    self._statement(subject, iri_term(name), item, graph, repeated)
        return subject

    def check_account(self) -> None:
        """Every leaf must have come out: strings by their own self, the rest by their number and kind."""
        unseen = [
            (pointer, leaf) for pointer, leaf in self._guarded.leaves.items() if pointer not in self._seen
        ]
        expected = Counter(_kind(leaf) for _, leaf in unseen)
        if expected != self._unlocated:
            pointer = next((pointer for pointer, leaf in unseen if not _may_be_term(leaf)), None)
            raise LinkedDataError("A value would not be signed.", code="data_loss", pointer=pointer)
        for pointer, leaf in unseen:
            if not _may_be_term(leaf) and isinstance(leaf, str):
                raise LinkedDataError(
                    "An identifier is abbreviated by a prefix.", code="compact_iri", pointer=pointer
                )

    def _statement(self, subject: str, predicate: str, item: Any, graph: str, repeated: bool) -> None:
        if "@value" in item:
            self._add(Quad(subject, predicate, self._literal(item), graph), item["@value"], repeated)
        elif "@list" in item:
            self._add(
                Quad(subject, predicate, self._list(item["@list"], graph, repeated), graph), None, repeated
            )
        elif "@graph" in item:
            if len(item) != 1:
                _lose("A named graph must be anonymous.", item.get("@id"))
            name = self._new_blank()
            self._add(Quad(subject, predicate, name, graph), None, repeated)
            for inner in item["@graph"]:
                if "@value" in inner or "@list" in inner or "@graph" in inner:
                    _lose("A graph must hold objects.", inner.get("@value"))
                self.node(inner, name, repeated=repeated, must_say_something=True)
        else:
            self._add(
                Quad(subject, predicate, self._object(item, graph, repeated), graph),
                item.get("@id"),
                repeated,
            )

    def _object(self, item: ExpandedNode, graph: str, repeated: bool) -> str:
        identifier = item.get("@id")
        if isinstance(identifier, LocatedText) and identifier in self._term_iris:
            self._refuse_iri_for_term(identifier)
        return self.node(item, graph, repeated=repeated, must_say_something=identifier is None)

    def _type(self, subject: str, entry: str, graph: str, repeated: bool) -> None:
        self._account(entry)
        pointer = _pointer(entry)
        if isinstance(entry, LocatedText):
            if ":" not in entry:
                raise LinkedDataError(
                    "A type is not defined by the contexts, so it would not be signed.",
                    code="undefined_type",
                    pointer=pointer,
                )
            if entry in self._term_iris:
                self._refuse_iri_for_term(entry)
        check_iri(entry, pointer)
        self._add(Quad(subject, RDF_TYPE, iri_term(entry), graph), entry, repeated)

    def _list(self, items: list[Any], graph: str, repeated: bool) -> str:
        if not items:
            _lose("An empty list would not be signed.", None)
        head = link = self._new_blank()
        for index, item in enumerate(items):
            if "@list" in item or "@graph" in item:
                _lose("A list inside a list is not accepted.", None)
            self._statement(link, iri_term(f"{RDF}first"), item, graph, repeated)
            following = f"<{RDF}nil>" if index == len(items) - 1 else self._new_blank()
            self._add(Quad(link, iri_term(f"{RDF}rest"), following, graph), None, repeated)
            link = following
        return head

    def _literal(self, item: dict[str, Any]) -> str:
        value, datatype = item["@value"], item.get("@type")
        self._account(value, as_json=datatype == "@json")
        pointer = _pointer(value)
        if item.keys() - {"@value", "@type", "@language"}:
            _lose("A value holds more than a text and its language.", value)
        if datatype == "@json":
            try:
                return literal_term(encode_jcs(value).decode("utf-8"), f"{RDF}JSON")
            except JcsError as error:
                raise LinkedDataError("A JSON value has no exact form.", code="number_not_exact") from error
        language = item.get("@language")
        if self._guarded.languages.get(pointer or "", language or "").lower() != (language or ""):
            _lose("The language of a text would not be signed.", value)
        if language is not None:
            if not is_language_tag(language):
                raise LinkedDataError(
                    "The language tag is not well-formed.", code="language_tag", pointer=pointer
                )
            return literal_term(value, language=language)
        if datatype is None:
            return literal_term(*_native(value))
        check_iri(datatype, pointer)
        _check_spelling(value, datatype, pointer)
        return literal_term(_native(value)[0], datatype)

    def _add(self, quad: Quad, cause: object, repeated: bool) -> None:
        if quad in self._known:
            if not repeated:
                raise LinkedDataError(
                    "The same statement stands twice in the document.",
                    code="duplicate_value",
                    pointer=_pointer(cause),
                )
            return
        self._known.add(quad)
        self.quads.append(quad)

    def _account(self, leaf: Any, *, as_json: bool = False) -> None:
        if isinstance(leaf, LocatedText) and not as_json:
            if leaf.pointer in self._seen:
                _lose("A value would be signed in two places.", leaf)
            self._seen.add(leaf.pointer)
        else:
            self._unlocated[dict if as_json else _kind(leaf)] += 1

    def _check_iri(self, identifier: str) -> None:
        check_iri(identifier, _pointer(identifier))

    def _refuse_iri_for_term(self, iri: LocatedText) -> NoReturn:
        raise LinkedDataError(
            "The contexts have a term for this IRI, so the term must be written.",
            code="iri_for_term",
            pointer=iri.pointer,
        )

    def _new_blank(self) -> str:
        self._blank_nodes += 1
        return f"_:b{self._blank_nodes - 1}"


def _native(value: str | int | float | bool) -> tuple[str, str]:
    """Lexical form and datatype of a JSON scalar (JSON-LD 1.1 API section 8.2.2). A float is a fraction."""
    if isinstance(value, bool):
        return ("true" if value else "false"), f"{XSD}boolean"
    if isinstance(value, int):
        return str(value), f"{XSD}integer"
    if isinstance(value, float):
        return canonical_double(value), f"{XSD}double"
    return value, f"{XSD}string"


def canonical_double(value: float) -> str:
    """The canonical lexical form of xsd:double as JSON-LD makes it (JSON-LD 1.1 API, section 8.6 "Data Round
    Tripping"): one digit before the point, at most 15 after it, no needless zeros, `E`, the exponent.

    Raises `LinkedDataError` (`number_not_exact`) for a number that has more digits than that: another number would
    sign alike."""
    digits, _, exponent = f"{value:.15e}".partition("e")
    whole, _, fraction = digits.partition(".")
    text = f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}"
    if float(text) != value:
        raise LinkedDataError("A number has more digits than are signed.", code="number_not_exact")
    return text


def _check_spelling(value: str | int | float | bool, datatype: str, pointer: str | None) -> None:
    """One JSON spelling for one typed literal: `42` and `"42"` must not both be good for xsd:integer.

    Booleans and integers are written natively where the datatype is one of them, as text everywhere else;
    a decimal fraction is text, since JSON numbers with fractions are refused. Where they are tolerated, they are
    good for xsd:double alone, which no text is good for.
    """
    match = XML_SCHEMA.match(datatype)
    name = match.group(1) if match else ""
    if isinstance(value, float):
        fits = name == "double"
    elif name == "double":
        raise LinkedDataError("xsd:double has no exact form.", code="number_not_exact", pointer=pointer)
    elif isinstance(value, bool):
        fits = name == "boolean"
    elif isinstance(value, int):
        fits = name in NUMERIC_TYPES
    elif name == "boolean":
        fits = value not in ("true", "false")
    else:
        fits = name not in NUMERIC_TYPES or not INTEGER_TEXT.match(value)
    if not fits:
        raise LinkedDataError(
            "A value is spelt in a way that signs like another one.", code="ambiguous_value", pointer=pointer
        )


def _kind(leaf: JsonValue) -> type:
    """bool, int or str; dict stands for fractions and for every JSON literal, which both sides count alike."""
    if isinstance(leaf, LocatedText):
        return str
    return type(leaf) if type(leaf) in (bool, int, str) else dict


def _may_be_term(leaf: JsonValue) -> bool:
    return not isinstance(leaf, str) or ":" not in leaf


def _pointer(text: object) -> str | None:
    return text.pointer if isinstance(text, LocatedText) else None


def _lose(message: str, cause: object) -> NoReturn:
    raise LinkedDataError(message, code="data_loss", pointer=_pointer(cause))

"""What is refused before a JSON-LD processor sees the document (SECURITY L-03 to L-05, L-11, L-13, L-18,
M10).

JSON-LD has many spellings for one statement, and a processor keeps quiet about what it cannot state. Each
spelling that this module refuses is one by which claims could be added, hidden or moved while the signature
stays good. What is left has one spelling: terms as names, one shape of language value, exact integers. What stays
open, because RDF knows no difference: the order of arrays that are no lists, one value or an array of one, an
object of nothing but an id or the id itself, the case of language tags, the two names of an Open Badge, and, where
several places refer to one id, which of them holds the object that describes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.encoding.language_tags import is_language_tag
from skillcred.encoding.strict_json import MAX_DEPTH
from skillcred.linkeddata.context_store import Vocabulary
from skillcred.linkeddata.errors import LinkedDataError, LinkedDataLimitError
from skillcred.linkeddata.iris import check_iri
from skillcred.linkeddata.tolerance import STRICT, Tolerance, is_fraction

MAX_VALUES: Final = 20_000
"""Most strings, numbers and booleans of one document; each costs about 10 microseconds on the way to RDF."""
MAX_EXACT_INTEGER: Final = 2**53 - 1
"""Largest integer that every JSON implementation keeps exactly (RFC 8259 section 6)."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
FORBIDDEN: Final = re.compile(f"{_CONTROL.pattern}|{_SURROGATE.pattern}")
"""What no text of a document may hold."""


class LocatedText(str):
    """A string of the document that knows where it stands, so that it can be told apart after expansion."""

    __slots__ = ("pointer",)
    pointer: str

    def __new__(cls, text: str, pointer: str) -> LocatedText:
        located = super().__new__(cls, text)
        located.pointer = pointer
        return located

    def __deepcopy__(self, memo: object) -> LocatedText:
        return self


@dataclass(frozen=True, slots=True)
class GuardedDocument:
    """A document that passed the guards: a copy in which every string is a `LocatedText`, and its leaves.

    `leaves`: JSON pointer → value of every string, number, boolean and JSON literal; a language tag
    is no leaf of its own but stands in `languages` under the pointer of its text. A base direction that `tolerance`
    accepts is neither: it is left out.
    """

    document: JsonObject
    leaves: dict[str, JsonValue]
    languages: dict[str, str]


def guard_document(
    document: JsonObject,
    vocabulary: Vocabulary,
    embedded: Mapping[str, Vocabulary] | None = None,
    tolerance: Tolerance = STRICT,
) -> GuardedDocument:
    """`document` without its `@context`, located, if there is nothing in it that JSON-LD would treat lightly.

    `embedded`: JSON pointer of each object inside that has an accepted `@context` of its own → what that means.

    Inside JSON literals only text, numbers and depth are checked; the members of language maps are language
    tags. Raises `LinkedDataError` with a pointer, `LinkedDataLimitError` (`too_deep`, `too_many_values`)."""
    walk = _Walk(vocabulary, embedded or {}, tolerance)
    members = {name: value for name, value in document.items() if name != "@context"}
    located = walk.node(members, "", 1)
    return GuardedDocument(located, walk.leaves, walk.languages)


@dataclass(slots=True)
class _Walk:
    vocabulary: Vocabulary
    embedded: Mapping[str, Vocabulary] = field(default_factory=dict)
    tolerance: Tolerance = STRICT
    leaves: dict[str, JsonValue] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, JsonObject] = field(default_factory=dict)

    def value(self, value: JsonValue, pointer: str, depth: int) -> JsonValue:
        if isinstance(value, list):
            return self.array(value, pointer, depth + 1)
        if isinstance(value, dict):
            _check_depth(depth + 1, pointer)
            if "@value" in value:
                return self.value_object(value, pointer)
            if pointer in self.embedded:
                return self.document(value, pointer, depth + 1)
            return self.node(value, pointer, depth + 1)
        return self.scalar(value, pointer)

    def document(self, document: JsonObject, pointer: str, depth: int) -> JsonObject:
        """An object with contexts of its own, which are kept as they are."""
        outer, self.vocabulary = self.vocabulary, self.embedded[pointer]
        members = {name: value for name, value in document.items() if name != "@context"}
        located = self.node(members, pointer, depth)
        self.vocabulary = outer
        return {"@context": document["@context"], **located}

    def graph(self, value: JsonValue, pointer: str, depth: int) -> JsonValue:
        """Objects that are graphs of their own: what one says about an id is no statement of the others."""
        outer, self.nodes = self.nodes, {}
        if isinstance(value, list):
            located = self.array(value, pointer, depth + 1, apart=True)
        else:
            located = self.value(value, pointer, depth)
        self.nodes = outer
        return located

    def scalar(self, value: JsonValue, pointer: str) -> JsonValue:
        if isinstance(value, str):
            _check_text(value, pointer)
            value = LocatedText(value, pointer)
        elif isinstance(value, int):
            _check_integer(value, pointer)
        elif isinstance(value, float) and self.tolerance.fractions and is_fraction(value):
            pass
        elif isinstance(value, float):
            _refuse("A number with a fraction or exponent has no single form.", "number_not_exact", pointer)
        elif value is None:
            _refuse("A null is dropped before signing.", "empty_value", pointer)
        else:
            _refuse("The document holds something that is not JSON.", "not_json", pointer)
        self.leaf(pointer, value)
        return value

    def array(self, items: list[JsonValue], pointer: str, depth: int, *, apart: bool = False) -> JsonValue:
        _check_depth(depth, pointer)
        if not items:
            _refuse("An empty array is dropped before signing.", "empty_value", pointer)
        located: list[JsonValue] = []
        for index, item in enumerate(items):
            if isinstance(item, list):
                _refuse(
                    "An array inside an array is flattened before signing.",
                    "nested_array",
                    f"{pointer}/{index}",
                )
            if apart:
                self.nodes = {}
            located.append(self.value(item, f"{pointer}/{index}", depth))
        return located

    def node(self, node: JsonObject, pointer: str, depth: int) -> JsonObject:
        if not node:
            _refuse("An empty object is dropped before signing.", "empty_value", pointer)
        if "id" in node:
            self.identifier(node["id"], node, f"{pointer}/id")
        located: JsonObject = {}
        for name, value in node.items():
            inner = f"{pointer}/{pointer_token(name)}"
            _check_name(name, inner)
            if name in self.vocabulary.json_terms:
                check_literal(value, inner, depth)
                self.leaf(inner, value)
                located[LocatedText(name, inner)] = value
            elif name in self.vocabulary.language_terms and isinstance(value, dict):
                _check_depth(depth + 1, inner)
                located[LocatedText(name, inner)] = self.language_map(value, inner, depth + 1)
            elif name in self.vocabulary.graph_terms:
                located[LocatedText(name, inner)] = self.graph(value, inner, depth)
            else:
                located[LocatedText(name, inner)] = self.value(value, inner, depth)
        if "type" in node:
            _check_types(node["type"], f"{pointer}/type")
        return located

    def identifier(self, identifier: JsonValue, node: JsonObject, pointer: str) -> None:
        if not isinstance(identifier, str):
            _refuse("An id must be a string.", "invalid_iri", pointer)
        _check_text(identifier, pointer)
        check_iri(identifier, pointer)
        known = self.nodes.setdefault(identifier, node)
        if known is not node and _exact(known) != _exact(node):
            _refuse("Two objects say different things about one id.", "duplicate_id", pointer)

    def value_object(self, value: JsonObject, pointer: str) -> JsonObject:
        text, language = value["@value"], value.get("@language")
        if "@direction" in value:
            if value["@direction"] not in ("ltr", "rtl"):
                _refuse("A base direction must be ltr or rtl.", "value_object", f"{pointer}/@direction")
            if not self.tolerance.directions:
                _refuse(
                    "The base direction is not part of what this cryptosuite signs.",
                    "direction_not_protected",
                    f"{pointer}/@direction",
                )
            return self.directed_text(value, pointer)
        if not isinstance(text, str) or not isinstance(language, str) or len(value) != 2:
            _refuse("A value object must hold exactly a text and its language.", "value_object", pointer)
        _check_text(text, f"{pointer}/@value")
        if not is_language_tag(language):
            _refuse("The language tag is not well-formed.", "language_tag", f"{pointer}/@language")
        located = LocatedText(text, f"{pointer}/@value")
        self.leaf(located.pointer, located)
        self.languages[located.pointer] = language
        return {"@value": located, "@language": language}

    def directed_text(self, value: JsonObject, pointer: str) -> JsonObject:
        """A text with a direction, without it. The language may be missing: VCDM 2.0 section 11.1."""
        rest = {name: item for name, item in value.items() if name != "@direction"}
        if rest.keys() != {"@value"}:
            return self.value_object(rest, pointer)
        text = rest["@value"]
        if not isinstance(text, str):
            _refuse("A value object must hold a text.", "value_object", pointer)
        _check_text(text, f"{pointer}/@value")
        located = LocatedText(text, f"{pointer}/@value")
        self.leaf(located.pointer, located)
        return {"@value": located}

    def language_map(self, texts: JsonObject, pointer: str, depth: int) -> JsonObject:
        if not texts:
            _refuse("An empty object is dropped before signing.", "empty_value", pointer)
        located: JsonObject = {}
        for language, value in texts.items():
            inner = f"{pointer}/{pointer_token(language)}"
            if not is_language_tag(language):
                _refuse("The language tag is not well-formed.", "language_tag", inner)
            before = len(self.leaves)
            located[language] = self.value(value, inner, depth)
            for place in list(self.leaves)[before:]:
                if not isinstance(self.leaves[place], str) or place in self.languages:
                    _refuse("A language map must hold texts.", "value_object", place)
                self.languages[place] = language
        return located

    def leaf(self, pointer: str, value: JsonValue) -> None:
        self.leaves[pointer] = value
        if len(self.leaves) > MAX_VALUES:
            raise LinkedDataLimitError(
                "The document holds more values than are accepted.", code="too_many_values", pointer=pointer
            )


def _check_name(name: str, pointer: str) -> None:
    _check_text(name, pointer)
    if name == "@context":
        _refuse("A context inside the document could change what is signed.", "nested_context", pointer)
    if name.startswith("@"):
        _refuse("JSON-LD keywords are not accepted in documents.", "keyword_not_allowed", pointer)
    if ":" in name or not name:
        _refuse("A member must be named by a term of the contexts.", "undefined_term", pointer)


def _check_types(types: JsonValue, pointer: str) -> None:
    many = isinstance(types, list)
    for index, entry in enumerate(types if isinstance(types, list) else [types]):
        place = f"{pointer}/{index}" if many else pointer
        if not isinstance(entry, str):
            _refuse("A type must be a string.", "undefined_type", place)
        if entry.startswith("@") or not entry:
            _refuse("JSON-LD keywords are not accepted as types.", "keyword_not_allowed", place)
        if ":" in entry:
            check_iri(entry, place)


def _check_text(text: str, pointer: str) -> None:
    if _CONTROL.search(text):
        _refuse("A text holds a control character.", "control_character", pointer)
    if _SURROGATE.search(text):
        _refuse("A text holds half of a character.", "lone_surrogate", pointer)


def _check_integer(value: int, pointer: str) -> None:
    if abs(value) > MAX_EXACT_INTEGER:
        _refuse("An integer is too large to be kept exactly everywhere.", "number_not_exact", pointer)


def _check_depth(depth: int, pointer: str) -> None:
    if depth > MAX_DEPTH:
        raise LinkedDataLimitError(
            f"The document is nested deeper than {MAX_DEPTH}.", code="too_deep", pointer=pointer
        )


def check_literal(value: JsonValue, pointer: str, depth: int) -> None:
    """The inside of a JSON literal, which is signed as a whole in its JCS form (RFC 8785)."""
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, int):
        _check_integer(value, pointer)
    elif isinstance(value, list):
        _check_depth(depth + 1, pointer)
        for index, item in enumerate(value):
            check_literal(item, f"{pointer}/{index}", depth + 1)
    elif isinstance(value, dict):
        _check_depth(depth + 1, pointer)
        for name, item in value.items():
            _check_text(name, pointer)
            check_literal(item, f"{pointer}/{pointer_token(name)}", depth + 1)


def _exact(node: JsonObject) -> str:
    return json.dumps(node, sort_keys=True, ensure_ascii=True)


def _refuse(message: str, code: str, pointer: str) -> NoReturn:
    raise LinkedDataError(message, code=code, pointer=pointer)

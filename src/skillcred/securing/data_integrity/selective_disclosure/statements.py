"""From documents to statements: canonical N-Quads with new labels, and which of them a selection holds.

ECDSA Cryptosuites 1.0, sections 3.4.1, 3.4.2, 3.4.5 to 3.4.9 and 3.4.14 to 3.4.17; BBS Cryptosuites 1.0 uses the same.

To tell which statements come from a part of the document, its blank nodes need names that stay the same in the
part. The specification expands the document, names all nodes, and compacts it again, whereby JSON pointers can
lead elsewhere (an array of one becomes its item). Here the compact document gets the names itself: every node
object without an `id` is given one that stands for a blank node. So a pointer means one place throughout.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.linkeddata import ContextStore, canonicalise
from skillcred.linkeddata.context_policy import context_list
from skillcred.linkeddata.context_store import Vocabulary
from skillcred.linkeddata.expansion import expand_document
from skillcred.linkeddata.guards import guard_document
from skillcred.linkeddata.nquads import RDF, Quad, encode_line, is_blank
from skillcred.linkeddata.rdfc10 import canonicalise_quads
from skillcred.linkeddata.to_rdf import build_quads
from skillcred.securing.data_integrity.selective_disclosure.labels import LabelMapFactory
from skillcred.securing.data_integrity.selective_disclosure.pointers import SelectionError, select_json_ld

SKOLEM_PREFIX: Final = "urn:bnid:"
"""What the name of a blank node starts with while it is an IRI. Such names never leave this module."""
_SKOLEM_TERM: Final = f"<{SKOLEM_PREFIX}"

_FIRST: Final = f"<{RDF}first>"
_REST: Final = f"<{RDF}rest>"

_TERM: Final = r"_:\S+|<[^>]*>"
_LITERAL: Final = r'"(?:[^"\\]|\\.)*+"(?:@\S+|\^\^<[^>]*>)?'
_LINE: Final = re.compile(
    rf"(?P<subject>{_TERM}) (?P<predicate><[^>]*>) (?P<object>{_TERM}|{_LITERAL})(?: (?P<graph>{_TERM}))? \.\n\Z"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What some JSON pointers select: the part of the document, and the places of its statements among those of the
    whole, in order. `verifier_labels`: canonical label that a verifier will find in the part alone → new label."""

    document: JsonObject | None
    indexes: tuple[int, ...]
    verifier_labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GroupedStatements:
    """All statements of a document with their new labels, sorted, each with its line end; and the selections.

    `labels`: canonical label in the whole document → new label."""

    statements: tuple[str, ...]
    labels: Mapping[str, str]
    selections: Mapping[str, Selection]


def canonicalise_and_group(
    document: JsonObject,
    label_map_factory: LabelMapFactory,
    pointers: Mapping[str, Sequence[str]],
    contexts: ContextStore,
) -> GroupedStatements:
    """Section 3.4.16: the statements of `document`, which has no proof, and for each name in `pointers` what its
    pointers select. Raises `SelectionError`, `LinkedDataError`, `LinkedDataLimitError`."""
    named = _name_nodes(document, contexts)
    quads = _deskolemised(_skolemised_quads(named, contexts))
    canonical = canonicalise_quads(quads)
    if canonical.nquads != canonicalise(document, contexts=contexts).nquads:
        raise SelectionError("Naming its nodes would change what the document says.", code="not_selectable")
    labels = dict(label_map_factory(canonical.labels.values()))
    new_labels = {node: labels[label] for node, label in canonical.labels.items()}
    statements = sorted(set(_relabelled(quads, new_labels)))
    places = {line: index for index, line in enumerate(statements)}
    selections = {}
    for name, group in pointers.items():
        part = select_json_ld(named, group)
        selections[name] = _selection(document, part, group, places, new_labels, contexts)
    return GroupedStatements(tuple(statements), labels, selections)


def label_statements(
    document: JsonObject, label_map_factory: LabelMapFactory, contexts: ContextStore
) -> tuple[str, ...]:
    """Section 3.4.2, labelReplacementCanonicalizeJsonLd: the statements of `document`, which has no proof, sorted,
    with the labels that the factory gives. Raises `LinkedDataError`, `LinkedDataLimitError`."""
    canonical = canonicalise(document, contexts=contexts)
    labels = label_map_factory(canonical.labels.values())
    return tuple(sorted(_relabel(line, labels) for line in canonical.nquads.decode("utf-8").splitlines(True)))


def hash_statements(statements: Iterable[str], hash_name: str = "sha256") -> bytes:
    """Section 3.4.17, hashMandatoryNQuads."""
    return hashlib.new(hash_name, "".join(statements).encode("utf-8")).digest()


def _selection(
    document: JsonObject,
    part: JsonObject | None,
    pointers: Sequence[str],
    places: Mapping[str, int],
    new_labels: Mapping[str, str],
    contexts: ContextStore,
) -> Selection:
    if part is None:
        return Selection(None, (), {})
    quads = _deskolemised(_skolemised_quads(part, contexts))
    terms = {term[2:] for quad in quads for term in (quad.subject, quad.object) if is_blank(term)}
    lines = _relabelled(quads, new_labels) if terms <= new_labels.keys() else []
    if not lines or any(line not in places for line in lines):
        raise SelectionError(
            "A JSON pointer leads into something that is signed as one.", code="pointer_splits_statement"
        )
    indexes = sorted({places[line] for line in lines})
    verifier_labels = {label: new_labels[node] for node, label in canonicalise_quads(quads).labels.items()}
    return Selection(select_json_ld(document, pointers), tuple(indexes), verifier_labels)


def _skolemised_quads(document: JsonObject, contexts: ContextStore) -> list[Quad]:
    """The quads of a document all of whose nodes have names, by the general road of canonicalisation."""
    urls = context_list(document, contexts)
    vocabulary = contexts.vocabulary(urls)
    guarded = guard_document(document, vocabulary, tolerance=contexts.tolerance)
    expanded = expand_document(guarded.document, urls, contexts)
    return build_quads(expanded, guarded, term_iris=vocabulary.term_iris)


def _deskolemised(quads: list[Quad]) -> list[Quad]:
    """Section 3.4.6, after the cells of lists have got names too. What is then left is the name of a graph."""
    plain = []
    cells = _name_cells(quads)
    for quad in quads:
        subject, object_ = cells.get(quad.subject, quad.subject), cells.get(quad.object, quad.object)
        if is_blank(subject) or is_blank(object_) or quad.graph:
            raise SelectionError(
                "The document holds a graph, of which no part can be shown alone.", code="not_selectable"
            )
        plain.append(Quad(_deskolemised_term(subject), quad.predicate, _deskolemised_term(object_)))
    return plain


def _name_cells(quads: list[Quad]) -> dict[str, str]:
    """Names for the cells of ordered lists, which are no objects of the document: whose list it is, what it holds and
    the number of the cell. So a list keeps its names in every part that holds all of it, and in no other."""
    first = {quad.subject: quad.object for quad in quads if quad.predicate == _FIRST}
    rest = {quad.subject: quad.object for quad in quads if quad.predicate == _REST}
    names: dict[str, str] = {}
    for quad in quads:
        if quad.predicate == _REST or quad.object not in rest:
            continue
        cells, cell = [], quad.object
        while cell in rest:
            cells.append(cell)
            cell = rest[cell]
        items = "".join(f"{first[cell]}\n" for cell in cells)
        digest = hashlib.sha256(f"{quad.subject} {quad.predicate}\n{items}".encode()).hexdigest()
        names |= {cell: f"{_SKOLEM_TERM}l{digest}-{number}>" for number, cell in enumerate(cells)}
    return names


def _deskolemised_term(term: str) -> str:
    return f"_:{term[len(_SKOLEM_TERM) : -1]}" if term.startswith(_SKOLEM_TERM) else term


def _relabelled(quads: Iterable[Quad], labels: Mapping[str, str]) -> list[str]:
    """Section 3.4.14, as canonical lines."""
    return [
        encode_line(_new_term(subject, labels), predicate, _new_term(object_, labels), "")
        for subject, predicate, object_, _ in quads
    ]


def _relabel(line: str, labels: Mapping[str, str]) -> str:
    """Labels are replaced where terms stand, so that a text that looks like a label stays what it is."""
    match = _LINE.match(line)
    if match is None:
        raise SelectionError("A statement is not a canonical N-Quad.", code="not_selectable")
    subject, predicate, object_, graph = match.group("subject", "predicate", "object", "graph")
    return encode_line(
        _new_term(subject, labels), predicate, _new_term(object_, labels), _new_term(graph or "", labels)
    )


def _new_term(term: str, labels: Mapping[str, str]) -> str:
    return f"_:{labels[term[2:]]}" if is_blank(term) else term


def _name_nodes(document: JsonObject, contexts: ContextStore) -> JsonObject:
    """Section 3.4.8 for the compact document: a copy in which every node object has an `id`."""
    return _Naming(contexts.vocabulary(context_list(document, contexts))).node(document, "")


class _Naming:
    """Gives names to node objects; which objects are nodes is decided as in `guard_document`."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._count = 0

    def node(self, node: JsonObject, pointer: str) -> JsonObject:
        named: JsonObject = {}
        if "id" not in node:
            named["id"] = f"{SKOLEM_PREFIX}b{self._count}"
            self._count += 1
        for name, value in node.items():
            inner = f"{pointer}/{pointer_token(name)}"
            is_language_map = name in self._vocabulary.language_terms and isinstance(value, dict)
            if name == "@context" or name in self._vocabulary.json_terms or is_language_map:
                named[name] = value
            else:
                named[name] = self._value(value, inner)
        return named

    def _value(self, value: JsonValue, pointer: str) -> JsonValue:
        if isinstance(value, list):
            return [self._value(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        if isinstance(value, dict):
            return value if "@value" in value else self.node(value, pointer)
        if isinstance(value, str) and value.startswith(SKOLEM_PREFIX):
            raise SelectionError(
                "A text looks like the name that is given to a blank node.",
                code="not_selectable",
                pointer=pointer,
            )
        return value

"""Terms and quads in the canonical N-Quads form (RDFC-1.0 section 5, RDF 1.2 N-Quads section 4.1).

A term *is* its canonical text: `<iri>`, `_:label` or `"literal"^^<datatype>`. Hashing and sorting then need
no second form, and there is one place where escaping can be right or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE: Final = f"<{RDF}type>"

_ESCAPES: Final = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_TO_ESCAPE: Final = re.compile(r'[\x00-\x1f"\\\x7f]')


class Quad(NamedTuple):
    """Subject, predicate, object and graph as canonical terms; `graph` is empty for the default graph."""

    subject: str
    predicate: str
    object: str
    graph: str = ""


def iri_term(iri: str) -> str:
    """The term of an IRI. The caller has checked that it holds no character which IRIs exclude."""
    return f"<{iri}>"


def escape_text(text: str) -> str:
    """`text` as it stands between the quotation marks of a literal."""
    return _TO_ESCAPE.sub(_escape, text)


def literal_term(value: str, datatype: str = f"{XSD}string", language: str | None = None) -> str:
    """The term of a literal; a language tag takes the place of the datatype, xsd:string is left out."""
    text = f'"{escape_text(value)}"'
    if language is not None:
        return f"{text}@{language}"
    return text if datatype == f"{XSD}string" else f"{text}^^<{datatype}>"


def is_blank(term: str) -> bool:
    """Whether `term` is a blank node label."""
    return term.startswith("_:")


def encode_line(subject: str, predicate: str, object_: str, graph: str) -> str:
    """One line of canonical N-Quads."""
    if graph:
        return f"{subject} {predicate} {object_} {graph} .\n"
    return f"{subject} {predicate} {object_} .\n"


def encode_nquads(quads: Iterable[Quad]) -> bytes:
    """The sorted lines of `quads`, each once, in UTF-8."""
    return "".join(sorted({encode_line(*quad) for quad in quads})).encode("utf-8")


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match.group()]

"""JSON-LD document → canonical N-Quads, or a reason why its signature would not protect all of it.

Base direction: RDF has no place for it, and the processors that sign with *-rdfc-* suites leave it out
(`rdfDirection` unset) or, in safe mode, refuse it. A direction that is not signed could be changed by
anybody, so it is refused here with `direction_not_protected`; such a document needs a cryptosuite that signs
JSON, e.g. `eddsa-jcs-2022`. Language tags are lower-cased, as JSON-LD 1.1 API section 5.1.2 allows and other
implementations do.

A context store may tolerate base directions and numbers with a fraction (`linkeddata/tolerance.py`); the directions
are then left out, and the numbers become xsd:double. The fast road declines both."""

from __future__ import annotations

from skillcred.encoding.json_types import JsonObject
from skillcred.linkeddata.canonical_document import CanonicalDocument
from skillcred.linkeddata.compiled_contexts import UnsupportedError, compiled_list
from skillcred.linkeddata.compiled_form import canonicalise_compiled
from skillcred.linkeddata.context_policy import context_list
from skillcred.linkeddata.context_store import BUNDLED_CONTEXTS, ContextStore
from skillcred.linkeddata.embedded_contexts import separate_contexts
from skillcred.linkeddata.expansion import expand_document
from skillcred.linkeddata.guards import guard_document
from skillcred.linkeddata.rdfc10 import canonicalise_quads
from skillcred.linkeddata.to_rdf import build_quads


def canonicalise(
    document: JsonObject, *, contexts: ContextStore = BUNDLED_CONTEXTS, hash_name: str = "sha256"
) -> CanonicalDocument:
    """The canonical form of `document` by JSON-LD 1.1 and RDFC-1.0, e.g. for vc-di-eddsa section 3.2.3.

    `document` is a credential or presentation without its proof, or a set of proof options. `hash_name` is
    the hash inside RDFC-1.0: `sha256` or `sha384`. Raises `LinkedDataError` with code and JSON pointer for
    the first thing that would not be signed or could be written in another way, `LinkedDataLimitError` for
    too much work.

    An `@context` below the top is refused, but for one inside a JSON literal, which is data to the general road; the
    fast road declines it there too, so that what it took holds none at all."""
    urls = context_list(document, contexts)
    try:
        return canonicalise_compiled(document, compiled_list(contexts, urls), hash_name)
    except UnsupportedError:
        return canonicalise_generally(document, contexts=contexts, hash_name=hash_name)


def canonicalise_generally(
    document: JsonObject, *, contexts: ContextStore = BUNDLED_CONTEXTS, hash_name: str = "sha256"
) -> CanonicalDocument:
    """The same by the general road: JSON-LD expansion, quads, RDFC-1.0. It alone says what is wrong."""
    urls = context_list(document, contexts)
    vocabulary = contexts.vocabulary(urls)
    separated = separate_contexts(document, contexts)
    embedded = {
        pointer: contexts.embedded_vocabulary(urls, inner) for pointer, inner in separated.embedded.items()
    }
    guarded = guard_document(separated.document, vocabulary, embedded, contexts.tolerance)
    expanded = expand_document(guarded.document, urls, contexts)
    term_iris = vocabulary.term_iris.union(*(inner.term_iris for inner in embedded.values()))
    quads = build_quads(expanded, guarded, term_iris=term_iris)
    canonical = canonicalise_quads(quads, hash_name=hash_name)
    return CanonicalDocument(canonical.nquads, canonical.labels, "general")

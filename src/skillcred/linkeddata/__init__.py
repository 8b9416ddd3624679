"""JSON-LD documents to canonical RDF: pinned contexts, guards, RDFC-1.0. Nothing is ever fetched."""

from skillcred.linkeddata.canonical import canonicalise
from skillcred.linkeddata.canonical_document import CanonicalDocument
from skillcred.linkeddata.context_policy import check_context_list
from skillcred.linkeddata.context_store import BUNDLED_CONTEXTS, ContextStore
from skillcred.linkeddata.context_table import OB_3_0_3, V1, V2
from skillcred.linkeddata.defined_terms import check_terms
from skillcred.linkeddata.errors import LinkedDataError, LinkedDataLimitError
from skillcred.linkeddata.iris import is_absolute_iri
from skillcred.linkeddata.own_contexts import OWN_CONTEXT_RECOGNITION, OWN_CONTEXT_SKILL, OWN_CONTEXT_TRUST

__all__ = [
    "BUNDLED_CONTEXTS",
    "OB_3_0_3",
    "OWN_CONTEXT_RECOGNITION",
    "OWN_CONTEXT_SKILL",
    "OWN_CONTEXT_TRUST",
    "V1",
    "V2",
    "CanonicalDocument",
    "ContextStore",
    "LinkedDataError",
    "LinkedDataLimitError",
    "canonicalise",
    "check_context_list",
    "check_terms",
    "is_absolute_iri",
]

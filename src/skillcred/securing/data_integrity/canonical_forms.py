"""The two canonical forms that suites sign: RDFC-1.0 for rdfc suites, JCS (RFC 8785) for jcs suites.

A jcs signature covers the JSON text itself; the list of contexts is checked all the same (by the mechanism's
procedures, before this), because a reader who takes the document as linked data must not find other meanings
than the signer had. Making N-Quads checks the contexts itself.
"""

from __future__ import annotations

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.linkeddata import ContextStore, canonicalise, check_context_list

CanonicalForm = tuple[bytes, str | None]
"""The bytes that are hashed and, for linked data, the road that led to them."""


def canonicalise_rdfc(value: JsonObject, contexts: ContextStore, hash_name: str) -> CanonicalForm:
    """Canonical N-Quads; `hash_name` is also the hash inside RDFC-1.0. Raises `LinkedDataError`, first of all for what
    `check_context_list` finds. What the fast road takes holds nothing of that kind."""
    try:
        canonical = canonicalise(value, contexts=contexts, hash_name=hash_name)
    except InputError:
        check_context_list(value, contexts=contexts)
        raise
    if canonical.road != "fast":
        check_context_list(value, contexts=contexts)
    return canonical.nquads, canonical.road


def canonicalise_jcs(value: JsonObject, contexts: ContextStore, hash_name: str) -> CanonicalForm:
    """Canonical JSON. Raises `JcsError`."""
    del contexts, hash_name  # neither has a part in the form
    return encode_jcs(value), None

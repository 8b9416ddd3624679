"""The DID methods that are understood, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from skillcred.identifiers.did import DidError, split_did
from skillcred.identifiers.did_jwk import derive_did_jwk_document
from skillcred.identifiers.did_key import derive_did_key_document
from skillcred.identifiers.did_web import check_did_web
from skillcred.identifiers.documents import ControlledIdentifierDocument

Deriver = Callable[[str], ControlledIdentifierDocument | None]


def _needs_evidence(did: str) -> None:
    """did:web: its document has to be fetched, so that nothing but its syntax can be checked here."""
    check_did_web(did)


METHODS: Final[Mapping[str, Deriver]] = MappingProxyType(
    {"key": derive_did_key_document, "jwk": derive_did_jwk_document, "web": _needs_evidence}
)
"""Method name → what derives the document of a DID, or None where its document is evidence."""


DERIVED_CACHE_SIZE: Final = 1024
"""Documents kept in memory; they follow from the identifier alone and never change."""


@lru_cache(maxsize=DERIVED_CACHE_SIZE)
def derive_document(did: str) -> ControlledIdentifierDocument | None:
    """The document of `did` where it follows from the DID itself; None where it has to be fetched.

    Raises `DidError`: `invalid_did`, `unsupported_did_method`, or the code of `InvalidKeyError` for a key
    that is not acceptable.
    """
    method, _ = split_did(did)
    derive = METHODS.get(method)
    if derive is None:
        raise DidError("Identifiers of this method are not supported.", code="unsupported_did_method")
    return derive(did)

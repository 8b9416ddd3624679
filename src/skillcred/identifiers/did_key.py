"""did:key (W3C CCG did:key 0.9): the identifier is the key, as Multikey text."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from skillcred.identifiers.did import DidError, split_did
from skillcred.identifiers.documents import RELATIONSHIPS, ControlledIdentifierDocument
from skillcred.identifiers.verification_method import VerificationMethod
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.public_key import InvalidKeyError, PublicKey

SIGNATURE_RELATIONSHIPS: Final = tuple(name for name in RELATIONSHIPS if name != "keyAgreement")
"""What a signature key may be used for when nobody says otherwise."""
DID_KEY_ALGORITHMS: Final = frozenset(Algorithm) - {Algorithm.MLDSA44}
"""The keys that can be identifiers. An ML-DSA key would be one whose key has a name of 3,515 characters, and a proof by
a key that belongs to nobody else adds nothing: such keys stand in the documents of issuers."""


def build_did_key(public_key: PublicKey) -> str:
    """The did:key of `public_key`. Raises `DidError` (`unsupported_key_type`) for a key that is not named so."""
    _refuse_others(public_key)
    return f"did:key:{public_key.to_multikey()}"


def derive_did_key_document(did: str) -> ControlledIdentifierDocument:
    """The document that follows from a did:key alone.

    The form with a version number is refused, so that one key has one did:key. Raises `DidError` with the
    code of `InvalidKeyError` for the key.
    """
    _, multikey = split_did(did)
    try:
        public_key = PublicKey.from_multikey(multikey)
    except InvalidKeyError as error:
        raise DidError(error.message, code=error.code) from error
    _refuse_others(public_key)
    return build_key_document(did, f"{did}#{multikey}", "Multikey", public_key)


def _refuse_others(public_key: PublicKey) -> None:
    if public_key.algorithm not in DID_KEY_ALGORITHMS:
        raise DidError("Keys of this type are no identifiers here.", code="unsupported_key_type")


def build_key_document(
    did: str, method_id: str, method_type: str, public_key: PublicKey
) -> ControlledIdentifierDocument:
    """The document of an identifier that has just one signature key, for all that signatures are for."""
    method = VerificationMethod(method_id, method_type, did, public_key)
    relationships = {
        name: frozenset({method_id} if name in SIGNATURE_RELATIONSHIPS else ()) for name in RELATIONSHIPS
    }
    return ControlledIdentifierDocument(
        did, MappingProxyType({method_id: method}), MappingProxyType(relationships)
    )

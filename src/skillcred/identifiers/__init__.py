"""Decentralised identifiers: their syntax, the methods we understand, and the documents with their keys."""

from skillcred.identifiers.did import DidError, did_of, split_did_url
from skillcred.identifiers.did_jwk import build_did_jwk
from skillcred.identifiers.did_key import DID_KEY_ALGORITHMS, build_did_key
from skillcred.identifiers.did_web import build_did_web, did_web_address, did_web_url, local_did_web_url
from skillcred.identifiers.documents import (
    ControlledIdentifierDocument,
    build_did_document,
    parse_controlled_identifier_document,
)
from skillcred.identifiers.methods import METHODS, derive_document
from skillcred.identifiers.verification_method import DidDocumentError, VerificationMethod

__all__ = [
    "DID_KEY_ALGORITHMS",
    "METHODS",
    "ControlledIdentifierDocument",
    "DidDocumentError",
    "DidError",
    "VerificationMethod",
    "build_did_document",
    "build_did_jwk",
    "build_did_key",
    "build_did_web",
    "derive_document",
    "did_of",
    "did_web_address",
    "did_web_url",
    "local_did_web_url",
    "parse_controlled_identifier_document",
    "split_did_url",
]

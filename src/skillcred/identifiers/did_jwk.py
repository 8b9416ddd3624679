"""did:jwk: the identifier is a public JWK in base64url; its only key is `#0` (SECURITY K-06)."""

from __future__ import annotations

from typing import Final

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.identifiers.did import DidError, split_did
from skillcred.identifiers.did_key import build_key_document
from skillcred.identifiers.documents import ControlledIdentifierDocument
from skillcred.keys.public_key import InvalidKeyError, PublicKey

MAX_JWK_BYTES: Final = 1024
"""Largest JWK read; one for P-384 with all members that are allowed has about 300 bytes."""


def build_did_jwk(public_key: PublicKey) -> str:
    """The did:jwk of `public_key`, over the JCS form of its JWK."""
    return f"did:jwk:{encode_base64url(encode_jcs(public_key.to_jwk()))}"


def derive_did_jwk_document(did: str) -> ControlledIdentifierDocument:
    """The document that follows from a did:jwk alone.

    Raises `DidError`: `invalid_did`, or the code of `InvalidKeyError` for the key.
    """
    _, encoded = split_did(did)
    try:
        public_key = PublicKey.from_jwk(
            parse_json_object(decode_base64url(encoded), max_bytes=MAX_JWK_BYTES, max_depth=2)
        )
    except InvalidKeyError as error:
        raise DidError(error.message, code=error.code) from error
    except (Base64UrlError, StrictJsonError, StrictJsonLimitError) as error:
        raise DidError("The did:jwk does not hold a JWK.") from error
    return build_key_document(did, f"{did}#0", "JsonWebKey", public_key)

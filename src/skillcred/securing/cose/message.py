"""Credentials and presentations inside COSE_Sign1: VC-JOSE-COSE section 3.3. The payload is the document, in JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.encoding.cbor import CborValue
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.securing.cose.errors import CoseError, CoseUnsupportedError
from skillcred.securing.cose.sign1 import CWT_CLAIMS, SIGNATURE_ALGORITHMS, CoseSign1, parse_cose_sign1
from skillcred.securing.envelopes import ASSERTION, AUTHENTICATION, EnvelopeProof
from skillcred.securing.jose.claims import Claims, check_agreement, identifier_of, read_claims
from skillcred.securing.jose.errors import JoseError
from skillcred.securing.jose.token import (
    CONTENT_TYPES,
    check_document_type,
    check_version,
    refuse_embedded_proof,
)

MEDIA_TYPES: Final = {ASSERTION: "application/vc+cose", AUTHENTICATION: "application/vp+cose"}
"""By the purpose of the signature."""
MECHANISM: Final = "vc+cose"
CLAIM_KEYS: Final = {1: "iss", 2: "sub", 3: "aud", 4: "exp", 5: "nbf", 6: "iat", 7: "jti", 10: "nonce"}
"""Claim keys of CBOR Web Tokens and the names of the same claims in JSON (RFC 8392 section 4; RFC 9711 for `nonce`)."""
_PURPOSES: Final = {media_type: purpose for purpose, media_type in MEDIA_TYPES.items()}


@dataclass(frozen=True, slots=True)
class CredentialMessage:
    """A message that was read and whose claims agree with its document. The signature is not checked."""

    message: CoseSign1
    document: JsonObject
    proof: EnvelopeProof


def parse_credential_message(content: bytes, media_type: str | None = None) -> CredentialMessage:
    """The credential or presentation in `content`, which came as `media_type` if that is known.

    Raises `CoseError` or, about claims and document, `JoseError`; `CoseUnsupportedError` and `JoseUnsupportedError`
    where nothing can be said about the message.
    """
    message = parse_cose_sign1(content)
    if message.type is None:
        # The specification only says that `typ` should be there; without it a message of one kind passes for another.
        raise CoseUnsupportedError("The message does not say its type.", code="type_missing")
    purpose = _PURPOSES.get(message.type)
    if purpose is None or (media_type in _PURPOSES and media_type != message.type):
        raise CoseError("The message is of another type.", code="type_not_allowed")
    if message.content_type not in (None, CONTENT_TYPES[purpose]):
        raise CoseError("The content is of another type.", code="type_not_allowed")
    document = _parse_document(message)
    claims = _read_cwt_claims(message.protected.get(CWT_CLAIMS))
    check_version(document)
    check_document_type(document, purpose)
    refuse_embedded_proof(document)
    party = "issuer" if purpose == ASSERTION else "holder"
    check_agreement(claims, document, party=party)
    return CredentialMessage(message, document, _proof(message, claims, document.get(party), purpose))


def _parse_document(message: CoseSign1) -> JsonObject:
    try:
        return parse_json_object(message.payload)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise CoseError(error.message, code=error.code) from error


def _read_cwt_claims(value: CborValue) -> Claims:
    """The claims, under their JSON names. `jti` (`cti`) and `nonce` are byte strings there, UTF-8 here."""
    if value is None:
        return Claims()
    if not isinstance(value, dict):
        raise CoseError("The claims are no map.")
    members: JsonObject = {}
    for key, claim in value.items():
        name = CLAIM_KEYS.get(key) if isinstance(key, int) else None
        if name is None:
            raise CoseUnsupportedError("A claim is not known.", code="unsupported_header_parameter")
        members[name] = _claim_value(claim)
    if isinstance(members.get("iat"), str):
        raise JoseError("A time in the envelope is not a NumericDate.", code="invalid_numeric_date")
    return read_claims(members)


def _claim_value(value: CborValue) -> JsonValue:
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CoseUnsupportedError("A claim is no text.", code="unsupported_header_parameter") from error
    if isinstance(value, list):
        return [_claim_value(item) for item in value]
    if isinstance(value, str | int):
        return value
    raise CoseError("A claim is not of its type.")


def _proof(message: CoseSign1, claims: Claims, party: JsonValue, purpose: str) -> EnvelopeProof:
    return EnvelopeProof(
        mechanism=MECHANISM,
        purpose=purpose,
        key_id=message.key_id,
        controller=claims.iss or identifier_of(party),
        algorithms=tuple(key for key, ids in SIGNATURE_ALGORITHMS.items() if message.algorithm in ids),
        created=claims.iat,
        not_before=claims.nbf,
        expires=claims.exp,
        audience=claims.aud,
        nonce=claims.nonce,
    )

"""What a wallet asks of the credential, deferred credential and notification endpoints (OID4VCI 1.0 sections 8, 9, 11).

Parameters that nobody knows are ignored, as the specification demands; those that are known are read strictly. A wish
for an encrypted response that cannot be met is refused rather than answered in the clear.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.exchange.encryption import ContentEncryption, EncryptionError, encrypt_to
from skillcred.exchange.oid4vci.errors import CredentialRequestError, NotificationError

MAX_REQUEST_BYTES: Final = 512 * 1024
"""Longest request, in bytes: a batch of key proofs of the longest kind that is read."""
MAX_IDENTIFIER_CHARACTERS: Final = 512
"""Longest identifier that is looked up. Ours have fewer than 128."""


@dataclass(frozen=True, slots=True)
class ResponseEncryption:
    """The public key that the response is to be encrypted to, and how (section 8.2)."""

    jwk: JsonObject
    encryption: ContentEncryption

    def encrypt(self, content: bytes) -> str:
        """`content` as a compact JWE. Raises `EncryptionError`."""
        return encrypt_to(self.jwk, content, self.encryption)


class ProofType(StrEnum):
    """How keys are proven (appendix F): each by a token of its own, or all by an attestation of the wallet's maker."""

    JWT = "jwt"
    ATTESTATION = "attestation"


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """One of the two identifiers, and the key proofs, unverified; none where the request has none."""

    credential_configuration_id: str | None
    credential_identifier: str | None
    proofs: tuple[str, ...]
    proof_type: ProofType = ProofType.JWT
    response_encryption: ResponseEncryption | None = None


@dataclass(frozen=True, slots=True)
class DeferredRequest:
    """Which credential is asked for again."""

    transaction_id: str
    response_encryption: ResponseEncryption | None = None


class NotificationEvent(StrEnum):
    """What became of the credentials in the wallet."""

    ACCEPTED = "credential_accepted"
    FAILURE = "credential_failure"
    DELETED = "credential_deleted"


@dataclass(frozen=True, slots=True)
class Notification:
    """What a wallet tells. Its free text is not read: nobody here needs it, and it could hold anything."""

    notification_id: str
    event: NotificationEvent


def parse_credential_request(body: bytes) -> CredentialRequest:
    """Raises `CredentialRequestError`: `invalid_credential_request`, `invalid_proof`,
    `invalid_encryption_parameters`."""
    request = _parse(body)
    configuration = _identifier(request, "credential_configuration_id")
    identifier = _identifier(request, "credential_identifier")
    if (configuration is None) == (identifier is None):
        raise CredentialRequestError("The request must say what is wanted, by exactly one identifier.")
    wish = _response_encryption(request)
    proof_type, proofs = _proofs(request)
    return CredentialRequest(configuration, identifier, proofs, proof_type, wish)


def parse_deferred_request(body: bytes) -> DeferredRequest:
    """Raises `CredentialRequestError`: `invalid_credential_request`,
    `invalid_encryption_parameters`."""
    request = _parse(body)
    transaction_id = _identifier(request, "transaction_id")
    if transaction_id is None:
        raise CredentialRequestError("The request has no transaction_id.")
    return DeferredRequest(transaction_id, _response_encryption(request))


def parse_notification(body: bytes) -> Notification:
    """Raises `NotificationError` (`invalid_notification_request`)."""
    try:
        request = parse_json_object(body, max_bytes=MAX_REQUEST_BYTES)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise NotificationError("The notification is no JSON object.") from error
    notification_id, event = request.get("notification_id"), request.get("event")
    if not isinstance(notification_id, str) or not 0 < len(notification_id) <= MAX_IDENTIFIER_CHARACTERS:
        raise NotificationError("The notification has no notification_id.")
    if not isinstance(event, str) or event not in tuple(NotificationEvent):
        raise NotificationError("The notification has no event that is known.")
    return Notification(notification_id, NotificationEvent(event))


def _parse(body: bytes) -> JsonObject:
    try:
        return parse_json_object(body, max_bytes=MAX_REQUEST_BYTES)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise CredentialRequestError("The request is no JSON object.") from error


def _identifier(request: JsonObject, name: str) -> str | None:
    if name not in request:
        return None
    value = request[name]
    if not isinstance(value, str) or not 0 < len(value) <= MAX_IDENTIFIER_CHARACTERS:
        raise CredentialRequestError("An identifier in the request is not text of an acceptable length.")
    return value


def _proofs(request: JsonObject) -> tuple[ProofType, tuple[str, ...]]:
    if "proofs" not in request:
        return ProofType.JWT, ()
    proofs = request["proofs"]
    if not isinstance(proofs, dict) or len(proofs) != 1 or next(iter(proofs)) not in tuple(ProofType):
        raise CredentialRequestError(
            "The key proofs must be of one type, jwt or attestation.", code="invalid_proof"
        )
    [(name, tokens)] = proofs.items()
    if not isinstance(tokens, list) or not tokens:
        raise CredentialRequestError("The key proofs are no list with members.", code="invalid_proof")
    texts = tuple(token for token in tokens if isinstance(token, str))
    if len(texts) != len(tokens):
        raise CredentialRequestError("A key proof is not text.", code="invalid_proof")
    if name == ProofType.ATTESTATION and len(texts) != 1:
        raise CredentialRequestError("There must be exactly one key attestation.", code="invalid_proof")
    return ProofType(name), texts


def _response_encryption(request: JsonObject) -> ResponseEncryption | None:
    """The wish, tried out: a key that cannot be encrypted to is found before anything is used up."""
    if "credential_response_encryption" not in request:
        return None
    wish = request["credential_response_encryption"]
    if not isinstance(wish, dict) or "zip" in wish:
        raise _cannot_encrypt()
    jwk, encryption = wish.get("jwk"), wish.get("enc")
    if not isinstance(jwk, dict) or encryption not in tuple(ContentEncryption):
        raise _cannot_encrypt()
    found = ResponseEncryption(jwk, ContentEncryption(str(encryption)))
    try:
        found.encrypt(b"{}")
    except EncryptionError as error:
        raise _cannot_encrypt() from error
    return found


def _cannot_encrypt() -> CredentialRequestError:
    return CredentialRequestError(
        "The response cannot be encrypted as the request wishes.", code="invalid_encryption_parameters"
    )

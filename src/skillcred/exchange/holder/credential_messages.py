"""Credential requests and what comes back (OID4VCI 1.0 sections 7 to 11)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.exchange.encryption import ContentEncryption, DecryptionKey
from skillcred.exchange.holder.authorization import read_refusal
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.exchange.oid4vci.requests import NotificationEvent

MAX_RESPONSE_BYTES: Final = 4 * 1024 * 1024
"""Longest response, in bytes: a batch of credentials with a portrait each."""
MAX_IDENTIFIER_CHARACTERS: Final = 4096
MIN_INTERVAL_SECONDS: Final = 1
MAX_INTERVAL_SECONDS: Final = 30 * 86_400


@dataclass(frozen=True, slots=True)
class IssuedCredentials:
    """Credentials as they came, one for each key that was proven."""

    credentials: tuple[bytes, ...]
    notification_id: str | None


@dataclass(frozen=True, slots=True)
class DeferredCredentials:
    """They will be ready later: ask with `transaction_id` again, not before `interval` seconds."""

    transaction_id: str
    interval: int


CredentialAnswer = IssuedCredentials | DeferredCredentials


def build_credential_request(
    *,
    configuration_id: str,
    identifier: str | None,
    proofs: Sequence[str],
    encryption: tuple[DecryptionKey, ContentEncryption] | None,
    proof_type: str = "jwt",
) -> JsonObject:
    """The request for one credential, in as many copies as there are proofs. An `identifier` from the token response
    takes the place of the configuration (section 8.2)."""
    request: JsonObject = (
        {"credential_configuration_id": configuration_id}
        if identifier is None
        else {"credential_identifier": identifier}
    )
    if proofs:
        request["proofs"] = {proof_type: list(proofs)}
    return request | _response_encryption(encryption)


def build_deferred_request(
    transaction_id: str, encryption: tuple[DecryptionKey, ContentEncryption] | None
) -> JsonObject:
    """The request for what was deferred (section 9.1)."""
    return {"transaction_id": transaction_id} | _response_encryption(encryption)


def build_notification(notification_id: str, event: NotificationEvent) -> bytes:
    """What became of the credentials (section 11.1)."""
    return json.dumps({"notification_id": notification_id, "event": event.value}).encode("ascii")


def encode_request(request: JsonObject) -> bytes:
    """The request as JSON."""
    return json.dumps(request, separators=(",", ":")).encode("utf-8")


def parse_credential_response(
    status: int,
    media_type: str,
    content: bytes,
    *,
    expected: int,
    encryption: tuple[DecryptionKey, ContentEncryption] | None,
    transaction_id: str | None = None,
) -> CredentialAnswer:
    """What a credential or deferred credential endpoint answered; `expected` copies at most.

    With `encryption` an answer in the clear is refused: somebody between may have taken the wish for it away
    (section 10). Raises `WalletRefusedError` (errors are never encrypted) and `WalletMessageError`.
    """
    if status not in (200, 202):
        raise read_refusal(content, "issuer_refused")
    response = _open(media_type, content, encryption)
    if status == 202:
        return _deferred(response, transaction_id)
    credentials = response.get("credentials")
    if not isinstance(credentials, list) or not 0 < len(credentials) <= max(expected, 1):
        raise WalletMessageError("The answer holds no credentials, or more than were asked for.")
    return IssuedCredentials(
        tuple(_credential(item) for item in credentials), _text(response, "notification_id", optional=True)
    )


def parse_nonce(status: int, content: bytes) -> str:
    """The nonce for key proofs (section 7.2: any status of success). Raises `WalletRefusedError`,
    `WalletMessageError`."""
    if not 200 <= status < 300:
        raise read_refusal(content, "issuer_refused")
    return _text(_parse(content), "c_nonce") or ""


def _response_encryption(encryption: tuple[DecryptionKey, ContentEncryption] | None) -> JsonObject:
    if encryption is None:
        return {}
    key, content_encryption = encryption
    return {"credential_response_encryption": {"jwk": key.public_jwk(), "enc": content_encryption.value}}


def _open(
    media_type: str, content: bytes, encryption: tuple[DecryptionKey, ContentEncryption] | None
) -> JsonObject:
    if encryption is None:
        if media_type != "application/json":
            raise WalletMessageError("The answer is of another type than was asked for.")
        return _parse(content)
    if media_type != "application/jwt":
        raise WalletMessageError("The answer is not encrypted, as was asked for.")
    key, content_encryption = encryption
    try:
        token = content.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise WalletMessageError("The encrypted answer cannot be read.") from error
    return _parse(key.decrypt(token, accepted=(content_encryption,)))


def _deferred(response: JsonObject, transaction_id: str | None) -> DeferredCredentials:
    name, interval = _text(response, "transaction_id") or "", response.get("interval")
    if isinstance(interval, bool) or not isinstance(interval, int) or interval < MIN_INTERVAL_SECONDS:
        raise WalletMessageError("The answer does not say when to ask again.")
    if transaction_id is not None and name != transaction_id:
        raise WalletMessageError("The answer is about another transaction.")
    return DeferredCredentials(name, min(interval, MAX_INTERVAL_SECONDS))


def _credential(value: JsonValue) -> bytes:
    member = value.get("credential") if isinstance(value, dict) else None
    if isinstance(member, str) and member:
        return member.encode("utf-8")
    if isinstance(member, dict) and member:
        return json.dumps(member, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    raise WalletMessageError("A credential in the answer is neither text nor an object.")


def _text(member: JsonObject, name: str, *, optional: bool = False) -> str | None:
    value = member.get(name)
    if value is None and optional:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= MAX_IDENTIFIER_CHARACTERS:
        raise WalletMessageError("A member of the answer is not text of an acceptable length.")
    return value


def _parse(content: bytes) -> JsonObject:
    try:
        return parse_json_object(content, max_bytes=MAX_RESPONSE_BYTES)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise WalletMessageError("The answer is no JSON object.") from error

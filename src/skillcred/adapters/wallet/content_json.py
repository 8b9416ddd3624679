"""What a wallet holds as JSON, inside its encryption. Written whole, read strictly."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError, IntegrityError
from skillcred.keys.private_key import PrivateKey
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.services.wallet_records import (
    CredentialCopy,
    HeldCredential,
    PendingIssuance,
    WalletContent,
    WalletKey,
)

VERSION: Final = 1
MAX_CONTENT_BYTES: Final = 64 * 1024 * 1024
"""Largest wallet: some thousand credentials with ten copies each."""


def encode_content(content: WalletContent) -> bytes:
    """UTF-8 JSON."""
    value: JsonObject = {
        "version": VERSION,
        "keys": [
            {"id": key.id, "pkcs8": encode_base64url(key.private_key.to_pkcs8())} for key in content.keys
        ],
        "credentials": [_encode_credential(each) for each in content.credentials],
        "pending": [_encode_pending(each) for each in content.pending],
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def decode_content(data: bytes) -> WalletContent:
    """What `encode_content` wrote. Raises `IntegrityError`: `wallet_damaged`, `wallet_version`."""
    try:
        value = parse_json_object(data, max_bytes=MAX_CONTENT_BYTES)
        if value.get("version") != VERSION:
            raise IntegrityError(
                "The wallet was written by another version of this program.", code="wallet_version"
            )
        return WalletContent(
            tuple(_decode_key(_object(item)) for item in _list(value["keys"])),
            tuple(_decode_credential(_object(item)) for item in _list(value["credentials"])),
            tuple(_decode_pending(_object(item)) for item in _list(value["pending"])),
        )
    except (InputError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError("What is in the wallet cannot be read.", code="wallet_damaged") from error


def _encode_credential(credential: HeldCredential) -> JsonObject:
    return {
        "id": credential.id,
        "format": credential.format,
        "configuration_id": credential.configuration_id,
        "credential_issuer": credential.credential_issuer,
        "issuer_name": credential.issuer_name,
        "name": credential.name,
        "binding_method": credential.binding_method,
        "received_at": format_instant(credential.received_at),
        "copies": [
            {
                "content": copy.content.decode("utf-8"),
                "key_id": copy.key_id,
                "used_at": _instant(copy.used_at),
            }
            for copy in credential.copies
        ],
    }


def _encode_pending(pending: PendingIssuance) -> JsonObject:
    return {
        "id": pending.id,
        "credential_issuer": pending.credential_issuer,
        "configuration_id": pending.configuration_id,
        "credential_identifier": pending.credential_identifier,
        "binding_method": pending.binding_method,
        "key_ids": list(pending.key_ids),
        "access_token": pending.access_token,
        "dpop_key_id": pending.dpop_key_id,
        "client_id": pending.client_id,
        "requested_at": format_instant(pending.requested_at),
        "transaction_id": pending.transaction_id,
        "not_before": _instant(pending.not_before),
    }


def _decode_key(value: JsonObject) -> WalletKey:
    private_key = PrivateKey.from_pkcs8(decode_base64url(_text(value, "pkcs8")))
    if private_key.public_key.thumbprint() != _text(value, "id"):
        raise ValueError("a key stands under the name of another")
    return WalletKey(_text(value, "id"), private_key)


def _decode_credential(value: JsonObject) -> HeldCredential:
    copies = tuple(
        CredentialCopy(
            _text(copy, "content").encode("utf-8"),
            _optional(copy, "key_id"),
            _optional_instant(copy, "used_at"),
        )
        for copy in map(_object, _list(value["copies"]))
    )
    return HeldCredential(
        id=_text(value, "id"),
        format=_text(value, "format"),
        configuration_id=_text(value, "configuration_id"),
        credential_issuer=_text(value, "credential_issuer"),
        issuer_name=_optional(value, "issuer_name"),
        name=_optional(value, "name"),
        binding_method=_optional(value, "binding_method"),
        received_at=parse_instant(_text(value, "received_at")),
        copies=copies,
    )


def _decode_pending(value: JsonObject) -> PendingIssuance:
    key_ids = _list(value["key_ids"])
    return PendingIssuance(
        id=_text(value, "id"),
        credential_issuer=_text(value, "credential_issuer"),
        configuration_id=_text(value, "configuration_id"),
        credential_identifier=_optional(value, "credential_identifier"),
        binding_method=_optional(value, "binding_method"),
        key_ids=tuple(_text({"id": item}, "id") for item in key_ids),
        access_token=_text(value, "access_token"),
        dpop_key_id=_optional(value, "dpop_key_id"),
        client_id=_optional(value, "client_id"),
        requested_at=parse_instant(_text(value, "requested_at")),
        transaction_id=_optional(value, "transaction_id"),
        not_before=_optional_instant(value, "not_before"),
    )


def _instant(value: datetime | None) -> str | None:
    return None if value is None else format_instant(value)


def _text(value: JsonObject, name: str) -> str:
    found = value[name]
    if not isinstance(found, str):
        raise TypeError(name)
    return found


def _optional(value: JsonObject, name: str) -> str | None:
    return None if value[name] is None else _text(value, name)


def _optional_instant(value: JsonObject, name: str) -> datetime | None:
    text = _optional(value, name)
    return None if text is None else parse_instant(text)


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError("object")
    return value


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TypeError("list")
    return value

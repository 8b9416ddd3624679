"""One verification method of a document (Controlled Identifiers 1.0 section 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.identifiers.did import DidError
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey
from skillcred.model.datetimes import DateTimeError, parse_instant


class DidDocumentError(DidError):
    """The document about an identifier cannot be used."""

    default_code = "invalid_did_document"


@dataclass(frozen=True, slots=True)
class VerificationMethod:
    """A public key under an absolute DID URL. `controller` is as the document says and may be another DID;
    from `expires` and from `revoked` on the key is not to be used (half-open)."""

    id: str
    type: str
    controller: str
    public_key: PublicKey
    expires: datetime | None = None
    revoked: datetime | None = None


_SECRETS: Final = frozenset(
    {"secretKeyMultibase", "secretKeyJwk", "privateKeyMultibase", "privateKeyJwk", "privateKeyBase58"}
    | {"privateKeyHex", "privateKeyPem"}
)
_MATERIAL: Final = frozenset({"publicKeyMultibase", "publicKeyJwk"})
_OTHER_MATERIAL: Final = frozenset({"publicKeyBase58", "publicKeyHex", "publicKeyPem", "publicKeyBase64"})


def parse_verification_method(item: JsonObject, *, method_id: str, pointer: str) -> VerificationMethod:
    """The method that `item` describes, under its absolute name.

    Raises `InvalidKeyError` where only this method is unusable (codes of that class, and
    `unsupported_method_type`, `invalid_datetime`), `DidDocumentError` where the document is not well-formed.
    """
    method_type = _text(item, "type", pointer)
    controller = _text(item, "controller", pointer)
    keys = {name: _READERS[name](item[name]) for name in sorted(_MATERIAL & item.keys())}
    public_key = _one_key(keys, pointer)
    if not _SECRETS.isdisjoint(item):
        raise InvalidKeyError("A private key was published.", code="private_key_given")
    if not _OTHER_MATERIAL.isdisjoint(item) or method_type not in _TYPES:
        raise InvalidKeyError(
            "Verification methods of this type are not supported.", code="unsupported_method_type"
        )
    member, algorithms = _TYPES[method_type]
    if public_key is None or member not in keys or public_key.algorithm not in algorithms:
        raise InvalidKeyError("The verification method has no key of its type.")
    return VerificationMethod(
        id=method_id,
        type=method_type,
        controller=controller,
        public_key=public_key,
        expires=_instant(item, "expires"),
        revoked=_instant(item, "revoked"),
    )


def _one_key(keys: Mapping[str, PublicKey], pointer: str) -> PublicKey | None:
    found = set(keys.values())
    if len(found) > 1:
        raise DidDocumentError(
            "A verification method gives two different keys.", code="key_encodings_disagree", pointer=pointer
        )
    return found.pop() if found else None


def _read_multikey(value: JsonValue) -> PublicKey:
    if not isinstance(value, str):
        raise InvalidKeyError("A Multikey is text.")
    return PublicKey.from_multikey(value)


def _read_jwk(value: JsonValue) -> PublicKey:
    if not isinstance(value, dict):
        raise InvalidKeyError("A JWK is an object.")
    return PublicKey.from_jwk(value)


_READERS: Final[Mapping[str, Callable[[JsonValue], PublicKey]]] = MappingProxyType(
    {"publicKeyMultibase": _read_multikey, "publicKeyJwk": _read_jwk}
)
_ALL: Final = frozenset(Algorithm)
_TYPES: Final[Mapping[str, tuple[str, frozenset[Algorithm]]]] = MappingProxyType(
    {
        "Multikey": ("publicKeyMultibase", _ALL),
        "JsonWebKey": ("publicKeyJwk", _ALL),
        "JsonWebKey2020": ("publicKeyJwk", _ALL),
        "Ed25519VerificationKey2020": ("publicKeyMultibase", frozenset({Algorithm.ED25519})),
    }
)
"""Method type → the member that holds its key, and the algorithms that it may have."""


def _text(item: JsonObject, name: str, pointer: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise DidDocumentError(f"A verification method needs {name}, as text.", pointer=f"{pointer}/{name}")
    return value


def _instant(item: JsonObject, name: str) -> datetime | None:
    value = item.get(name)
    if value is None and name not in item:
        return None
    if not isinstance(value, str):
        raise InvalidKeyError("A time of the verification method is not text.", code="invalid_datetime")
    try:
        return parse_instant(value)
    except DateTimeError as error:
        message = "A time of the verification method is not one."
        raise InvalidKeyError(message, code="invalid_datetime") from error

"""How a key can be written in a DID document: the `publicKeyFormat` values of did:key 0.9 section 3.1.

We store and compare keys as values, so the format is a question of writing only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.identifiers.verification_method import VerificationMethod
from skillcred.keys.algorithms import Algorithm, InvalidKeyError


@dataclass(frozen=True, slots=True)
class KeyFormat:
    """A verification method type: its context, the member that holds the key, the algorithms it is for."""

    type: str
    context: str
    as_jwk: bool
    algorithms: frozenset[Algorithm]


_ALL: Final = frozenset(Algorithm)
KEY_FORMATS: Final[Mapping[str, KeyFormat]] = MappingProxyType(
    {
        written.type: written
        for written in (
            KeyFormat("Multikey", "https://w3id.org/security/multikey/v1", False, _ALL),
            KeyFormat("JsonWebKey", "https://w3id.org/security/jwk/v1", True, _ALL),
            KeyFormat("JsonWebKey2020", "https://w3id.org/security/suites/jws-2020/v1", True, _ALL),
            KeyFormat(
                "Ed25519VerificationKey2020",
                "https://w3id.org/security/suites/ed25519-2020/v1",
                False,
                frozenset({Algorithm.ED25519}),
            ),
        )
    }
)
DEFAULT_FORMATS: Final[Mapping[str, str]] = MappingProxyType({"key": "Multikey", "jwk": "JsonWebKey"})
"""DID method → how the keys of its documents are written when nobody asks for anything else."""
EXPERIMENTAL_FORMATS: Final = frozenset(
    {
        "EcdsaSecp256k1RecoveryMethod2020",
        "EcdsaSecp256k1VerificationKey2019",
        "Ed25519VerificationKey2018",
        "X25519KeyAgreementKey2019",
        "X25519KeyAgreementKey2020",
    }
)
"""Known types that did:key allows only where the client has agreed to experiments. None is written here."""


def write_verification_method(method: VerificationMethod, wanted: KeyFormat) -> JsonObject:
    """`method` as JSON. Raises `InvalidKeyError` if keys of its algorithm are not written in this format."""
    if method.public_key.algorithm not in wanted.algorithms:
        raise InvalidKeyError("A key of this type is not written so.", code="unsupported_key_type")
    written: JsonObject = {"id": method.id, "type": wanted.type, "controller": method.controller}
    if wanted.as_jwk:
        return {**written, "publicKeyJwk": method.public_key.to_jwk()}
    return {**written, "publicKeyMultibase": method.public_key.to_multikey()}

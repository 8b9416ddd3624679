"""The two proof values of `ecdsa-sd-2023`: CBOR behind a header of three bytes, as base64url multibase.

ECDSA Cryptosuites 1.0, sections 3.5.2, 3.5.3 and 3.5.5 to 3.5.8. Read strictly: number, type and length of
every component, and that labels and indexes are in their one order (SECURITY X-01, X-03, X-06).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeGuard

from skillcred.encoding.cbor import CborValue, decode_cbor, encode_cbor
from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.errors import InputError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.public_key import PublicKey
from skillcred.securing.data_integrity.selective_disclosure import parse_pointers

BASE_HEADER: Final = b"\xd9\x5d\x00"
DERIVED_HEADER: Final = b"\xd9\x5d\x01"
HMAC_KEY_LENGTH: Final = 32
"""Bytes of the HMAC key: the length of the digest (RFC 2104)."""
SIGNATURE_LENGTH: Final = 64
"""Bytes of an ES256 signature."""
LABEL_LENGTH: Final = 32
"""Bytes of the HMAC that stands for a blank node."""

_COMPONENTS: Final = 5
_KEY_PREFIX: Final = b"\x80\x24"
"""The Multikey header of P-256 public keys, 0x1200 as a varint."""


class ProofValueError(InputError):
    """The proof value is not one of `ecdsa-sd-2023`. Codes: `invalid_proof_value`; `base_proof` and
    `derived_proof` where the other of the two kinds was expected."""

    default_code = "invalid_proof_value"


@dataclass(frozen=True, slots=True)
class BaseProofValue:
    """What the issuer gives to the holder: a signature for each statement that need not be shown.

    `public_key` is the proof-scoped one; `signatures` are in the order of the statements.
    """

    base_signature: bytes
    public_key: PublicKey
    hmac_key: bytes
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DerivedProofValue:
    """What the holder gives to a verifier. `labels`: canonical label → label that was signed, both without `_:`;
    `mandatory_indexes`: places of the mandatory statements among those that are shown, ascending."""

    base_signature: bytes
    public_key: PublicKey
    signatures: tuple[bytes, ...]
    labels: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]


def encode_proof_key(public_key: PublicKey) -> bytes:
    """The proof-scoped public key as it is signed and stands in proof values: Multikey header and point."""
    return _KEY_PREFIX + public_key.key_bytes


def encode_base_proof_value(value: BaseProofValue) -> str:
    """Section 3.5.2, serializeBaseProofValue."""
    components: list[CborValue] = [
        value.base_signature,
        encode_proof_key(value.public_key),
        value.hmac_key,
        list(value.signatures),
        list(value.mandatory_pointers),
    ]
    return encode_multibase(BASE_HEADER + encode_cbor(components), header="u")


def decode_base_proof_value(text: str) -> BaseProofValue:
    """Section 3.5.3, parseBaseProofValue. Raises `ProofValueError` and other `InputError`s."""
    signature, key, hmac_key, signatures, pointers = _components(text, BASE_HEADER)
    if not isinstance(hmac_key, bytes) or len(hmac_key) != HMAC_KEY_LENGTH:
        raise ProofValueError("The HMAC key of the proof does not have 32 bytes.")
    return BaseProofValue(
        _signature(signature), _public_key(key), hmac_key, _signatures(signatures), parse_pointers(pointers)
    )


def encode_derived_proof_value(value: DerivedProofValue) -> str:
    """Sections 3.5.5 and 3.5.7, compressLabelMap and serializeDerivedProofValue."""
    components: list[CborValue] = [
        value.base_signature,
        encode_proof_key(value.public_key),
        list(value.signatures),
        {
            int(label.removeprefix("c14n")): decode_multibase(signed, headers="u")
            for label, signed in value.labels.items()
        },
        list(value.mandatory_indexes),
    ]
    return encode_multibase(DERIVED_HEADER + encode_cbor(components), header="u")


def decode_derived_proof_value(text: str) -> DerivedProofValue:
    """Sections 3.5.6 and 3.5.8, decompressLabelMap and parseDerivedProofValue. Raises `ProofValueError` and other
    `InputError`s. No two blank nodes may have one label: their statements would become those of one node."""
    signature, key, signatures, labels, indexes = _components(text, DERIVED_HEADER)
    if not _is_label_map(labels) or len(set(labels.values())) != len(labels):
        raise ProofValueError("The label map of the proof is not one.")
    if not _is_index_list(indexes) or any(a >= b for a, b in pairwise(indexes)):
        raise ProofValueError("The indexes of the proof are not ascending numbers.")
    return DerivedProofValue(
        _signature(signature),
        _public_key(key),
        _signatures(signatures),
        {f"c14n{number}": encode_multibase(label, header="u") for number, label in labels.items()},
        tuple(indexes),
    )


def _components(text: str, header: bytes) -> list[CborValue]:
    data = decode_multibase(text, headers="u")
    if not data.startswith(header):
        if data.startswith((BASE_HEADER, DERIVED_HEADER)):
            kind = "base_proof" if data.startswith(BASE_HEADER) else "derived_proof"
            raise ProofValueError("The proof is of the other kind.", code=kind)
        raise ProofValueError("The proof value does not have the header of its cryptosuite.")
    components = decode_cbor(data[len(header) :])
    if not isinstance(components, list) or len(components) != _COMPONENTS:
        raise ProofValueError("The proof value does not have five components.")
    return components


def _public_key(value: CborValue) -> PublicKey:
    """Raises `InvalidKeyError` for what is not a point of the curve."""
    if not isinstance(value, bytes) or not value.startswith(_KEY_PREFIX):
        raise ProofValueError("The public key of the proof is not a P-256 Multikey.")
    return PublicKey(Algorithm.P256, value[len(_KEY_PREFIX) :])


def _signature(value: CborValue) -> bytes:
    if not isinstance(value, bytes) or len(value) != SIGNATURE_LENGTH:
        raise ProofValueError("A signature of the proof does not have 64 bytes.")
    return value


def _signatures(value: CborValue) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise ProofValueError("The signatures of the proof are not a list.")
    return tuple(_signature(item) for item in value)


def _is_label_map(value: CborValue) -> TypeGuard[dict[int, bytes]]:
    return isinstance(value, dict) and all(
        _is_index(key) and isinstance(label, bytes) and len(label) == LABEL_LENGTH
        for key, label in value.items()
    )


def _is_index_list(value: CborValue) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(_is_index(item) for item in value)


def _is_index(value: CborValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0

"""The two proof values of `bbs-2023`: CBOR behind a header of three bytes, as base64url multibase.

BBS Cryptosuites 1.0, sections 3.3.1, 3.3.2 and 3.3.4 to 3.3.7. Read strictly: number, type and length of every
component, and that labels and indexes are in their one order (SECURITY X-01, X-03, X-06). Only the feature option
`baseline` is known: the others build on drafts that move, and what cannot be checked is never taken for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeGuard

from skillcred.encoding.cbor import CborValue, decode_cbor, encode_cbor
from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.errors import InputError
from skillcred.keys.bbs import PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH
from skillcred.securing.data_integrity.selective_disclosure import parse_pointers

BASE_HEADER: Final = b"\xd9\x5d\x02"
DERIVED_HEADER: Final = b"\xd9\x5d\x03"
BBS_HEADER_LENGTH: Final = 64
"""Bytes of the BBS header: the hash of the proof options and that of the mandatory statements."""
HMAC_KEY_LENGTH: Final = 32
"""Bytes of the HMAC key: the length of the digest (RFC 2104)."""

_OTHER_BASE_HEADERS: Final = (b"\xd9\x5d\x04", b"\xd9\x5d\x06", b"\xd9\x5d\x08")
"""Anonymous holder binding, pseudonyms, both."""
_OTHER_DERIVED_HEADERS: Final = (b"\xd9\x5d\x05", b"\xd9\x5d\x07", b"\xd9\x5d\x09")
_COMPONENTS: Final = 5


class BbsProofValueError(InputError):
    """The proof value is not one of `bbs-2023` that can be used here. Codes: `invalid_proof_value`; `base_proof` and
    `derived_proof` where the other of the two kinds was expected; `unsupported_feature` for a feature option."""

    default_code = "invalid_proof_value"


@dataclass(frozen=True, slots=True)
class BbsBaseProofValue:
    """What the issuer gives to the holder. `public_key`: 96 bytes; `bbs_header`: 64."""

    bbs_signature: bytes
    bbs_header: bytes
    public_key: bytes
    hmac_key: bytes
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BbsDerivedProofValue:
    """What the holder gives to a verifier. `labels`: canonical label → label that was signed, both without `_:`;
    `mandatory_indexes`: places of the mandatory statements among those that are shown; `selective_indexes`: places of
    the others among all that were signed one by one; both ascending."""

    bbs_proof: bytes
    labels: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]
    selective_indexes: tuple[int, ...]
    presentation_header: bytes


def encode_base_proof_value(value: BbsBaseProofValue) -> str:
    """Section 3.3.1, serializeBaseProofValue."""
    components: list[CborValue] = [
        value.bbs_signature,
        value.bbs_header,
        value.public_key,
        value.hmac_key,
        list(value.mandatory_pointers),
    ]
    return encode_multibase(BASE_HEADER + encode_cbor(components), header="u")


def decode_base_proof_value(text: str) -> BbsBaseProofValue:
    """Section 3.3.2, parseBaseProofValue. Raises `BbsProofValueError` and other `InputError`s."""
    signature, header, public_key, hmac_key, pointers = _components(text, BASE_HEADER)
    return BbsBaseProofValue(
        _octets(signature, SIGNATURE_LENGTH),
        _octets(header, BBS_HEADER_LENGTH),
        _octets(public_key, PUBLIC_KEY_LENGTH),
        _octets(hmac_key, HMAC_KEY_LENGTH),
        parse_pointers(pointers),
    )


def encode_derived_proof_value(value: BbsDerivedProofValue) -> str:
    """Sections 3.3.4 and 3.3.6, compressLabelMap and serializeDerivedProofValue."""
    components: list[CborValue] = [
        value.bbs_proof,
        {int(label.removeprefix("c14n")): int(new.removeprefix("b")) for label, new in value.labels.items()},
        list(value.mandatory_indexes),
        list(value.selective_indexes),
        value.presentation_header,
    ]
    return encode_multibase(DERIVED_HEADER + encode_cbor(components), header="u")


def decode_derived_proof_value(text: str) -> BbsDerivedProofValue:
    """Sections 3.3.5 and 3.3.7, decompressLabelMap and parseDerivedProofValue. Raises `BbsProofValueError` and other
    `InputError`s. No two blank nodes may have one label: their statements would become those of one node."""
    proof, labels, mandatory, selective, presentation_header = _components(text, DERIVED_HEADER)
    if not isinstance(proof, bytes) or not isinstance(presentation_header, bytes):
        raise BbsProofValueError("A component of the proof value is not a byte string.")
    if not _is_label_map(labels) or len(set(labels.values())) != len(labels):
        raise BbsProofValueError("The label map of the proof is not one.")
    return BbsDerivedProofValue(
        proof,
        {f"c14n{number}": f"b{new}" for number, new in labels.items()},
        _indexes(mandatory),
        _indexes(selective),
        presentation_header,
    )


def _components(text: str, header: bytes) -> list[CborValue]:
    data = decode_multibase(text, headers="u")
    if not data.startswith(header):
        raise _wrong_header(data, header)
    components = decode_cbor(data[len(header) :])
    if not isinstance(components, list) or len(components) != _COMPONENTS:
        raise BbsProofValueError("The proof value does not have five components.")
    return components


def _wrong_header(data: bytes, expected: bytes) -> BbsProofValueError:
    kinds = {
        "base_proof": (BASE_HEADER, *_OTHER_BASE_HEADERS),
        "derived_proof": (DERIVED_HEADER, *_OTHER_DERIVED_HEADERS),
    }
    for kind, headers in kinds.items():
        if not data.startswith(headers):
            continue
        if expected in headers:
            message = "Holder binding and pseudonyms in BBS proofs are not supported."
            return BbsProofValueError(message, code="unsupported_feature")
        return BbsProofValueError("The proof is of the other kind.", code=kind)
    return BbsProofValueError("The proof value does not have the header of its cryptosuite.")


def _octets(value: CborValue, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise BbsProofValueError("A component of the proof value is not a byte string of its length.")
    return value


def _indexes(value: CborValue) -> tuple[int, ...]:
    if not _is_index_list(value) or any(a >= b for a, b in pairwise(value)):
        raise BbsProofValueError("The indexes of the proof are not ascending numbers.")
    return tuple(value)


def _is_label_map(value: CborValue) -> TypeGuard[dict[int, int]]:
    return isinstance(value, dict) and all(_is_index(key) and _is_index(new) for key, new in value.items())


def _is_index_list(value: CborValue) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(_is_index(item) for item in value)


def _is_index(value: CborValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0

"""COSE_Sign1 messages (RFC 9052 section 4.2), read strictly.

Accepted are messages with tag 18, whose protected header names everything that matters; in the unprotected header
there may be a `kid` and nothing else, and not one that the protected header has as well. No external data is signed
along (`external_aad` is empty), and the payload is inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.encoding.cbor import CborError, CborLimitError, CborValue, Tagged, decode_cbor, encode_cbor
from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.securing.cose.errors import CoseError, CoseUnsupportedError
from skillcred.securing.jose.envelope import MAX_KEY_ID_CHARACTERS, normalise_media_type

COSE_SIGN1_TAG: Final = 18
ALG: Final = 1
CRIT: Final = 2
CONTENT_TYPE: Final = 3
KID: Final = 4
CWT_CLAIMS: Final = 15
"""Claims of a CBOR Web Token in the header (RFC 9597)."""
TYPE: Final = 16
"""`typ` (RFC 9596)."""
HEADER_PARAMETERS: Final = frozenset({ALG, CONTENT_TYPE, KID, CWT_CLAIMS, TYPE})
_REFUSED_PARAMETERS: Final = frozenset({CRIT, 5, 6, 11, 12, 32, 33, 35})
"""`crit`, IVs, countersignatures, and certificates or addresses of them (RFC 9360): keys that the message brings along
prove nothing about the issuer."""
MAX_HEADER_BYTES: Final = 16 * 1024
"""Largest protected header, in bytes."""

SIGNATURE_ALGORITHMS: Final[Mapping[Algorithm, tuple[int, ...]]] = MappingProxyType(
    {
        Algorithm.ED25519: (-8, -19),
        Algorithm.P256: (-7, -9),
        Algorithm.P384: (-35, -51),
        Algorithm.P521: (-36, -52),
    }
)
"""Type of key → the `alg` values that may stand beside it, the one that we write first: EdDSA, ES256, ES384, ES512
of RFC 9053, which verifiers know today, and their fully specified successors of RFC 9864."""
_ALLOWED_ALGORITHMS: Final = frozenset(name for names in SIGNATURE_ALGORITHMS.values() for name in names)
_OTHER_SIGNATURES: Final = frozenset({-37, -38, -39, -47, -48, -49, -50, -53, -257, -258, -259})
"""Registered public key signatures that we do not check (PS…, ES256K, ML-DSA, Ed448, RS…)."""


@dataclass(frozen=True, slots=True)
class CoseSign1:
    """A message as it was read; nothing is verified. `type` and `content_type` are full media types in lower case."""

    protected: Mapping[int | str, CborValue]
    algorithm: int
    type: str | None
    content_type: str | None
    key_id: str | None
    payload: bytes
    signing_input: bytes
    signature: bytes


def parse_cose_sign1(data: bytes) -> CoseSign1:
    """The message in `data`. Raises `CoseError`; `CoseUnsupportedError` where nothing can be said about it."""
    protected_bytes, unprotected, payload, signature = _split(data)
    if len(protected_bytes) > MAX_HEADER_BYTES:
        raise CoseError("The header is larger than is accepted.", code="too_large")
    protected = _decode(protected_bytes) if protected_bytes else {}
    if not isinstance(protected, dict) or not isinstance(unprotected, dict):
        raise CoseError("A header is no map.")
    algorithm = _check_header(protected, unprotected)
    key_ids = [header[KID] for header in (protected, unprotected) if KID in header]
    if len(key_ids) > 1:
        raise CoseError("A parameter stands in both headers.", code="header_parameter_not_allowed")
    return CoseSign1(
        protected=MappingProxyType(protected),
        algorithm=algorithm,
        type=_media_type(protected, TYPE),
        content_type=_media_type(protected, CONTENT_TYPE),
        key_id=_key_id(key_ids[0]) if key_ids else None,
        payload=payload,
        signing_input=build_signing_input(protected_bytes, payload),
        signature=signature,
    )


def verify_cose_sign1(message: CoseSign1, key: PublicKey) -> None:
    """Raises `CoseError` unless `key` made the signature, by the algorithm that the type of `key` fixes."""
    if message.algorithm not in SIGNATURE_ALGORITHMS.get(key.algorithm, ()):
        raise CoseError("The key is not of the type that the algorithm needs.", code="alg_key_mismatch")
    if not key.verify(message.signature, message.signing_input):
        raise CoseError("The signature does not fit the content.", code="signature_wrong")


def build_signing_input(protected: bytes, payload: bytes) -> bytes:
    """The `Sig_structure` for COSE_Sign1 without external data (RFC 9052 section 4.4)."""
    return encode_cbor(["Signature1", protected, b"", payload])


def encode_cose_sign1(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    """The tagged message with an empty unprotected header."""
    return encode_cbor(Tagged(COSE_SIGN1_TAG, [protected, {}, payload, signature]))


def _decode(data: bytes) -> CborValue:
    try:
        return decode_cbor(data, tags=(COSE_SIGN1_TAG,))
    except (CborError, CborLimitError) as error:
        raise CoseError(error.message, code=error.code) from error


def _split(data: bytes) -> tuple[bytes, CborValue, bytes, bytes]:
    if len(data) > MAX_BYTES:
        raise CoseError(f"The message is larger than {MAX_BYTES} bytes.", code="too_large")
    message = _decode(data)
    if isinstance(message, list):
        raise CoseUnsupportedError("The message does not say what it is.", code="untagged_message")
    parts = message.value if isinstance(message, Tagged) else None
    if not isinstance(parts, list) or len(parts) != 4:
        raise CoseError("The message does not have four parts.")
    protected, unprotected, payload, signature = parts
    if not isinstance(protected, bytes) or not isinstance(payload, bytes) or not isinstance(signature, bytes):
        raise CoseError("A part of the message is not of its type.")
    return protected, unprotected, payload, signature


def _check_header(
    protected: Mapping[int | str, CborValue], unprotected: Mapping[int | str, CborValue]
) -> int:
    algorithm = protected.get(ALG)
    if (
        not isinstance(algorithm, int)
        or isinstance(algorithm, bool)
        or algorithm not in _ALLOWED_ALGORITHMS | _OTHER_SIGNATURES
    ):
        raise CoseError("The algorithm is not one that is accepted.", code="alg_not_allowed")
    for name in (*protected, *unprotected):
        if name in _REFUSED_PARAMETERS:
            raise CoseError(
                "The header has a parameter that is not accepted.",
                code="crit_not_allowed" if name == CRIT else "header_parameter_not_allowed",
            )
    if any(name != KID for name in unprotected):
        raise CoseError("The unprotected header is not empty.", code="header_parameter_not_allowed")
    if algorithm not in _ALLOWED_ALGORITHMS:
        raise CoseUnsupportedError("The algorithm is not supported.")
    if any(name not in HEADER_PARAMETERS for name in protected):
        raise CoseUnsupportedError(
            "The header has a parameter that is not known.", code="unsupported_header_parameter"
        )
    return algorithm


def _key_id(value: CborValue) -> str:
    if not isinstance(value, bytes) or not 0 < len(value) <= MAX_KEY_ID_CHARACTERS:
        raise CoseError("The name of the key has no acceptable form.", code="malformed_kid")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CoseUnsupportedError(
            "The name of the key is no text.", code="unsupported_header_parameter"
        ) from error


def _media_type(header: Mapping[int | str, CborValue], name: int) -> str | None:
    if name not in header:
        return None
    value = header[name]
    media_type = normalise_media_type(value) if isinstance(value, str) else None
    if media_type is None:
        raise CoseError("A type in the header is no media type.", code="type_not_allowed")
    return media_type

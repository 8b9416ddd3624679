"""Multikey text for public keys (Controlled Identifiers 1.0 section 2.2.2), with one text for each key."""

from __future__ import annotations

from typing import Final

from skillcred.encoding.base64url import Base64UrlError
from skillcred.encoding.multibase import MultibaseError, decode_multibase, encode_multibase
from skillcred.keys.algorithms import TRAITS, Algorithm, InvalidKeyError

_MAX_VARINT_BYTES: Final = 9
"""Longest unsigned varint that the multiformats specification allows."""
_ALGORITHMS: Final = {traits.multicodec: algorithm for algorithm, traits in TRAITS.items()}


def encode_multikey(algorithm: Algorithm, key_bytes: bytes) -> str:
    """The Multikey text of a public key: multibase over multicodec prefix and key, in base58btc but for ML-DSA keys,
    which are in base64url (Quantum-Resistant Cryptosuites 1.0, section 2.1.1)."""
    traits = TRAITS[algorithm]
    return encode_multibase(_encode_varint(traits.multicodec) + key_bytes, header=traits.multibase)


def decode_multikey(text: str) -> tuple[Algorithm, bytes]:
    """Algorithm and key bytes of Multikey `text`; of the bytes only the length is checked.

    Raises `InvalidKeyError`: `unsupported_key_type` for a multicodec that is not ours (private keys and
    symmetric keys among them), `invalid_key` for any other fault.
    """
    try:
        data = decode_multibase(text)
    except (MultibaseError, Base64UrlError) as error:
        raise InvalidKeyError("A Multikey is base58btc or base64url text that starts with z or u.") from error
    code, length = _decode_varint(data)
    algorithm = _ALGORITHMS.get(code)
    if algorithm is None:
        raise InvalidKeyError("Keys of this type are not supported.", code="unsupported_key_type")
    if text[0] != TRAITS[algorithm].multibase:
        raise InvalidKeyError("The Multikey is not in the encoding that its type has.")
    key_bytes = data[length:]
    if len(key_bytes) != algorithm.public_key_length:
        raise InvalidKeyError("The key does not have the length that its type says.")
    return algorithm, key_bytes


def _encode_varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _decode_varint(data: bytes) -> tuple[int, int]:
    number = 0
    for index, byte in enumerate(data[:_MAX_VARINT_BYTES]):
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            if index and byte == 0:
                raise InvalidKeyError("The key type is not encoded in its shortest form.")
            return number, index + 1
    raise InvalidKeyError("The key does not say its type.")

"""Encrypted PKCS#8 with scrypt (RFC 5958, RFC 8018 PBES2, RFC 7914 section 7), as OpenSSL reads and writes
it; a BBS key it opens, but does not know.

The library writes PBES2 with 2,048 rounds of PBKDF2 only, which a graphics card tries by the million. It
reads scrypt, so only the writing is done here; the cipher and the key derivation are the library's.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from skillcred.errors import IntegrityError
from skillcred.keys.algorithms import InvalidKeyError
from skillcred.keys.private_key import PrivateKey

SCRYPT_N: Final = 2**14
"""Cost: 16 MiB and, with `SCRYPT_P`, about a tenth of a second for each guess. This is one of the settings
that OWASP's password storage guide gives; twice the memory is more than the openssl command is willing to
use."""
SCRYPT_R: Final = 8
SCRYPT_P: Final = 5
SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 16

_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT: Final = bytes.fromhex("06092b06010401da47040b")
_AES_256_CBC: Final = bytes.fromhex("060960864801650304012a")
_BBS_CIPHERTEXT: Final = 64
"""Bytes of the encrypted structure of a BBS key: 63, padded to whole blocks."""
_SEQUENCE: Final = 0x30
_OCTET_STRING: Final = 0x04
_INTEGER: Final = 0x02


def encrypt_private_key(key: PrivateKey, passphrase: bytes) -> bytes:
    """The DER of an `EncryptedPrivateKeyInfo` for `key`."""
    salt, iv = os.urandom(SALT_BYTES), os.urandom(_BLOCK_BYTES)
    padder = padding.PKCS7(_BLOCK_BYTES * 8).padder()
    encryptor = _cipher(passphrase, salt, iv).encryptor()
    ciphertext = encryptor.update(padder.update(key.to_pkcs8()) + padder.finalize()) + encryptor.finalize()
    return _encode(salt, iv, ciphertext)


def _encode(salt: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    derivation = _sequence(
        _SCRYPT,
        _sequence(_der(_OCTET_STRING, salt), _integer(SCRYPT_N), _integer(SCRYPT_R), _integer(SCRYPT_P)),
    )
    scheme = _sequence(_AES_256_CBC, _der(_OCTET_STRING, iv))
    return _sequence(
        _sequence(_PBES2, _sequence(derivation, scheme)),
        _der(_OCTET_STRING, ciphertext),
    )


def decrypt_private_key(der: bytes, passphrase: bytes) -> PrivateKey:
    """The key in an `EncryptedPrivateKeyInfo`.

    Raises `IntegrityError`: `key_file_damaged` if it is not one or asks for a derivation that cannot be done,
    `wrong_passphrase` if it does not open, and `InvalidKeyError` for a key of a type that is not ours.
    """
    if not _is_one_sequence(der):
        raise IntegrityError("The key file does not hold an encrypted key.", code="key_file_damaged")
    try:
        key = serialization.load_der_private_key(der, password=passphrase)
    except UnsupportedAlgorithm:
        return PrivateKey.from_pkcs8(_decrypt(der, passphrase))
    except TypeError as error:
        raise IntegrityError("The key file is not encrypted.", code="key_file_damaged") from error
    except InternalError as error:
        # OpenSSL's answer to parameters of scrypt that are out of its bounds; the library does not look at them before
        raise IntegrityError(
            "The key file asks for a key derivation that cannot be done.", code="key_file_damaged"
        ) from error
    except ValueError as error:
        raise IntegrityError(
            "The key file does not open with this passphrase.", code="wrong_passphrase"
        ) from error
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return PrivateKey.from_pkcs8(plain)


def _decrypt(der: bytes, passphrase: bytes) -> bytes:
    """The PKCS#8 structure in what `encrypt_private_key` has written, for keys that the library opens but does
    not know. Nothing but that form is read, so nobody else decides what the derivation costs."""
    salt_start = _encode(b"\xff" * SALT_BYTES, bytes(_BLOCK_BYTES), bytes(_BBS_CIPHERTEXT)).index(
        b"\xff" * SALT_BYTES
    )
    salt = der[salt_start : salt_start + SALT_BYTES]
    iv_start = len(der) - _BBS_CIPHERTEXT - _BLOCK_BYTES - 2
    iv, ciphertext = der[iv_start : iv_start + _BLOCK_BYTES], der[-_BBS_CIPHERTEXT:]
    if _encode(salt, iv, ciphertext) != der:
        raise InvalidKeyError("Keys of this type are not supported.", code="unsupported_key_type")
    decryptor = _cipher(passphrase, salt, iv).decryptor()
    unpadder = padding.PKCS7(_BLOCK_BYTES * 8).unpadder()
    try:
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise IntegrityError(
            "The key file does not open with this passphrase.", code="wrong_passphrase"
        ) from error


def _cipher(passphrase: bytes, salt: bytes, iv: bytes) -> Cipher[modes.CBC]:
    secret = Scrypt(salt=salt, length=_KEY_BYTES, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase)
    return Cipher(algorithms.AES256(secret), modes.CBC(iv))


def _is_one_sequence(der: bytes) -> bool:
    """Whether `der` is one SEQUENCE that ends where it says: a truncated file does not."""
    if len(der) < 2 or der[0] != _SEQUENCE:
        return False
    first, body = der[1], der[2:]
    if first < 0x80:
        return len(body) == first
    width = first & 0x7F
    return 0 < width <= 2 and len(body) - width == int.from_bytes(body[:width])


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _der(_SEQUENCE, b"".join(parts))


def _integer(number: int) -> bytes:
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1))

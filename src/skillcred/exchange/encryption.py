"""Messages encrypted to one reader: compact JWE with ECDH-ES on P-256 and nothing else (RFC 7516, RFC 7518).

The library decrypts; what it lets pass, and we do not want, is refused before: other algorithms, compression, headers
that nobody asked for, a key by another name. No key is used before the sizes are known.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from joserfc import jwe
from joserfc.errors import JoseError as LibraryError
from joserfc.jwk import ECKey

from skillcred.encoding.base64url import Base64UrlError, decode_base64url
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.errors import InputError

KEY_AGREEMENT: Final = "ECDH-ES"
"""Direct key agreement: the only `alg` here."""
MAX_JWE_BYTES: Final = 1024 * 1024
"""Longest token, in bytes: what is encrypted is bounded like what is sent in the clear."""
MAX_JWE_HEADER_CHARACTERS: Final = 4 * 1024
"""Longest header in base64url characters. One with `apu` and `apv` has about 500."""
_HEADER: Final = frozenset({"alg", "enc", "kid", "epk", "apu", "apv", "typ", "cty"})
_EPHEMERAL_KEY: Final = frozenset({"kty", "crv", "x", "y"})
"""What an ephemeral key has. Others may stand beside and are ignored, but the private part (RFC 7518 section 4.6.1.1);
Credo puts a `kid` there."""
_CURVE: Final = "P-256"


class ContentEncryption(StrEnum):
    """How content is encrypted (`enc`, RFC 7518 section 5.1). A128GCM goes without saying (OID4VP 1.0 section 8.3)."""

    A128GCM = "A128GCM"
    A256GCM = "A256GCM"
    A128CBC_HS256 = "A128CBC-HS256"


class EncryptionError(InputError):
    """A message cannot be decrypted, or not be encrypted to the key that was given.

    Codes: `malformed_jwe`, `jwe_algorithm`, `jwe_header`, `jwe_key`, `decryption_failed`.
    """

    default_code = "malformed_jwe"


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A private key on P-256 that messages are encrypted to. It has no text form (SECURITY K-17)."""

    _key: ECKey
    key_id: str

    @classmethod
    def generate(cls, key_id: str) -> DecryptionKey:
        """A new key, named `key_id`."""
        return cls(ECKey.generate_key(_CURVE, private=True, auto_kid=False), key_id)

    @classmethod
    def from_bytes(cls, data: bytes, key_id: str) -> DecryptionKey:
        """The key that `to_bytes` wrote. Raises `EncryptionError` (`jwe_key`)."""
        try:
            members = parse_json_object(data)
            return cls(ECKey.import_key({name: str(value) for name, value in members.items()}), key_id)
        except (LibraryError, StrictJsonError, StrictJsonLimitError, ValueError, TypeError) as error:
            raise EncryptionError("That is no key for decryption.", code="jwe_key") from error

    def to_bytes(self) -> bytes:
        """The private key, to be stored sealed."""
        return json.dumps(self._key.as_dict(private=True)).encode("ascii")

    def public_jwk(self) -> JsonObject:
        """What a sender needs (OID4VP 1.0 section 8.3)."""
        members = self._key.as_dict(private=False)
        jwk: JsonObject = {name: str(members[name]) for name in ("kty", "crv", "x", "y")}
        return {**jwk, "kid": self.key_id, "use": "enc", "alg": KEY_AGREEMENT}

    def decrypt(
        self, token: str, *, accepted: Collection[ContentEncryption] = tuple(ContentEncryption)
    ) -> bytes:
        """What `token` holds. It must name this key, and be encrypted in one of the ways in `accepted`.

        Raises `EncryptionError`.
        """
        header = _read_header(token)
        if header.get("kid") != self.key_id:
            raise EncryptionError("The message was encrypted to another key.", code="jwe_key")
        if header.get("enc") not in tuple(accepted):
            raise EncryptionError(
                "The content is not encrypted in a way that was offered.", code="jwe_algorithm"
            )
        try:
            found = jwe.decrypt_compact(token, self._key, registry=_Registry(str(header["enc"])))
        except (LibraryError, ValueError, TypeError) as error:
            raise EncryptionError("The message does not open.", code="decryption_failed") from error
        if found.plaintext is None:
            raise EncryptionError("The message does not open.", code="decryption_failed")
        return found.plaintext

    def __repr__(self) -> str:
        return f"DecryptionKey({self.key_id!r})"

    def __reduce__(self) -> str:
        raise TypeError("private keys are not pickled")


def encrypt_to(
    jwk: JsonObject,
    content: bytes,
    encryption: ContentEncryption,
    *,
    apu: str | None = None,
    apv: str | None = None,
) -> str:
    """`content` as a compact JWE to the public key `jwk`, which has `kid` and `alg`. `apu` and `apv` are base64url.

    Raises `EncryptionError` (`jwe_key`) for a key that is not one on P-256 for ECDH-ES.
    """
    if (
        jwk.get("alg") != KEY_AGREEMENT
        or jwk.get("use", "enc") != "enc"
        or jwk.get("crv") != _CURVE
        or "d" in jwk
    ):
        raise EncryptionError("Messages are encrypted to public keys on P-256, by ECDH-ES.", code="jwe_key")
    header: dict[str, object] = {"alg": KEY_AGREEMENT, "enc": encryption.value}
    for name, value in (("kid", jwk.get("kid")), ("apu", apu), ("apv", apv)):
        if value is not None:
            header[name] = value
    try:
        key = ECKey.import_key({name: str(jwk.get(name)) for name in ("kty", "crv", "x", "y")})
        return jwe.encrypt_compact(header, content, key, registry=_Registry(encryption.value))
    except (LibraryError, ValueError, TypeError) as error:
        raise EncryptionError("That is no key to encrypt to.", code="jwe_key") from error


class _Registry(jwe.JWERegistry):
    """The limits of the library are for small tokens; ours are looked at before."""

    max_ciphertext_length = MAX_JWE_BYTES
    max_protected_header_length = MAX_JWE_HEADER_CHARACTERS

    def __init__(self, encryption: str) -> None:
        super().__init__(algorithms=[KEY_AGREEMENT, encryption])


def _read_header(token: str) -> JsonObject:
    if len(token) > MAX_JWE_BYTES:
        raise EncryptionError("The message is larger than is accepted.")
    parts = token.split(".")
    if len(parts) != 5 or len(parts[0]) > MAX_JWE_HEADER_CHARACTERS:
        raise EncryptionError("The message is no compact JWE.")
    try:
        decoded = [decode_base64url(part) for part in parts]
        header = parse_json_object(decoded[0], max_depth=3)
    except (Base64UrlError, StrictJsonError, StrictJsonLimitError) as error:
        raise EncryptionError("The message is no compact JWE.") from error
    if header.get("alg") != KEY_AGREEMENT or decoded[1]:
        raise EncryptionError("The key is not agreed on in the way that was offered.", code="jwe_algorithm")
    if not _HEADER.issuperset(header):
        raise EncryptionError("The header has a member that is not accepted.", code="jwe_header")
    ephemeral = header.get("epk")
    if (
        not isinstance(ephemeral, dict)
        or ephemeral.get("crv") != _CURVE
        or not ephemeral.keys() >= _EPHEMERAL_KEY
        or "d" in ephemeral
    ):
        raise EncryptionError("The ephemeral key is not one on P-256.", code="jwe_key")
    return header

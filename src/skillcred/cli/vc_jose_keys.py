"""Key files of the vc-jose-cose test suite: one verification method with a public and a secret JWK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skillcred.encoding.base64url import decode_base64url
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.keys.algorithms import CURVES, TRAITS, Algorithm, InvalidKeyError
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import PublicKey

MAX_KEY_FILE_BYTES: Final = 64 * 1024


class KeyFileError(InputError):
    """The key file is not a verification method with a JWK."""

    default_code = "invalid_key_file"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A verification method. `names` are all by which a `kid` may call it."""

    id: str
    controller: str
    public_key: PublicKey
    names: frozenset[str]
    secret: JsonObject | None

    def private_key(self) -> PrivateKey:
        """The key to sign with. Raises `KeyFileError`, `InvalidKeyError`."""
        if self.secret is None:
            raise KeyFileError("The key file has no secretKeyJwk.")
        number = decode_base64url(_text(self.secret, "d"))
        algorithm = self.public_key.algorithm
        if len(number) != TRAITS[algorithm].coordinate_length:
            raise InvalidKeyError("The private key does not have the length of its curve.")
        try:
            if algorithm is Algorithm.ED25519:
                key = PrivateKey(Ed25519PrivateKey.from_private_bytes(number))
            else:
                key = PrivateKey(ec.derive_private_key(int.from_bytes(number), CURVES[algorithm].curve))
        except ValueError as error:
            raise InvalidKeyError("The private key is not one of its curve.") from error
        if key.public_key != self.public_key:
            raise KeyFileError("The two keys of the file are no pair.")
        return key


def parse_key_file(content: bytes) -> KeyFile:
    """The verification method in `content`. Raises `KeyFileError`; `InvalidKeyError` for keys that we do not have."""
    method = parse_json_object(content, max_bytes=MAX_KEY_FILE_BYTES)
    public_jwk = _object(method.get("publicKeyJwk"))
    secret = method.get("secretKeyJwk")
    public_key = PublicKey.from_jwk(public_jwk)
    kid = public_jwk.get("kid")
    names = {_text(method, "id"), public_key.thumbprint()} | ({kid} if isinstance(kid, str) else set())
    return KeyFile(
        id=_text(method, "id"),
        controller=_text(method, "controller"),
        public_key=public_key,
        names=frozenset(names),
        secret=None if secret is None else _object(secret),
    )


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise KeyFileError("The key file has no JWK.")
    return value


def _text(members: JsonObject, name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise KeyFileError(f"The key file lacks {name}.")
    return value

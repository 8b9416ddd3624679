"""The fake of the key manager: the same promises, kept in a dictionary."""

from __future__ import annotations

from skillcred.errors import ConflictError, InputError, IntegrityError, NotFoundError
from skillcred.keys.private_key import PrivateKey, PrivateKeySigner
from skillcred.keys.public_key import Algorithm
from skillcred.keys.signer import Signer


class InMemoryKeyManager:
    """Keys that live as long as the test."""

    def __init__(self) -> None:
        self.keys: dict[str, PrivateKey] = {}

    def create_key(self, key_id: str, algorithm: str) -> str:
        if not key_id or not key_id.isascii() or not key_id.isprintable() or " " in key_id:
            raise InputError("The name of the key is not a DID URL.", code="invalid_key_id")
        try:
            key = PrivateKey.generate(Algorithm(algorithm))
        except ValueError as error:
            raise InputError("There is no such key algorithm.", code="unsupported_key_type") from error
        if key_id in self.keys:
            raise ConflictError("A key of this name exists.", code="key_exists")
        self.keys[key_id] = key
        return key.public_key.to_multikey()

    def adopt_key(self, provisional_id: str, key_id: str) -> None:
        if provisional_id not in self.keys:
            raise NotFoundError("There is no key of this name.", code="key_not_found")
        if key_id in self.keys:
            raise ConflictError("A key of this name exists.", code="key_exists")
        self.keys[key_id] = self.keys.pop(provisional_id)

    def get_signer(self, key_id: str, public_key_multibase: str) -> Signer:
        if key_id not in self.keys:
            raise NotFoundError("There is no key of this name.", code="key_not_found")
        if self.keys[key_id].public_key.to_multikey() != public_key_multibase:
            raise IntegrityError("The stored key is not the one that was recorded.", code="key_mismatch")
        return PrivateKeySigner(key_id, self.keys[key_id])

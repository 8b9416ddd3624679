"""Our keys as the framework's. A key is known by the digest of its public part, so it cannot count twice (T-06)."""

from __future__ import annotations

import hashlib

from securesystemslib.signer import Key, Signature, SSlibKey
from securesystemslib.signer import Signer as FrameworkSigner

from skillcred.errors import InputError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.public_key import PublicKey
from skillcred.keys.signer import Signer


def framework_key(public_key: PublicKey) -> SSlibKey:
    """The public key in the framework's form. Raises `InputError` (`unsupported_key_type`) unless it is Ed25519."""
    if public_key.algorithm is not Algorithm.ED25519:
        raise InputError("A registry is signed with Ed25519 keys.", code="unsupported_key_type")
    raw = public_key.key_bytes
    return SSlibKey(hashlib.sha256(raw).hexdigest(), "ed25519", "ed25519", {"public": raw.hex()})


def public_key_of(key: Key) -> PublicKey:
    """A key of the framework as ours. Raises `InputError` (`unsupported_key_type`) unless it is Ed25519."""
    public = key.keyval.get("public")
    if key.keytype != "ed25519" or not isinstance(public, str):
        raise InputError("A registry is signed with Ed25519 keys.", code="unsupported_key_type")
    try:
        return PublicKey(Algorithm.ED25519, bytes.fromhex(public))
    except ValueError as error:
        raise InputError("A key of the registry is not one.", code="unsupported_key_type") from error


def multikey_of(key: Key) -> str:
    """A key of the framework as Multikey. Raises as `public_key_of` does."""
    return public_key_of(key).to_multikey()


class RegistrySigner(FrameworkSigner):
    """Signs with a key that stays where it is."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._key = framework_key(signer.public_key)

    @property
    def public_key(self) -> SSlibKey:
        """The public part."""
        return self._key

    def sign(self, payload: bytes) -> Signature:
        """The signature over `payload`. Raises what `Signer.sign` raises."""
        return Signature(self._key.keyid, self._signer.sign(payload).hex())

    @classmethod
    def from_priv_key_uri(
        cls, priv_key_uri: str, public_key: object, secrets_handler: object = None
    ) -> RegistrySigner:
        """Not offered: keys are found by the keystore, never by an address in a file."""
        del priv_key_uri, public_key, secrets_handler
        raise InputError("Keys come from the keystore.", code="unsupported_key_source")

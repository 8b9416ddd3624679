"""The issuers of the interoperability surface: keys that live as long as this process and belong to nobody.

No organisation of the registry has them, nothing vouches for them, and they are never stored. So nothing that
anybody has signed here can be taken for a credential of a provider, now or after the next start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.identifiers import build_did_key
from skillcred.keys.private_key import PrivateKey, PrivateKeySigner
from skillcred.keys.public_key import Algorithm
from skillcred.keys.signer import Signer
from skillcred.securing import MECHANISM_NAMES, key_algorithms
from skillcred.services.publish_status_list import LIST_MECHANISM

NOT_CREDENTIALS: Final = frozenset({"dc+sd-jwt"})
"""Mechanisms for documents that do not follow the W3C data model, which this surface is for."""
STATUS_SUFFIX: Final = "-status"
"""What the name of an endpoint ends with that gives credentials a status."""


@dataclass(frozen=True, slots=True)
class InteropIssuer:
    """One issuing endpoint: its name in paths, how it signs, and as whom (a did:key). Where it `has_status`, it gives
    each credential an entry of a status list."""

    name: str
    mechanism: str
    algorithm: Algorithm
    did: str
    signer: Signer
    has_status: bool = False


def make_interop_issuers() -> Mapping[str, InteropIssuer]:
    """An issuer for each mechanism and kind of key, by name; one new key for each kind.

    The preferred kind of a mechanism has the mechanism's own name, others have their kind behind it:
    `ecdsa-rdfc-2019` and `ecdsa-rdfc-2019-p384`. Where the key can sign status lists, too, there is a second endpoint
    for credentials with a status: `eddsa-rdfc-2022-status`.
    """
    can_sign_lists = key_algorithms(LIST_MECHANISM)
    signers: dict[Algorithm, tuple[str, Signer]] = {}
    issuers: dict[str, InteropIssuer] = {}
    for mechanism in MECHANISM_NAMES:
        if mechanism in NOT_CREDENTIALS:
            continue
        for index, algorithm in enumerate(key_algorithms(mechanism)):
            if algorithm not in signers:
                signers[algorithm] = _make_signer(algorithm)
            did, signer = signers[algorithm]
            name = f"{mechanism}-{_suffix(algorithm)}" if index else mechanism
            issuers[name] = InteropIssuer(name, mechanism, algorithm, did, signer)
            if algorithm in can_sign_lists:
                with_status = name + STATUS_SUFFIX
                issuers[with_status] = InteropIssuer(
                    with_status, mechanism, algorithm, did, signer, has_status=True
                )
    return MappingProxyType(issuers)


def _make_signer(algorithm: Algorithm) -> tuple[str, Signer]:
    key = PrivateKey.generate(algorithm)
    did = build_did_key(key.public_key)
    return did, PrivateKeySigner(f"{did}#{key.public_key.to_multikey()}", key)


def _suffix(algorithm: Algorithm) -> str:
    return "".join(letter for letter in algorithm.value.lower() if letter.isalnum())

"""Tokens as a wallet makes them, for the tests of the protocols."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.identifiers import build_did_key
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.private_key import PrivateKey
from skillcred.securing.jose.envelope import SIGNATURE_ALGORITHMS, build_signing_input, encode_compact_jws

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


@dataclass(frozen=True)
class WalletKey:
    """A key of a wallet, and what it signs."""

    private: PrivateKey
    algorithm: Algorithm

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.P256) -> WalletKey:
        return cls(PrivateKey.generate(algorithm), algorithm)

    @property
    def jwk(self) -> JsonObject:
        return self.private.public_key.to_jwk()

    @property
    def did(self) -> str:
        return build_did_key(self.private.public_key)

    @property
    def did_url(self) -> str:
        return f"{self.did}#{self.did.removeprefix('did:key:')}"

    def sign(self, header: Mapping[str, JsonValue], claims: Mapping[str, JsonValue]) -> str:
        """A token; a member that is None is left out."""
        full = {"alg": SIGNATURE_ALGORITHMS[self.algorithm][0], **header}
        signing_input = build_signing_input(
            {name: value for name, value in full.items() if value is not None},
            json.dumps({name: value for name, value in claims.items() if value is not None}).encode(),
        )
        return encode_compact_jws(signing_input, self.private.sign(signing_input)).decode("ascii")

"""A maker of wallets who vouches for one: the wallet attestation and the key attestations of OID4VCI 1.0 appendices D
and E (OAuth 2.0 Attestation-Based Client Authentication)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.holder.proofs import sign_token
from skillcred.keys.algorithms import Algorithm
from worlds.certificates import Certified
from worlds.pure_world import SoftSigner


class WalletMaker:
    """An `Attester`. `breaks` changes claims of what it signs, by the type of the token. With `certified` it signs with
    that key and shows its certificates."""

    client_id = "wallet-instance-1"

    def __init__(
        self, seed: int = 51, *, certified: Certified | None = None, **breaks: Mapping[str, Any]
    ) -> None:
        self.key: SoftSigner | Certified = certified or SoftSigner(seed, Algorithm.P256)
        self._instance = SoftSigner(seed + 1, Algorithm.P256)
        self._breaks = breaks

    @property
    def jwks(self) -> JsonObject:
        """What an operator has to trust."""
        return {"keys": [self.key.public_key.to_jwk()]}

    def attest_client(self, issuer: str, challenge: str | None) -> Mapping[str, str]:
        now = int(datetime.now(UTC).timestamp())
        pop = {"iss": self.client_id, "aud": issuer, "jti": secrets.token_urlsafe(12), "iat": now}
        if challenge is not None:
            pop["challenge"] = challenge
        claims = {
            "iss": "https://maker.example",
            "sub": self.client_id,
            "cnf": {"jwk": self._instance.public_key.to_jwk()},
        }
        return {
            "OAuth-Client-Attestation": self._sign("oauth-client-attestation+jwt", claims),
            "OAuth-Client-Attestation-PoP": sign_token(
                self._instance, "oauth-client-attestation-pop+jwt", pop | dict(self._breaks.get("pop", {}))
            ),
        }

    def attest_keys(self, jwks: Sequence[Mapping[str, object]], nonce: str | None) -> str:
        claims: dict[str, Any] = {
            "attested_keys": [dict(jwk) for jwk in jwks],
            "key_storage": ["iso_18045_high"],
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return self._sign("key-attestation+jwt", claims)

    def _sign(self, typ: str, claims: JsonObject) -> str:
        now = datetime.now(UTC)
        end = int((now + timedelta(minutes=10)).timestamp())
        kind = "keys" if typ.startswith("key") else "client"
        full = {"iat": int(now.timestamp()), "exp": end, **claims, **self._breaks.get(kind, {})}
        if isinstance(self.key, Certified):
            return sign_token(self.key, typ, full, x5c=self.key.x5c)  # type: ignore[arg-type]
        return sign_token(self.key, typ, full, jwk=self.key.public_key.to_jwk())

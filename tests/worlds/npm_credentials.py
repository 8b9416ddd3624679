"""Credentials of our own in the store of the wallet on Node, as if it had accepted them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skillcred.encoding.base64url import encode_base64url
from skillcred.keys.private_key import PrivateKey
from worlds.pure_world import SoftSigner

ALGORITHMS = {"P-256": "ES256", "Ed25519": "EdDSA"}


def put_credential(store: Path, format_: str, content: bytes, holder: SoftSigner, name: str) -> None:
    """Add `content` with the key that it is bound to; `name` is what `--only-id` selects it by."""
    found: dict[str, Any] = {"keys": {}, "creds": []}
    if store.exists():
        found = json.loads(store.read_text())
    store.parent.mkdir(parents=True, exist_ok=True)
    kid = holder.public_key.thumbprint()
    found["keys"][kid] = private_jwk(holder)
    found["creds"].append(
        {
            "id": f"{name}-{len(found['creds'])}",
            "format": format_,
            "configId": name,
            "raw": json.loads(content) if format_ == "ldp_vc" else content.decode(),
            "kid": kid,
            "did": holder.did,
            "didUrl": holder.verification_method,
        }
    )
    store.write_text(json.dumps(found))


def private_jwk(holder: SoftSigner) -> dict[str, Any]:
    """The holder's whole key, for a wallet that is not ours."""
    private: PrivateKey = holder._key
    key = serialization.load_der_private_key(private.to_pkcs8(), password=None)
    if isinstance(key, Ed25519PrivateKey):
        secret = key.private_bytes_raw()
    else:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        secret = key.private_numbers().private_value.to_bytes(32)
    jwk = dict(holder.public_key.to_jwk())
    return {**jwk, "d": encode_base64url(secret), "alg": ALGORITHMS[str(jwk["crv"])]}

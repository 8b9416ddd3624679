"""A wallet for tests, written from the specifications with `cryptography` alone, so that it shares no code with us."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
PROOF_TYPE = "openid4vci-proof+jwt"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def part(token: str, number: int) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(unb64(token.split("~")[0].split(".")[number]))
    return decoded


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        text = _ALPHABET[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


class HolderKey:
    """A P-256 or Ed25519 key of a wallet."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        self._key = (
            ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else Ed25519PrivateKey.generate()
        )

    @property
    def jwk(self) -> dict[str, str]:
        if isinstance(self._key, Ed25519PrivateKey):
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(self._key.public_key().public_bytes_raw())}
        numbers = self._key.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": b64(numbers.x.to_bytes(32)),
            "y": b64(numbers.y.to_bytes(32)),
        }

    @property
    def thumbprint(self) -> str:
        members = {name: self.jwk[name] for name in sorted(self.jwk)}
        return b64(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())

    @property
    def did(self) -> str:
        jwk = self.jwk
        if jwk["kty"] == "OKP":
            return f"did:key:z{base58(bytes([0xED, 1]) + unb64(jwk['x']))}"
        prefix = bytes([0x80, 0x24, 2 + (unb64(jwk["y"])[-1] & 1)])
        return f"did:key:z{base58(prefix + unb64(jwk['x']))}"

    @property
    def did_url(self) -> str:
        return f"{self.did}#{self.did.removeprefix('did:key:')}"

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        message = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        if isinstance(self._key, Ed25519PrivateKey):
            return f"{message}.{b64(self._key.sign(message.encode()))}"
        r, s = decode_dss_signature(self._key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{message}.{b64(r.to_bytes(32) + s.to_bytes(32))}"


def read_offer(link: str) -> dict[str, Any]:
    """The offer in a link that holds it whole."""
    query = parse_qs(urlsplit(link).query)
    offer: dict[str, Any] = json.loads(query["credential_offer"][0])
    return offer


@dataclass
class Wallet:
    """Speaks OID4VCI 1.0 with one credential issuer over `http`, a client like those of httpx."""

    http: Any
    issuer: str
    dpop_key: HolderKey | None = None
    client_id: str | None = None
    dpop_nonce: str | None = None
    access_token: str | None = None
    seen: list[Any] = field(default_factory=list)

    def now(self) -> int:
        return int(time.time())

    def dpop(self, url: str, **changes: Any) -> str:
        assert self.dpop_key is not None
        claims = {"jti": secrets.token_hex(16), "htm": "POST", "htu": url, "iat": self.now()}
        if self.dpop_nonce is not None:
            claims["nonce"] = self.dpop_nonce
        if self.access_token is not None:
            claims["ath"] = b64(hashlib.sha256(self.access_token.encode()).digest())
        claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        header = {"typ": "dpop+jwt", "alg": self.dpop_key.algorithm, "jwk": self.dpop_key.jwk}
        return self.dpop_key.sign(header, claims)

    def post(self, name: str, *, headers: dict[str, str] | None = None, **body: Any) -> Any:
        """A POST with DPoP where there is a key, once more with the nonce that is asked for."""
        url = f"{self.issuer}/{name}"
        response = None
        for _ in range(2):
            sent = dict(headers or {})
            if self.dpop_key is not None:
                sent.setdefault("DPoP", self.dpop(url))
            if self.access_token is not None:
                scheme = "Bearer" if self.dpop_key is None else "DPoP"
                sent.setdefault("Authorization", f"{scheme} {self.access_token}")
            response = self.http.post(url, headers=sent, **body)
            self.dpop_nonce = response.headers.get("DPoP-Nonce", self.dpop_nonce)
            self.seen.append(response)
            if "use_dpop_nonce" not in response.text + response.headers.get("WWW-Authenticate", ""):
                break
        return response

    def post_form(self, name: str, **fields: str) -> Any:
        return self.post(
            name,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode({key.replace("__", "-"): value for key, value in fields.items()}),
        )

    def request_token(self, offer: dict[str, Any], tx_code: str | None = None, **more: str) -> Any:
        fields = {
            "grant_type": PRE_AUTHORIZED,
            "pre-authorized_code": offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"],
        }
        fields |= {} if tx_code is None else {"tx_code": tx_code}
        fields |= {} if self.client_id is None else {"client_id": self.client_id}
        response = self.post_form("token", **{**fields, **more})
        if response.status_code == 200:
            self.access_token = response.json()["access_token"]
        return response

    def nonce(self) -> str:
        text: str = self.http.post(f"{self.issuer}/nonce").json()["c_nonce"]
        return text

    def prove(self, key: HolderKey, nonce: str | None = None, *, by_did: bool = False, **changes: Any) -> str:
        """A key proof; `changes` replace claims (also as `claim_…`), and header members by `header_…`."""
        header: dict[str, Any] = {"typ": PROOF_TYPE, "alg": key.algorithm}
        header |= {"kid": key.did_url} if by_did else {"jwk": key.jwk}
        claims: dict[str, Any] = {"aud": self.issuer, "iat": self.now(), "nonce": nonce or self.nonce()}
        for name, value in changes.items():
            target, member = (header, name[7:]) if name.startswith("header_") else (claims, name)
            member = member.removeprefix("claim_")
            target[member] = value
        return key.sign(
            {name: value for name, value in header.items() if value is not None},
            {name: value for name, value in claims.items() if value is not None},
        )

    def request_credential(self, configuration_id: str, *proofs: str, **more: Any) -> Any:
        body: dict[str, Any] = {
            "credential_configuration_id": configuration_id,
            "proofs": {"jwt": list(proofs)},
        }
        return self.post("credential", json={**body, **more})

    def claim(self, link: str, tx_code: str | None = None, key: HolderKey | None = None) -> list[Any]:
        """Everything that an offer holds, as the wallet gets it."""
        offer = read_offer(link)
        response = self.request_token(offer, tx_code)
        assert response.status_code == 200, response.text
        got = []
        for configuration_id in offer["credential_configuration_ids"]:
            by_did = not configuration_id.endswith("-dc-sd-jwt")
            proof = self.prove(key or HolderKey(), by_did=by_did)
            answer = self.request_credential(configuration_id, proof)
            assert answer.status_code == 200, answer.text
            got += [item["credential"] for item in answer.json()["credentials"]]
        return got

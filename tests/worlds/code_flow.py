"""One authorization of a wallet by way of the browser, step by step."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from worlds.wallet import b64, read_offer

SD_JWT_VC = "training-v1-dc-sd-jwt"
REDIRECT = "https://wallet.example/cb?from=issuer"
AUTHORIZE = "/issuers/welding-school/authorize"


class CodeFlow:
    """`client` is the browser, `wallet` the wallet. `changes` replace parameters; None leaves one out."""

    def __init__(self, client: Any, wallet: Any, offer: dict[str, Any]) -> None:
        self.client, self.wallet, self.offer = client, wallet, offer
        self.wallet.client_id = "https://wallet.example"
        self.verifier = b64(secrets.token_bytes(32))

    def push(self, **changes: Any) -> Any:
        grants = read_offer(self.offer["offer_uri"])["grants"]
        parameters = {
            "response_type": "code",
            "client_id": self.wallet.client_id,
            "redirect_uri": REDIRECT,
            "state": "abc",
            "scope": SD_JWT_VC,
            "issuer_state": grants["authorization_code"]["issuer_state"],
            "code_challenge": b64(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        sent = {name: value for name, value in {**parameters, **changes}.items() if value is not None}
        return self.wallet.post_form("par", **sent)

    def browse(self, request_uri: str, client_id: str | None = None) -> Any:
        query = urlencode({"client_id": client_id or self.wallet.client_id, "request_uri": request_uri})
        return self.client.get(f"{AUTHORIZE}?{query}", follow_redirects=False)

    def type_code(self, request_uri: str, tx_code: str) -> Any:
        form = {"client_id": self.wallet.client_id, "request_uri": request_uri, "tx_code": tx_code}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.client.post(AUTHORIZE, content=urlencode(form), headers=headers, follow_redirects=False)

    def code(self) -> str:
        request_uri = self.push().json()["request_uri"]
        return parse_qs(urlsplit(self.browse(request_uri).headers["Location"]).query)["code"][0]

    def exchange(self, code: str, **changes: Any) -> Any:
        parameters = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.wallet.client_id,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
        }
        sent = {name: value for name, value in {**parameters, **changes}.items() if value is not None}
        self.wallet.access_token = None
        response = self.wallet.post_form("token", **sent)
        if response.status_code == 200:
            self.wallet.access_token = response.json()["access_token"]
        return response

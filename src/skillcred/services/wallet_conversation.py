"""Talking to an issuer: requests with the proofs that its server wants (RFC 9449 sections 8 and 9)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.exchange.holder.addresses import origin_of
from skillcred.exchange.holder.authorization import AccessToken
from skillcred.exchange.holder.credential_messages import MAX_RESPONSE_BYTES
from skillcred.exchange.holder.proofs import build_dpop_proof
from skillcred.keys.signer import Signer
from skillcred.services.ports import Clock
from skillcred.services.wallet_ports import HolderDoor, IncomingResponse, OutgoingRequest

FORM: Final = "application/x-www-form-urlencoded"
USE_NONCE: Final = "use_dpop_nonce"


@dataclass(slots=True)
class IssuerConversation:
    """One run through an issuance. `dpop` is the key that tokens are bound to, if the server knows such. Nonces are
    kept for each server apart."""

    door: HolderDoor
    clock: Clock
    dpop: Signer | None = None
    _nonces: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, accept: str, max_bytes: int) -> IncomingResponse:
        """Fetch what anybody may."""
        return self._noting(OutgoingRequest("GET", url, {"Accept": accept}, max_bytes=max_bytes))

    def post_empty(self, url: str) -> IncomingResponse:
        """A request without a body and without a token (OID4VCI 1.0 section 7.1)."""
        return self._noting(OutgoingRequest("POST", url, {"Accept": "application/json"}))

    def post_form(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> IncomingResponse:
        """A request to the authorization server, which may first want a nonce: the same one is sent again then."""
        fields = {"Accept": "application/json", "Content-Type": FORM, **(headers or {})}
        return self._with_proof(url, fields, urlencode(form).encode("ascii"), None)

    def post_resource(
        self, url: str, token: AccessToken, body: bytes, *, media_type: str = "application/json"
    ) -> IncomingResponse:
        """A request with an access token."""
        scheme = "DPoP" if token.bound else "Bearer"
        fields = {
            "Accept": "application/json, application/jwt",
            "Content-Type": media_type,
            "Authorization": f"{scheme} {token.value}",
        }
        return self._with_proof(url, fields, body, token)

    def _with_proof(
        self, url: str, fields: Mapping[str, str], body: bytes, token: AccessToken | None
    ) -> IncomingResponse:
        signer = self.dpop if token is None or token.bound else None
        response = self._send_once(url, fields, body, token, signer)
        if signer is not None and _wants_nonce(response) and "dpop-nonce" in response.headers:
            response = self._send_once(url, fields, body, token, signer)
        return response

    def _send_once(
        self,
        url: str,
        fields: Mapping[str, str],
        body: bytes,
        token: AccessToken | None,
        signer: Signer | None,
    ) -> IncomingResponse:
        proof = {}
        if signer is not None:
            proof["DPoP"] = build_dpop_proof(
                signer,
                "POST",
                url,
                secrets.token_urlsafe(16),
                self.clock.now(),
                nonce=self._nonces.get(origin_of(url)),
                access_token=None if token is None else token.value,
            )
        return self._noting(OutgoingRequest("POST", url, {**fields, **proof}, body, MAX_RESPONSE_BYTES))

    def _noting(self, request: OutgoingRequest) -> IncomingResponse:
        response = self.door.send(request)
        nonce = response.headers.get("dpop-nonce")
        if nonce is not None:
            self._nonces[origin_of(request.url)] = nonce
        return response


def _wants_nonce(response: IncomingResponse) -> bool:
    """RFC 9449 sections 8 (400, in the body) and 9 (401, in the challenge)."""
    if response.status == 401:
        return USE_NONCE in response.headers.get("www-authenticate", "")
    if response.status != 400:
        return False
    try:
        return parse_json_object(response.content).get("error") == USE_NONCE
    except (StrictJsonError, StrictJsonLimitError):
        return False

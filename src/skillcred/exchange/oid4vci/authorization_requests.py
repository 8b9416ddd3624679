"""Pushed authorization requests of wallets (RFC 9126, OID4VCI 1.0 section 5), and the way back to the wallet.

Clients are not registered, so any wallet may come with any address to go back to. Nobody is sent there before the
holder has shown that the offer is hers, and the code that the address gets is worth nothing without the wallet's
verifier and DPoP key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from skillcred.exchange.errors import OAuthError
from skillcred.exchange.pkce import check_challenge

MAX_URI_CHARACTERS: Final = 2048
MAX_STATE_CHARACTERS: Final = 1024
MAX_CLIENT_ID_CHARACTERS: Final = 512
MAX_SCOPES: Final = 64
REQUEST_URI_PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
_PRINTABLE = re.compile(r"[\x21-\x7e]+", re.ASCII)
_THUMBPRINT = re.compile(r"[A-Za-z0-9_\-]{43}", re.ASCII)
_STATE = re.compile(r"[\x20-\x7e]+", re.ASCII)
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]{1,63}", re.ASCII)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_REFUSED_SCHEMES: Final = frozenset(
    {"about", "blob", "data", "file", "filesystem", "ftp", "ftps", "intent", "javascript", "mailto"}
    | {"sms", "tel", "vbscript", "view-source", "ws", "wss"}
)
"""Schemes that a browser understands in a way that no wallet means."""


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """What a wallet asks for. `scopes` empty where it asks for all that the offer has; `thumbprint` of the key that the
    code shall be bound to, where the request names one (RFC 9449 section 10)."""

    client_id: str
    redirect_uri: str
    state: str | None
    code_challenge: str
    scopes: tuple[str, ...]
    issuer_state: str
    thumbprint: str | None


def parse_pushed_request(parameters: Mapping[str, str]) -> PushedRequest:
    """Raises `OAuthError`: `invalid_request`, `unsupported_response_type`, `invalid_authorization_details`."""
    for name in ("request_uri", "request"):
        if name in parameters:  # RFC 9126 section 2.1; request objects are not read
            raise OAuthError("The request must state its parameters itself.")
    if "authorization_details" in parameters:
        raise OAuthError(
            "Credentials are asked for by their scope here.", code="invalid_authorization_details"
        )
    if parameters.get("response_type") != "code":
        raise OAuthError("The response_type must be code.", code="unsupported_response_type")
    if parameters.get("response_mode", "query") != "query":
        raise OAuthError("The response_mode must be query.")
    client_id = parameters.get("client_id", "")
    if len(client_id) > MAX_CLIENT_ID_CHARACTERS or not _PRINTABLE.fullmatch(client_id):
        raise OAuthError("The request has no acceptable client_id.")
    state = parameters.get("state")
    if state is not None and (len(state) > MAX_STATE_CHARACTERS or not _STATE.fullmatch(state)):
        raise OAuthError("The state is too long or not printable ASCII.")
    challenge = check_challenge(parameters.get("code_challenge"), parameters.get("code_challenge_method"))
    scopes = tuple(dict.fromkeys(parameters.get("scope", "").split()))
    if len(scopes) > MAX_SCOPES:
        raise OAuthError("There are too many scopes.", code="invalid_scope")
    issuer_state = parameters.get("issuer_state")
    if issuer_state is None:
        raise OAuthError("Credentials are issued here on an offer only: the issuer_state is missing.")
    thumbprint = parameters.get("dpop_jkt")
    if thumbprint is not None and not _THUMBPRINT.fullmatch(thumbprint):
        raise OAuthError("The dpop_jkt is not the SHA-256 thumbprint of a key.")
    redirect_uri = check_redirect_uri(parameters.get("redirect_uri"))
    return PushedRequest(client_id, redirect_uri, state, challenge, scopes, issuer_state, thumbprint)


def check_redirect_uri(uri: str | None) -> str:
    """An address that a code may be sent to: https, http on the loopback interface (RFC 8252 section 7.3), or a scheme
    of an app (section 7.1). Raises `OAuthError`."""
    if uri is None or len(uri) > MAX_URI_CHARACTERS or not _PRINTABLE.fullmatch(uri):
        raise OAuthError("The request has no acceptable redirect_uri.")
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError as error:
        raise OAuthError("The request has no acceptable redirect_uri.") from error
    if parts.fragment or "#" in uri or "\\" in uri or parts.username or parts.password:
        raise OAuthError("The redirect_uri has a part that it must not have.")
    if parts.scheme == "https" and parts.hostname:
        return uri
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return uri
    app = parts.scheme not in _REFUSED_SCHEMES | {"http", "https"} and _PRIVATE_SCHEME.fullmatch(parts.scheme)
    if app and uri.startswith(f"{parts.scheme}:"):
        return uri
    raise OAuthError("The redirect_uri is not https, on this device, or of an app.")


def redirect_source(uri: str) -> str:
    """What a content security policy names, so that a form may end at `uri`: an origin, or a scheme."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("https", "http") else f"{parts.scheme}:"


def build_redirect(uri: str, *, code: str, state: str | None, issuer: str) -> str:
    """`uri` with the authorization response (RFC 6749 section 4.1.2) and whose it is (RFC 9207)."""
    base, _, query = uri.partition("?")
    pairs = [*parse_qsl(query, keep_blank_values=True), ("code", code), ("iss", issuer)]
    if state is not None:
        pairs.append(("state", state))
    return f"{base}?{urlencode(pairs, quote_via=quote)}"

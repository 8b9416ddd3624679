"""What a wallet asks of the token endpoint (OID4VCI 1.0 section 6.1, RFC 6749 section 4.1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.errors import OAuthError
from skillcred.exchange.oid4vci.offers import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE

MAX_CODE_CHARACTERS: Final = 256
"""Longest code that is looked up. Ours have 43."""


@dataclass(frozen=True, slots=True)
class PreAuthorisedTokenRequest:
    """A request for a token by a pre-authorised code, anonymous where it has no `client_id`."""

    code: str
    tx_code: str | None
    client_id: str | None


@dataclass(frozen=True, slots=True)
class CodeTokenRequest:
    """A request for a token by an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.5). A client that
    authenticates itself need not say its `client_id`."""

    code: str
    client_id: str | None
    redirect_uri: str
    code_verifier: str | None


def read_token_request(parameters: Mapping[str, str]) -> PreAuthorisedTokenRequest | CodeTokenRequest:
    """The request in the parameters of a form; others, such as `resource` and `user_pin`, are ignored.

    Raises `OAuthError`: `invalid_request`, `unsupported_grant_type`, `invalid_grant`.
    """
    grant_type = parameters.get("grant_type")
    if grant_type is None:
        raise OAuthError("The request has no grant_type.")
    if grant_type == AUTHORIZATION_CODE:
        return _read_code_request(parameters)
    if grant_type != PRE_AUTHORIZED_CODE:
        raise OAuthError("This grant type is not offered.", code="unsupported_grant_type")
    code = parameters.get("pre-authorized_code")
    if code is None:
        raise OAuthError("The request has no pre-authorized_code.")
    if len(code) > MAX_CODE_CHARACTERS:
        raise OAuthError("The code is not valid.", code="invalid_grant")
    return PreAuthorisedTokenRequest(code, parameters.get("tx_code"), parameters.get("client_id"))


def _read_code_request(parameters: Mapping[str, str]) -> CodeTokenRequest:
    code, client_id = parameters.get("code"), parameters.get("client_id")
    redirect_uri = parameters.get("redirect_uri")
    if code is None or redirect_uri is None:
        raise OAuthError("The request needs code and redirect_uri.")
    if len(code) > MAX_CODE_CHARACTERS:
        raise OAuthError("The code is not valid.", code="invalid_grant")
    return CodeTokenRequest(code, client_id, redirect_uri, parameters.get("code_verifier"))


def build_token_response(access_token: str, *, expires_in: int, dpop: bool) -> JsonObject:
    """The answer (RFC 6749 section 5.1, RFC 9449 section 5). Without `authorization_details`, which nobody asked for,
    so that a wallet names what it wants by its `credential_configuration_id`. `expires_in` in seconds."""
    return {
        "access_token": access_token,
        "token_type": "DPoP" if dpop else "Bearer",
        "expires_in": expires_in,
    }

"""Token requests by a pre-authorised code (OID4VCI 1.0 section 6)."""

from __future__ import annotations

import pytest

from skillcred.exchange.errors import OAuthError
from skillcred.exchange.forms import parse_form
from skillcred.exchange.oid4vci.token_requests import (
    PreAuthorisedTokenRequest,
    build_token_response,
    read_token_request,
)

GRANT = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code"


@pytest.mark.parametrize(
    ("body", "tx_code", "client_id"),
    [
        ("", None, None),
        ("&tx_code=493536&user_pin=493536&resource=https%3A%2F%2Fissuer.example", "493536", None),
        ("&tx_code=&client_id=wallet", None, "wallet"),
    ],
)
def test_requests_as_wallets_send_them(body: str, tx_code: str | None, client_id: str | None) -> None:
    request = read_token_request(parse_form(f"{GRANT}&pre-authorized_code=abc{body}".encode()))
    assert request == PreAuthorisedTokenRequest("abc", tx_code, client_id)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("pre-authorized_code=abc", "invalid_request"),
        (GRANT, "invalid_request"),
        (f"{GRANT}&pre-authorized_code=", "invalid_request"),
        (f"{GRANT}&pre-authorized_code={'a' * 257}", "invalid_grant"),
        ("grant_type=password&username=a&password=b", "unsupported_grant_type"),
        ("grant_type=authorization_code&code=abc", "invalid_request"),
    ],
)
def test_other_requests_are_refused(body: str, code: str) -> None:
    with pytest.raises(OAuthError) as refused:
        read_token_request(parse_form(body.encode()))
    assert refused.value.code == code


def test_the_answer_says_how_the_token_is_used() -> None:
    assert build_token_response("t", expires_in=300, dpop=True) == {
        "access_token": "t",
        "token_type": "DPoP",
        "expires_in": 300,
    }
    assert build_token_response("t", expires_in=300, dpop=False)["token_type"] == "Bearer"

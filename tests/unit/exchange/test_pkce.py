"""PKCE (RFC 7636), SECURITY V-16."""

from __future__ import annotations

import pytest

from skillcred.exchange.errors import OAuthError
from skillcred.exchange.pkce import build_challenge, check_challenge, verify_code_verifier

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_example_of_rfc_7636_appendix_b() -> None:
    assert build_challenge(VERIFIER) == CHALLENGE
    assert check_challenge(CHALLENGE, "S256") == CHALLENGE
    verify_code_verifier(CHALLENGE, VERIFIER)


@pytest.mark.parametrize(
    ("challenge", "method"),
    [
        (None, "S256"),
        (CHALLENGE, None),
        (CHALLENGE, "plain"),
        (CHALLENGE, "s256"),
        (CHALLENGE[:-4], "S256"),
        (CHALLENGE + "=", "S256"),
        (VERIFIER + "é", "S256"),
    ],
)
def test_no_other_challenge_is_taken(challenge: str | None, method: str | None) -> None:
    with pytest.raises(OAuthError) as refused:
        check_challenge(challenge, method)
    assert refused.value.code == "invalid_request"


@pytest.mark.parametrize(
    ("verifier", "code"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        (VERIFIER[:42], "invalid_request"),
        ("a" * 129, "invalid_request"),
        (VERIFIER + "\n", "invalid_request"),
        (VERIFIER[:-1] + "é", "invalid_request"),
        (CHALLENGE, "invalid_grant"),
        (VERIFIER + "a", "invalid_grant"),
    ],
)
def test_another_verifier_is_refused(verifier: str | None, code: str) -> None:
    with pytest.raises(OAuthError) as refused:
        verify_code_verifier(CHALLENGE, verifier)
    assert refused.value.code == code

"""What wallets send to the response URI (OID4VP 1.0 section 8; SECURITY R-05, R-06, R-10)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from skillcred.exchange.encryption import ContentEncryption, DecryptionKey, encrypt_to
from skillcred.exchange.oid4vp.dcql import parse_dcql_query
from skillcred.exchange.oid4vp.errors import AuthorizationRequestError, AuthorizationResponseError
from skillcred.exchange.oid4vp.requests import AuthorizationRequest, ResponseMode, parse_request_parameters
from skillcred.exchange.oid4vp.responses import (
    VpToken,
    WalletError,
    build_direct_post,
    build_error_post,
    check_answers_query,
    open_response,
    parse_posted_response,
)

KEY = DecryptionKey.generate("request-1")
URI = "https://verifier.example/r"


def asked(*, encrypted: bool = False, multiple: bool = False) -> AuthorizationRequest:
    mode = ResponseMode.DIRECT_POST_JWT if encrypted else ResponseMode.DIRECT_POST
    query = {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["v"]}, "multiple": multiple}
    return parse_request_parameters(
        {
            "client_id": f"redirect_uri:{URI}",
            "response_type": "vp_token",
            "response_mode": mode.value,
            "nonce": "n",
            "state": "s",
            "dcql_query": {"credentials": [query]},
            "client_metadata": {"jwks": {"keys": [KEY.public_jwk()]}},
        }
    )


def opened(body: bytes, *, encrypted: bool = False, key: DecryptionKey | None = KEY) -> VpToken | WalletError:
    return open_response(parse_posted_response(body), encrypted=encrypted, key=key, state="s")


def reason(body: bytes, **options: Any) -> str:
    with pytest.raises(AuthorizationResponseError) as caught:
        opened(body, **options)
    assert caught.value.code == "invalid_request"
    return caught.value.reason


def jwe(content: Any, *, key: DecryptionKey = KEY) -> bytes:
    token = encrypt_to(key.public_jwk(), json.dumps(content).encode(), ContentEncryption.A128GCM)
    return urlencode({"response": token}).encode()


@pytest.mark.parametrize("encrypted", [False, True])
def test_what_a_wallet_sends_arrives(encrypted: bool) -> None:
    sent: dict[str, Any] = {"a": ["abc~def~", {"type": "VerifiablePresentation", "level": 1.50}]}
    body = build_direct_post(asked(encrypted=encrypted), sent, apu="AAAA")
    found = opened(body, encrypted=encrypted)
    assert isinstance(found, VpToken)
    assert {name: list(values) for name, values in found.presentations.items()} == sent


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_wallet_may_decline(encrypted: bool) -> None:
    found = opened(build_error_post(asked(), "access_denied", "no"), encrypted=encrypted)
    assert found == WalletError("access_denied", "no")


def test_errors_of_wallets_are_bounded_text() -> None:
    """R-10: never markup, never more than is shown, never a code that nobody knows."""
    found = opened(urlencode({"error": "<b>", "error_description": "<script>" * 100, "state": "s"}).encode())
    assert isinstance(found, WalletError)
    assert found.code == "unknown_error"
    assert found.description is not None
    assert len(found.description) == 300
    assert opened(jwe({"error": "access_denied", "state": "s"}), encrypted=True) == WalletError(
        "access_denied", None
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"state=s",
        b"vp_token=%7B%7D&state=s",
        b"vp_token=%7B%22a%22%3A%22x%22%7D&state=s",
        b"vp_token=%7B%22a%22%3A%5B%5D%7D&state=s",
        b"vp_token=%7B%22a%22%3A%5B1%5D%7D&state=s",
        b"vp_token=abc~&state=s",
        b"vp_token=%5B%5D&state=s",
        b"vp_token=%7B%7D&vp_token=%7B%7D&state=s",
        b"vp_token=%7B%22a%22%3A%5B%22x%22%5D%7D&state=s&state=s",
        b"vp_token=%7B%22a%22%3A%5B%22x%22%5D%7D&response=a.b.c.d.e",
        b"response=a.b.c.d.e",
        b"vp_token=%7B%22a%22%3A%5B%22x%22%5D%2C%22a%22%3A%5B%22x%22%5D%7D&state=s",
        b"\xff",
        b"&".join(b"p%d=1" % number for number in range(20)),
        b"vp_token=" + b"a" * (1024 * 1024),
    ],
    ids=range(16),
)
def test_what_is_malformed_is_refused(body: bytes) -> None:
    assert reason(body) == "response_malformed"


GOOD = {"a": ["x"]}


def test_the_state_has_to_be_ours() -> None:
    """R-05."""
    token = json.dumps(GOOD)
    for state in ({}, {"state": "other"}, {"state": "S"}):
        assert reason(urlencode({"vp_token": token, **state}).encode()) == "state_mismatch"
        assert reason(jwe({"vp_token": GOOD, **state}), encrypted=True) == "state_mismatch"
        assert reason(urlencode({"error": "access_denied", **state}).encode()) == "state_mismatch"
    assert reason(jwe({"vp_token": GOOD, "state": ["s"]}), encrypted=True) == "state_mismatch"


def test_what_must_be_encrypted_is_taken_in_no_other_form() -> None:
    """R-06."""
    plain = urlencode({"vp_token": json.dumps(GOOD), "state": "s"}).encode()
    assert reason(plain, encrypted=True) == "response_not_encrypted"
    other = DecryptionKey.generate("request-1")
    assert (
        reason(jwe({"vp_token": GOOD, "state": "s"}, key=other), encrypted=True) == "response_not_decryptable"
    )
    old = DecryptionKey.generate("request-0")
    assert (
        reason(jwe({"vp_token": GOOD, "state": "s"}, key=old), encrypted=True) == "response_not_decryptable"
    )
    assert reason(jwe({"vp_token": json.dumps(GOOD), "state": "s"}), encrypted=True) == "response_malformed"
    assert reason(jwe(["vp_token"]), encrypted=True) == "response_malformed"
    assert reason(jwe({"state": "s"}), encrypted=True) == "response_malformed"


def test_nothing_is_answered_that_was_not_asked() -> None:
    """R-07."""
    query = asked().query
    check_answers_query(VpToken({"a": ("x",)}), query)
    check_answers_query(VpToken({"a": ("x", "y")}), asked(multiple=True).query)
    for presentations in ({"b": ("x",)}, {"a": ("x",), "b": ("y",)}, {"a": ("x", "y")}):
        with pytest.raises(AuthorizationResponseError) as caught:
            check_answers_query(VpToken(presentations), query)
        assert caught.value.reason == "response_not_as_asked"
    with pytest.raises(AuthorizationResponseError) as caught:
        check_answers_query(VpToken({"a": ("x",) * 17}), asked(multiple=True).query)
    assert caught.value.reason == "response_malformed"


def test_a_wallet_does_not_answer_in_the_clear_what_was_to_be_encrypted() -> None:
    request = asked(encrypted=True)
    for metadata in ({}, {"jwks": {"keys": [{**KEY.public_jwk(), "x": "AAAA"}]}}):
        broken = AuthorizationRequest(
            request.client_id,
            URI,
            request.response_mode,
            "n",
            parse_dcql_query(request.query.build()),
            metadata,
        )
        with pytest.raises(AuthorizationRequestError):
            build_direct_post(broken, {"a": ["x"]})

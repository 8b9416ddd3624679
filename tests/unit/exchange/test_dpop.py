"""DPoP (RFC 9449), SECURITY V-08."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skillcred.encoding.json_types import JsonValue
from skillcred.exchange.dpop import DpopRequest, VerifiedDpop, build_ath, normalise_htu, verify_dpop
from skillcred.exchange.errors import DpopError
from skillcred.exchange.nonces import NonceSealer, NonceUse
from skillcred.keys.algorithms import Algorithm
from worlds.wallet_tokens import NOW, SECONDS, WalletKey

WALLET = WalletKey.generate()
TOKEN = "an-access-token"
REQUEST = DpopRequest("POST", "https://issuer.example/credential", NOW)
AT_RESOURCE = replace(REQUEST, access_token=TOKEN, thumbprint=None)
NONCES = NonceSealer(bytes(range(32)), NonceUse.DPOP, "https://issuer.example", timedelta(minutes=5))


def proof(key: WalletKey = WALLET, header: dict[str, JsonValue] | None = None, **claims: JsonValue) -> str:
    return key.sign(
        {"typ": "dpop+jwt", "jwk": key.jwk, **(header or {})},
        {"htm": "POST", "htu": REQUEST.url, "iat": SECONDS, "jti": "one", **claims},
    )


def verified(token: str, request: DpopRequest = REQUEST) -> VerifiedDpop:
    return verify_dpop([token], request)


def refused(headers: list[str], request: DpopRequest = REQUEST) -> str:
    with pytest.raises(DpopError) as error:
        verify_dpop(headers, request)
    return error.value.code


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.P256, Algorithm.P384])
def test_a_good_proof_names_its_key(algorithm: Algorithm) -> None:
    key = WalletKey.generate(algorithm)
    assert verified(proof(key)).public_key.to_jwk() == key.jwk


@pytest.mark.parametrize("offset", [-10, 0, 10])
def test_clocks_may_differ_by_ten_seconds(offset: int) -> None:
    assert verified(proof(iat=SECONDS + offset)).replay_until == NOW + timedelta(seconds=10 + offset)


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": SECONDS - 11},
        {"iat": SECONDS + 11},
        {"iat": SECONDS - 61},
        {"iat": SECONDS + 61},
        {"iat": None},
        {"iat": str(SECONDS)},
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": None},
        {"htu": "https://issuer.example/Credential"},
        {"htu": "https://issuer.example/credential/"},
        {"htu": "https://issuer.example:8443/credential"},
        {"htu": "http://issuer.example/credential"},
        {"htu": "https://user@issuer.example/credential"},
        {"htu": "https://issuer.example:port/credential"},
        {"htu": None},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 257},
        {"jti": 7},
    ],
    ids=str,
)
def test_a_proof_for_another_request_is_refused(claims: dict[str, JsonValue]) -> None:
    assert refused([proof(**claims)]) == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "htu",
    [
        "HTTPS://ISSUER.example/credential",
        "https://issuer.example:443/credential",
        "https://issuer.example/credential?a=b#c",
    ],
)
def test_the_same_address_in_another_spelling_is_taken(htu: str) -> None:
    verified(proof(htu=htu))


@pytest.mark.parametrize("url", ["", "/credential", "ftp://issuer.example/", "https://", "https://[::1"])
def test_no_address(url: str) -> None:
    assert normalise_htu(url) is None


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "openid4vci-proof+jwt"},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"jwk": None},
        {"jwk": "text"},
        {"jwk": {**WALLET.jwk, "d": "AAAA"}},
        {"jwk": WalletKey.generate().jwk},
        {"crit": ["typ"]},
        {"jku": "https://attacker.example/"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_token_of_another_kind_is_refused(header: dict[str, JsonValue]) -> None:
    assert refused([proof(header=header)]) == "invalid_dpop_proof"


@pytest.mark.parametrize("headers", [[], [proof(), proof()], [""], ["é"], ["a.b"], ["a" * 9000]])
def test_one_header_with_one_token(headers: list[str]) -> None:
    assert refused(headers) == "invalid_dpop_proof"


def test_the_proof_belongs_to_the_token_and_its_key() -> None:
    thumbprint = verified(proof()).thumbprint
    bound = replace(AT_RESOURCE, thumbprint=thumbprint)
    verified(proof(ath=build_ath(TOKEN)), bound)
    assert refused([proof(ath=build_ath("another"))], bound) == "invalid_dpop_proof"
    assert refused([proof(ath="é")], bound) == "invalid_dpop_proof"
    assert refused([proof()], bound) == "invalid_dpop_proof"
    assert refused([proof(WalletKey.generate(), ath=build_ath(TOKEN))], bound) == "invalid_dpop_proof"


def test_identifiers_of_different_keys_do_not_collide() -> None:
    other = WalletKey.generate()
    assert verified(proof()).replay_digest == verified(proof(iat=SECONDS + 1)).replay_digest
    assert verified(proof()).replay_digest != verified(proof(jti="two")).replay_digest
    assert verified(proof()).replay_digest != verified(proof(other)).replay_digest


def test_a_nonce_is_asked_for_only_of_a_proof_that_is_good_otherwise() -> None:
    asking = replace(REQUEST, nonces=NONCES)
    nonce = NONCES.build(bytes(16), NOW)
    verified(proof(nonce=nonce), asking)
    assert refused([proof()], asking) == "use_dpop_nonce"
    assert refused([proof(nonce="self-made")], asking) == "use_dpop_nonce"
    assert (
        refused([proof(nonce=NONCES.build(bytes(16), NOW - timedelta(minutes=5)))], asking)
        == "use_dpop_nonce"
    )
    assert refused([proof(htm="GET")], asking) == "invalid_dpop_proof"

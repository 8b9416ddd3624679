"""Requests for presentations, as built and as read (OID4VP 1.0 section 5)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from skillcred.encoding.base64url import decode_base64url
from skillcred.exchange.encryption import DecryptionKey
from skillcred.exchange.oid4vp.client_ids import ClientId, ClientIdPrefix, hash_certificate, parse_client_id
from skillcred.exchange.oid4vp.client_metadata import (
    build_client_metadata,
    choose_content_encryption,
    find_encryption_key,
)
from skillcred.exchange.oid4vp.dcql import PresentationFormat, parse_dcql_query
from skillcred.exchange.oid4vp.errors import AuthorizationRequestError
from skillcred.exchange.oid4vp.requests import (
    AuthorizationRequest,
    ResponseMode,
    build_request_object,
    encode_request_by_reference,
    encode_request_by_value,
    is_wallet_nonce,
    parse_request_parameters,
)
from skillcred.keys.algorithms import Algorithm
from worlds.wallet_tokens import NOW, SECONDS

URI = "https://verifier.example/oid4vp/responses/abc"
KEY = DecryptionKey.generate("enc")
QUERY = parse_dcql_query({"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["v"]}}]})


def request(prefix: ClientIdPrefix = ClientIdPrefix.X509_SAN_DNS, **changes: Any) -> AuthorizationRequest:
    original = URI if prefix is ClientIdPrefix.REDIRECT_URI else "verifier.example"
    members: dict[str, Any] = {
        "client_id": ClientId(prefix, original),
        "response_uri": URI,
        "response_mode": ResponseMode.DIRECT_POST_JWT,
        "nonce": "n-0S6_WzA2Mj",
        "query": QUERY,
        "client_metadata": build_client_metadata(
            "Verifier", [PresentationFormat.SD_JWT_VC], KEY.public_jwk()
        ),
        "state": "s1",
    }
    return AuthorizationRequest(**(members | changes))


@pytest.mark.parametrize("prefix", ClientIdPrefix)
def test_client_ids_are_read_whole(prefix: ClientIdPrefix) -> None:
    text = f"{prefix.value}:did:web:verifier.example"
    assert parse_client_id(text) == ClientId(prefix, "did:web:verifier.example")
    assert parse_client_id(text).text == text


@pytest.mark.parametrize(
    "text", ["verifier.example", "x509_hash:", "https://verifier.example", "origin:x", ""]
)
def test_others_are_refused(text: str) -> None:
    with pytest.raises(AuthorizationRequestError):
        parse_client_id(text)


def test_a_request_object_says_what_the_specification_wants() -> None:
    signing_input = build_request_object(
        request(wallet_nonce="w"),
        algorithm=Algorithm.P256,
        at=NOW,
        expires_at=NOW + timedelta(minutes=2),
        certificates=["MIIB"],
    )
    header, payload = (json.loads(decode_base64url(part)) for part in signing_input.decode().split("."))
    assert header == {"alg": "ES256", "typ": "oauth-authz-req+jwt", "x5c": ["MIIB"]}
    assert payload["aud"] == "https://self-issued.me/v2"
    assert payload["client_id"] == "x509_san_dns:verifier.example"
    assert "iss" not in payload
    assert (payload["iat"], payload["exp"]) == (SECONDS, SECONDS + 120)
    assert payload["response_uri"] == URI
    assert payload["wallet_nonce"] == "w"
    assert not {"redirect_uri", "scope", "presentation_definition", "client_id_scheme"} & payload.keys()
    assert payload["client_metadata"]["jwks"]["keys"] == [KEY.public_jwk()]
    assert parse_request_parameters(payload) == request(wallet_nonce="w")


def test_links_hold_the_request_or_where_it_is() -> None:
    link = encode_request_by_reference(request().client_id, "https://verifier.example/r/1", post=True)
    assert dict(parse_qsl(urlsplit(link).query)) == {
        "client_id": "x509_san_dns:verifier.example",
        "request_uri": "https://verifier.example/r/1",
        "request_uri_method": "post",
    }
    assert "request_uri_method" not in encode_request_by_reference(request().client_id, "https://x.example")
    unsigned = request(ClientIdPrefix.REDIRECT_URI)
    link = encode_request_by_value(unsigned)
    assert link.startswith("openid4vp://?")
    assert parse_request_parameters(dict(parse_qsl(urlsplit(link).query))) == unsigned


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "verifier.example"},
        {"response_type": "code"},
        {"response_mode": "fragment"},
        {"redirect_uri": URI},
        {"scope": "x"},
        {"presentation_definition": {}},
        {"nonce": "with space"},
        {"nonce": None},
        {"state": "ä"},
        {"response_uri": None},
        {"client_metadata": "[]"},
        {"client_metadata": "{"},
        {"dcql_query": {}},
        {"dcql_query": None},
        {"transaction_data": []},
        {"transaction_data": [1]},
    ],
    ids=lambda changes: json.dumps(changes),
)
def test_a_request_that_cannot_be_answered_is_refused(changes: dict[str, Any]) -> None:
    parameters = request().build_parameters() | changes
    with pytest.raises(AuthorizationRequestError):
        parse_request_parameters({name: value for name, value in parameters.items() if value is not None})


def test_the_redirect_uri_is_where_the_answer_goes() -> None:
    """R-11: an unsigned request that names another address is no request."""
    parameters = request(ClientIdPrefix.REDIRECT_URI).build_parameters()
    assert (
        parse_request_parameters({n: v for n, v in parameters.items() if n != "response_uri"}).response_uri
        == URI
    )
    with pytest.raises(AuthorizationRequestError):
        parse_request_parameters(parameters | {"response_uri": "https://evil.example"})


def test_what_the_wallet_can_encrypt_to_is_found() -> None:
    metadata = request().client_metadata
    assert find_encryption_key(metadata) == KEY.public_jwk()
    assert str(choose_content_encryption(metadata)) == "A256GCM"
    assert str(choose_content_encryption({})) == "A128GCM"
    assert choose_content_encryption({"encrypted_response_enc_values_supported": ["A192GCM"]}) is None
    assert find_encryption_key({"jwks": {"keys": [{"kty": "RSA"}]}}) is None
    assert find_encryption_key(build_client_metadata("V", [], None)) is None


def test_wallet_nonces_are_of_printable_ascii() -> None:
    assert is_wallet_nonce("qPmxiNFCR3QTm19POc8u==")
    assert not any(map(is_wallet_nonce, ("", "a" * 513, "ä", "a\nb")))


def test_the_hash_of_a_certificate_is_that_of_the_specification() -> None:
    assert hash_certificate(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

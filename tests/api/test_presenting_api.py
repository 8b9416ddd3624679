"""The addresses for wallets and the API for employers, over HTTP (SECURITY R-03 to R-06, R-09, R-13)."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography import x509
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey
from starlette.testclient import TestClient

from skillcred.encoding.base64url import decode_base64url
from skillcred.exchange.oid4vp.client_ids import hash_certificate
from skillcred.keys.public_key import PublicKey
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry
from worlds.in_memory import FixedClock
from worlds.wallet_answers import MECHANISMS, LiteralWallet, issue, read_request

ORIGIN = "http://127.0.0.1:8000"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Employer:
    """An employer's system and a wallet, at one service."""

    def __init__(
        self, client: TestClient, registry: DemoRegistry, clock: FixedClock, log: io.StringIO
    ) -> None:
        self.client, self.registry, self.log = client, registry, log
        self.headers = {"Authorization": f"Bearer {registry.operator_secret}"}
        self.wallet = LiteralWallet(clock.now(), {"dc+sd-jwt": issue(registry)})

    def ask(self, **order: Any) -> dict[str, Any]:
        made = self.client.post(
            "/v1/presentation-requests",
            json={"purpose": "qualification", "formats": ["dc+sd-jwt"], **order},
            headers=self.headers,
        )
        assert made.status_code == 201, made.text
        created: dict[str, Any] = made.json()
        return created

    def fetch(self, created: dict[str, Any]) -> bytes:
        return self.client.get(path_of(created)).content

    def body(self, created: dict[str, Any], **breaking: Any) -> tuple[str, bytes]:
        request = read_request(created["link"], self.fetch(created))
        return urlsplit(request.response_uri).path, self.wallet.answer(request, **breaking)


def path_of(created: dict[str, Any]) -> str:
    return urlsplit(dict(parse_qsl(urlsplit(created["link"]).query))["request_uri"]).path


@pytest.fixture(scope="module")
def employer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Employer]:
    clock, log = FixedClock(), io.StringIO()
    registry = build_demo_registry(tmp_path_factory.mktemp("presenting"), clock=clock)
    with TestClient(create_app(registry.application, log_stream=log), base_url=ORIGIN) as client:
        yield Employer(client, registry, clock, log)


def test_the_request_object_is_a_signed_one_under_the_certificate(employer: Employer) -> None:
    """By another library: the chain, the hash and the name in it, and the signature."""
    for prefix in ("x509_hash", "x509_san_dns"):
        created = employer.ask(client_id_prefix=prefix)
        answer = employer.client.get(path_of(created))
        assert answer.headers["content-type"] == "application/oauth-authz-req+jwt"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["access-control-allow-origin"] == "*"
        header = json.loads(decode_base64url(answer.text.split(".")[0]))
        assert header["typ"] == "oauth-authz-req+jwt"
        [leaf] = [base64.b64decode(text) for text in header["x5c"]]
        certificate = x509.load_der_x509_certificate(leaf)
        assert certificate.issuer != certificate.subject
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["127.0.0.1"]
        expected = hash_certificate(leaf) if prefix == "x509_hash" else "127.0.0.1"
        assert created["client_id"] == f"{prefix}:{expected}"
        key = ECKey.import_key(certificate.public_key())
        registry = jws.JWSRegistry(algorithms=["ES256"])
        registry.max_header_length = 4096
        claims = json.loads(jws.deserialize_compact(answer.text, key, registry=registry).payload)
        assert claims["client_id"] == created["client_id"]
        assert urlsplit(claims["response_uri"]).hostname == "127.0.0.1"


def test_the_request_object_is_a_signed_one_under_the_did(employer: Employer) -> None:
    created = employer.ask(client_id_prefix="decentralized_identifier")
    token = employer.fetch(created).decode()
    header = json.loads(decode_base64url(token.split(".")[0]))
    document = employer.client.get("/.well-known/did.json").json()
    [method] = [each for each in document["verificationMethod"] if each["id"] == header["kid"]]
    jwk = dict(PublicKey.from_multikey(method["publicKeyMultibase"]).to_jwk())
    assert jws.deserialize_compact(token, OKPKey.import_key(jwk), algorithms=["EdDSA"])
    assert created["client_id"] == f"decentralized_identifier:{document['id']}"


def test_what_comes_to_the_response_uri_must_be_a_form(employer: Employer) -> None:
    """R-05: 400 with an error of OAuth, and nothing is stored."""
    created = employer.ask(response_mode="direct_post")
    path, body = employer.body(created)
    for content, headers in (
        (body, {"Content-Type": "application/json"}),
        (body, {"Content-Type": "text/plain"}),
        (b'{"vp_token":{}}', {"Content-Type": "application/json"}),
        (b"", FORM),
        (b"vp_token=%7B%7D&vp_token=%7B%7D", FORM),
        (b"\xff=\xff", FORM),
    ):
        refused = employer.client.post(path, content=content, headers=headers)
        assert refused.status_code == 400
        assert refused.headers["content-type"] == "application/json"
        assert set(refused.json()) == {"error", "error_description"}
        assert refused.json()["error"] == "invalid_request"
    assert employer.client.get(path).status_code == 405
    assert employer.client.get(path, params={"vp_token": "x"}).status_code == 405
    huge = employer.client.post(path, content=b"vp_token=" + b"a" * 2_000_000, headers=FORM)
    assert huge.status_code == 413
    assert employer.client.post(path, content=body, headers=FORM).json() == {}


def test_unknown_handles(employer: Employer) -> None:
    for handle in ("unknown", "a" * 64, "A-_9"):
        assert employer.client.get(f"/oid4vp/requests/{handle}").status_code == 404
        assert (
            employer.client.post(f"/oid4vp/responses/{handle}", content=b"error=x", headers=FORM).status_code
            == 400
        )
    for handle in ("a" * 65, "a.b", "%00", "ä"):
        assert 400 <= employer.client.get(f"/oid4vp/requests/{handle}").status_code < 500
        answer = employer.client.post(f"/oid4vp/responses/{handle}", content=b"error=x", headers=FORM)
        assert 400 <= answer.status_code < 500


def test_a_wallet_posts_its_nonce_or_nothing(employer: Employer) -> None:
    created = employer.ask(request_method="post")
    assert employer.client.post(path_of(created)).status_code == 200
    answer = employer.client.post(path_of(created), data={"wallet_nonce": "w1", "wallet_metadata": "{}"})
    assert json.loads(decode_base64url(answer.text.split(".")[1]))["wallet_nonce"] == "w1"
    twice = employer.client.post(path_of(created), content=b"wallet_nonce=a&wallet_nonce=b", headers=FORM)
    assert twice.status_code == 400


def test_a_wallet_that_is_a_web_page_may_call(employer: Employer) -> None:
    created = employer.ask()
    for path in (path_of(created), path_of(created).replace("requests", "responses")):
        preflight = employer.client.options(
            path, headers={"Origin": "https://wallet.example", "Access-Control-Request-Method": "POST"}
        )
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in preflight.headers


def test_a_dpop_header_at_these_addresses_does_no_harm(employer: Employer) -> None:
    answer = employer.client.get(path_of(employer.ask()), headers={"DPoP": "x"})
    assert answer.status_code == 200


def test_what_is_not_known_in_an_order_is_refused(employer: Employer) -> None:
    for order in (
        {"purpose": "qualification", "transaction_data": ["x"]},
        {"purpose": "qualification", "formats": ["mso_mdoc"]},
        {"purpose": "qualification", "client_id_prefix": "verifier_attestation"},
        {"purpose": "unknown"},
        {},
        {"purpose": "qualification", "dcql_query": {"credentials": []}},
    ):
        refused = employer.client.post("/v1/presentation-requests", json=order, headers=employer.headers)
        assert refused.status_code == 422, order


def test_purposes_are_published(employer: Employer) -> None:
    listed = employer.client.get("/v1/presentation-purposes").json()["purposes"]
    assert {each["id"] for each in listed} == {"qualification", "training", "work-experience", "proficiency"}
    assert all(each["dcql_query"]["credentials"] for each in listed)


def test_nothing_of_it_is_logged(employer: Employer) -> None:
    """R-04, PR-11: neither handles, ids, codes nor nonces."""
    created = employer.ask(redirect_uri="https://employer.example/back")
    path, body = employer.body(created)
    target = employer.client.post(path, content=body, headers=FORM).json()["redirect_uri"]
    code = target.partition("response_code=")[2]
    found = employer.client.get(
        f"/v1/presentation-requests/{created['id']}",
        params={"response_code": code},
        headers=employer.headers,
    )
    assert found.json()["result"]["verdict"] == "valid"
    logged = employer.log.getvalue()
    assert "/oid4vp/responses/{handle}" in logged
    for secret in (code, created["id"], path.rpartition("/")[2]):
        assert secret not in logged


def test_an_employer_becomes_a_verifier_and_asks(employer: Employer) -> None:
    """The way through the API alone: the operator takes the employer on, whose key may ask and see its own."""

    def post(path: str, body: dict[str, Any], secret: str) -> Any:
        return employer.client.post(path, json=body, headers={"Authorization": f"Bearer {secret}"})

    operator = employer.registry.operator_secret
    made = post(
        "/v1/organisations",
        {"kind": "verifier", "slug": "harbour-works", "name": "Harbour Works", "country": "KE"},
        operator,
    )
    assert made.status_code == 201, made.text
    key = post(
        "/v1/api-keys",
        {"organisation_id": made.json()["id"], "role": "verifier", "label": "hiring"},
        operator,
    ).json()
    created = post("/v1/presentation-requests", {"purpose": "qualification"}, key["secret"])
    assert created.status_code == 201
    path, body = employer.body(created.json())
    assert employer.client.post(path, content=body, headers=FORM).status_code == 200
    address = f"/v1/presentation-requests/{created.json()['id']}"
    own = employer.client.get(address, headers={"Authorization": f"Bearer {key['secret']}"})
    assert own.json()["result"]["verdict"] == "valid"
    assert employer.client.get(address, headers=employer.headers).status_code == 404
    for secret in (employer.registry.provider_secret, employer.registry.body_secret):
        assert post("/v1/presentation-requests", {"purpose": "qualification"}, secret).status_code == 403
    refused = post("/v1/credentials", {}, key["secret"])
    assert refused.status_code in (403, 422)


VERIFIER, NONCE = "https://employer.example", "n-0S6_WzA2Mj"


@pytest.mark.parametrize("format_", MECHANISMS)
def test_a_presentation_is_verified_against_challenge_and_domain(employer: Employer, format_: str) -> None:
    """In the style of the VC-API, for who has a protocol of his own: `POST /v1/verifications`."""
    wallet = LiteralWallet(employer.wallet.at, {format_: issue(employer.registry, format_)})
    created = employer.ask()
    request = read_request(created["link"], employer.fetch(created))
    shown = wallet.presentation(request, format_, [("name",)], nonce=NONCE, audience=VERIFIER)
    content = json.dumps(shown) if isinstance(shown, dict) else shown
    media_type = {"ldp_vc": "application/vp", "jwt_vc_json": "application/vp+jwt"}.get(
        format_, f"application/{format_}"
    )
    for question, expected in (
        ({"challenge": NONCE, "domain": VERIFIER}, ("valid", "holder_proven")),
        ({"challenge": "another", "domain": VERIFIER}, ("invalid", "wrong_challenge")),
        ({"challenge": NONCE, "domain": "https://evil.example"}, ("invalid", "wrong_domain")),
    ):
        report = employer.client.post(
            "/v1/verifications", params=question, content=content, headers={"Content-Type": media_type}
        ).json()
        assert (report["verdict"], report["reason"]) == expected

"""The modules by which the OpenID Foundation tests a verifier (`oid4vp-1final-verifier-test-plan`), by their names,
each for both response modes. What they do was read in their sources (net.openid.conformance.vp1finalverifier of the
conformance suite); the suite itself needs a JVM and is not run.

A module that expects a refusal expects a status of 4xx at the response URI.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from skillcred.encoding.base64url import decode_base64url
from skillcred.exchange.oid4vp.requests import AuthorizationRequest
from skillcred.exchange.oid4vp.responses import build_direct_post
from skillcred.keys.algorithms import Algorithm
from skillcred.securing.sd_jwt.disclosure import hash_text
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry
from worlds.in_memory import FixedClock
from worlds.pure_world import SoftSigner
from worlds.sd_jwts import jwt
from worlds.wallet_answers import LiteralWallet, holder_of, issue, read_request

PREFIX = "oid4vp-1final-verifier-"
MODULES: dict[str, Callable[[Suite], None]] = {}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Suite:
    """What the suite is to a verifier: a wallet, with one request of the verifier at hand."""

    def __init__(self, client: TestClient, registry: DemoRegistry, clock: FixedClock, mode: str) -> None:
        self.client, self.registry, self.clock, self.mode = client, registry, clock, mode
        self.wallet = LiteralWallet(clock.now(), {"dc+sd-jwt": issue(registry)})
        self.secret = {"Authorization": f"Bearer {registry.operator_secret}"}

    def start(self, **options: Any) -> tuple[str, AuthorizationRequest]:
        asked = {"purpose": "qualification", "response_mode": self.mode, "formats": ["dc+sd-jwt"], **options}
        created = self.client.post("/v1/presentation-requests", json=asked, headers=self.secret)
        assert created.status_code == 201, created.text
        self.id = created.json()["id"]
        link = created.json()["link"]
        return link, self.fetch(link)

    def fetch(self, link: str, **form: str) -> AuthorizationRequest:
        response = self.fetch_response(link, **form)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/oauth-authz-req+jwt"
        return read_request(link, response.content)

    def fetch_response(self, link: str, **form: str) -> Any:
        uri = dict(part.split("=") for part in link.partition("?")[2].split("&"))["request_uri"]
        path = uri.replace("%3A", ":").replace("%2F", "/").partition("127.0.0.1:8000")[2]
        return self.client.post(path, data=form) if form else self.client.get(path)

    def post(self, request: AuthorizationRequest, body: bytes) -> Any:
        return self.client.post(
            request.response_uri.partition("127.0.0.1:8000")[2], content=body, headers=FORM
        )

    def expect_accepted(self, response: Any) -> None:
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/json")
        assert self.verdict() == "valid"

    def expect_refused(self, response: Any, reason: str) -> None:
        assert 400 <= response.status_code < 500
        assert response.json()["error"] == "invalid_request"
        assert self.verdict() == "invalid"
        assert self.view["reason"] == reason

    def verdict(self) -> str:
        self.view = self.client.get(f"/v1/presentation-requests/{self.id}", headers=self.secret).json()
        return str(self.view["result"]["verdict"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, DemoRegistry, FixedClock]]:
    clock = FixedClock()
    registry = build_demo_registry(tmp_path_factory.mktemp("verifier"), clock=clock)
    with TestClient(create_app(registry.application)) as client:
        yield client, registry, clock


def module(name: str) -> Callable[[Callable[[Suite], None]], Callable[[Suite], None]]:
    def register(run: Callable[[Suite], None]) -> Callable[[Suite], None]:
        MODULES[PREFIX + name] = run
        return run

    return register


@module("happy-flow")
def happy_flow(suite: Suite) -> None:
    """The request is a valid one, with a nonce of enough entropy, and a valid credential is accepted."""
    _, request = suite.start()
    assert len(request.nonce) >= 43
    assert request.client_metadata["vp_formats_supported"]
    suite.expect_accepted(suite.post(request, suite.wallet.answer(request)))


@module("minimal-cnf-jwk")
def minimal_cnf_jwk(suite: Suite) -> None:
    """`cnf.jwk` of the credential has nothing but the members that make up the key."""
    payload = json.loads(decode_base64url(suite.wallet.held["dc+sd-jwt"].decode().split(".")[1]))
    assert set(payload["cnf"]["jwk"]) == {"kty", "crv", "x", "y"}
    happy_flow(suite)


@module("request-uri-method-post")
def request_uri_method_post(suite: Suite) -> None:
    link, _ = suite.start(request_method="post")
    assert link.endswith("request_uri_method=post")
    request = suite.fetch(link, wallet_nonce="qPmxiNFCR3QTm19POc8u", wallet_metadata="{}", unknown="1")
    assert request.wallet_nonce == "qPmxiNFCR3QTm19POc8u"
    suite.expect_accepted(suite.post(request, suite.wallet.answer(request)))


@module("request-uri-fetched-twice")
def request_uri_fetched_twice(suite: Suite) -> None:
    link, _ = suite.start()
    first, second = suite.fetch_response(link), suite.fetch_response(link)
    assert first.content == second.content
    request = read_request(link, second.content)
    suite.expect_accepted(suite.post(request, suite.wallet.answer(request)))
    assert suite.fetch_response(link).status_code == 404


@module("invalid-kb-jwt-signature")
def invalid_kb_jwt_signature(suite: Suite) -> None:
    _, request = suite.start()
    body = suite.wallet.answer(request, holder=SoftSigner(77, Algorithm.P256))
    suite.expect_refused(suite.post(request, body), "key_binding_wrong")


@module("invalid-credential-signature")
def invalid_credential_signature(suite: Suite) -> None:
    def corrupt(presentation: str) -> str:
        issuer_jwt, *rest = presentation.split("~")
        head, payload, signature = issuer_jwt.split(".")
        changed = ("A" if signature[9] != "A" else "B").join((signature[:9], signature[10:]))
        return bind(suite, request, "~".join((".".join((head, payload, changed)), *rest[:-1], "")))

    _, request = suite.start()
    suite.expect_refused(suite.post(request, changed(suite, request, corrupt)), "signature_wrong")


@module("invalid-sd-hash")
def invalid_sd_hash(suite: Suite) -> None:
    def other_hash(presentation: str) -> str:
        return bind(suite, request, presentation[: presentation.rindex("~") + 1], sd_hash="A" * 43)

    _, request = suite.start()
    suite.expect_refused(suite.post(request, changed(suite, request, other_hash)), "key_binding_wrong")


@module("invalid-kb-jwt-nonce")
def invalid_kb_jwt_nonce(suite: Suite) -> None:
    _, request = suite.start()
    suite.expect_refused(
        suite.post(request, suite.wallet.answer(request, nonce="another")), "wrong_challenge"
    )


@module("invalid-kb-jwt-aud")
def invalid_kb_jwt_aud(suite: Suite) -> None:
    _, request = suite.start()
    body = suite.wallet.answer(request, audience=request.client_id.text + "x")
    suite.expect_refused(suite.post(request, body), "wrong_domain")


@module("kb-jwt-iat-in-past")
def kb_jwt_iat_in_past(suite: Suite) -> None:
    """A year, as in the suite; an hour would be refused as well."""
    for age in (timedelta(days=365), timedelta(hours=1)):
        _, request = suite.start()
        body = suite.wallet.answer(request, at=suite.clock.now() - age)
        suite.expect_refused(suite.post(request, body), "key_binding_wrong")


@module("kb-jwt-iat-in-future")
def kb_jwt_iat_in_future(suite: Suite) -> None:
    for ahead in (timedelta(days=365), timedelta(hours=1)):
        _, request = suite.start()
        body = suite.wallet.answer(request, at=suite.clock.now() + ahead)
        suite.expect_refused(suite.post(request, body), "key_binding_wrong")


@module("present-revoked-credential")
def present_revoked_credential(suite: Suite) -> None:
    suite.wallet.held = {"dc+sd-jwt": issue(suite.registry, subject={"licenseNumber": suite.mode})}
    payload = json.loads(decode_base64url(suite.wallet.held["dc+sd-jwt"].decode().split(".")[1]))
    suite.registry.application.change_status(
        suite.registry.provider, payload["jti"], kind="revoked", reason="A test of the suite."
    )
    _, request = suite.start()
    suite.expect_refused(suite.post(request, suite.wallet.answer(request)), "revoked")


@module("present-credential-without-status")
def present_credential_without_status(suite: Suite) -> None:
    suite.wallet.held = {"dc+sd-jwt": issue(suite.registry, revocable=False)}
    happy_flow(suite)


@module("invalid-session-transcript")
def invalid_session_transcript(suite: Suite) -> None:
    """Of mso_mdoc, which is not asked for here, and refused when it comes all the same."""
    _, request = suite.start()
    response = suite.post(request, build_direct_post(request, {"mdoc": ["o2d2ZXJzaW9u"]}))
    assert response.status_code == 400
    refused = suite.client.post(
        "/v1/presentation-requests",
        json={
            "dcql_query": {"credentials": [{"id": "m", "format": "mso_mdoc", "meta": {"doctype_value": "x"}}]}
        },
        headers=suite.secret,
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "unsupported_format")


def changed(suite: Suite, request: AuthorizationRequest, change: Callable[[str], str]) -> bytes:
    token = suite.wallet.vp_token(request)
    return build_direct_post(request, {name: [change(values[0])] for name, values in token.items()})


def bind(suite: Suite, request: AuthorizationRequest, presented: str, **claims: Any) -> str:
    """`presented` with a new key binding, in which `claims` are what they should not be."""
    payload = {
        "iat": int(suite.clock.now().timestamp()),
        "aud": request.client_id.text,
        "nonce": request.nonce,
        "sd_hash": hash_text(presented, "sha-256"),
    }
    return presented + jwt(payload | claims, holder_of("dc+sd-jwt"), typ="kb+jwt", kid=None)


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
@pytest.mark.parametrize("name", MODULES)
def test_module(name: str, mode: str, world: tuple[TestClient, DemoRegistry, FixedClock]) -> None:
    MODULES[name](Suite(*world, mode))


def test_no_module_is_missing() -> None:
    """Those of the plan of July 2026, and two that came since."""
    names = """happy-flow minimal-cnf-jwk request-uri-method-post request-uri-fetched-twice invalid-session-transcript
    invalid-kb-jwt-signature invalid-credential-signature invalid-sd-hash invalid-kb-jwt-nonce invalid-kb-jwt-aud
    kb-jwt-iat-in-past kb-jwt-iat-in-future present-revoked-credential present-credential-without-status"""
    assert {PREFIX + name for name in names.split()} == set(MODULES)


def test_the_catalogue_of_attacks_names_them(shared_dir: Path) -> None:
    text = (shared_dir / "SECURITY.md").read_text()
    for name in ("request-uri-fetched-twice", "request-uri-method-post", "invalid-sd-hash"):
        assert name in text
        assert PREFIX + name in MODULES

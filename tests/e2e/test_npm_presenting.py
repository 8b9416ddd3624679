"""The wallet that nobody here wrote shows credentials of ours to a running service: every client identifier × response
mode × format, and everything that it can break. `make test` has a part of it, on PostgreSQL with two processes, where
what one has in memory the other lacks; the nightly run has all of it, on SQLite as well."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from worlds.deployments import Deployment
from worlds.npm_clients import NpmWallet, Told
from worlds.npm_credentials import put_credential
from worlds.wallet_answers import CANARY, holder_of, issue

FORMATS = ("dc+sd-jwt", "ldp_vc", "jwt_vc_json")
"""Those that this wallet presents; `vc+sd-jwt` is tried with our own (tests/unit/services/test_presentations.py)."""
PREFIXES = ("decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri")
MODES = ("direct_post", "direct_post.jwt")
EVERYTHING = list(itertools.product(PREFIXES, MODES, FORMATS))
SOME = [
    ("x509_hash", "direct_post.jwt", "dc+sd-jwt"),
    ("decentralized_identifier", "direct_post", "ldp_vc"),
    ("x509_san_dns", "direct_post.jwt", "jwt_vc_json"),
    ("redirect_uri", "direct_post", "dc+sd-jwt"),
]
"""Each prefix, mode and format at least once."""


class Verifier:
    """An employer's system."""

    def __init__(self, deployment: Deployment, wallet: NpmWallet) -> None:
        self.deployment, self.wallet = deployment, wallet
        secret = deployment.registry.operator_secret
        self.client = httpx2.Client(
            base_url=deployment.base_url, trust_env=False, headers={"Authorization": f"Bearer {secret}"}
        )

    def hold(self, format_: str, name: str = "held", **options: Any) -> bytes:
        content = issue(self.deployment.registry, format_, **options)
        put_credential(self.wallet.store, format_, content, holder_of(format_), name)
        return content

    def ask(self, **order: Any) -> str:
        asked = {"purpose": "qualification", **order}
        if asked.get("client_id_prefix") == "redirect_uri":
            asked["request_method"] = "value"
        created = self.client.post("/v1/presentation-requests", json=asked)
        assert created.status_code == httpx2.codes.CREATED, created.text
        self.id = created.json()["id"]
        return str(created.json()["link"])

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/v1/presentation-requests/{self.id}").json()
        return found


@pytest.fixture
def verifier(postgresql_deployment: Deployment, npm_wallet: Callable[..., NpmWallet]) -> Verifier:
    return Verifier(postgresql_deployment, npm_wallet())


@pytest.fixture
def each_verifier(deployment: Deployment, npm_wallet: Callable[..., NpmWallet]) -> Verifier:
    return Verifier(deployment, npm_wallet())


def check(verifier: Verifier, prefix: str, mode: str, format_: str, method: str = "get") -> None:
    verifier.hold(format_)
    order: dict[str, Any] = {"client_id_prefix": prefix, "response_mode": mode, "request_method": method}
    told = verifier.wallet.present(verifier.ask(**order))
    said = told.expect_ok()
    assert said["prefix"] == prefix
    assert said["signed"] == (prefix != "redirect_uri")
    assert said["body"] == {}
    view = verifier.look()
    assert (view["state"], view["reason"]) == ("verified", None)
    assert view["result"]["verdict"] == "valid"
    [presentation] = view["result"]["presentations"]
    claims = presentation["report"]["credentials"][0]["report"]["claims"]
    assert set(claims["credentialSubject"]) == {"achievement"}
    assert CANARY not in str(view)


@pytest.mark.parametrize(("prefix", "mode", "format_"), SOME)
def test_the_wallet_presents(verifier: Verifier, prefix: str, mode: str, format_: str) -> None:
    check(verifier, prefix, mode, format_)


@pytest.mark.nightly
@pytest.mark.parametrize(("prefix", "mode", "format_"), EVERYTHING)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_wallet_presents_in_every_way(
    each_verifier: Verifier, prefix: str, mode: str, format_: str, method: str
) -> None:
    check(each_verifier, prefix, mode, format_, method)


BROKEN = [
    ("dc+sd-jwt", "nonce", "wrong_challenge"),
    ("dc+sd-jwt", "aud", "wrong_domain"),
    ("dc+sd-jwt", "sig", "signature_wrong"),
    ("dc+sd-jwt", "kb", "key_binding_wrong"),
    ("ldp_vc", "nonce", "wrong_challenge"),
    ("ldp_vc", "aud", "wrong_domain"),
    ("ldp_vc", "sig", "signature_wrong"),
    ("jwt_vc_json", "nonce", "wrong_challenge"),
    ("jwt_vc_json", "aud", "wrong_domain"),
    ("jwt_vc_json", "sig", "signature_wrong"),
]


def expect_refusal(told: Told) -> None:
    assert not told.ok
    assert told.said["status"] == 400
    assert told.said["body"]["error"] == "invalid_request"


def check_broken(verifier: Verifier, format_: str, fault: str, reason: str) -> None:
    verifier.hold(format_)
    expect_refusal(verifier.wallet.present(verifier.ask(), "--break", fault))
    view = verifier.look()
    assert (view["state"], view["reason"]) == ("refused", reason)
    assert view["result"]["verdict"] == "invalid"


@pytest.mark.parametrize(("format_", "fault", "reason"), BROKEN[2:4])
def test_what_it_breaks_is_refused(verifier: Verifier, format_: str, fault: str, reason: str) -> None:
    check_broken(verifier, format_, fault, reason)


@pytest.mark.nightly
@pytest.mark.parametrize(("format_", "fault", "reason"), BROKEN)
def test_what_it_breaks_is_refused_in_every_format(
    each_verifier: Verifier, format_: str, fault: str, reason: str
) -> None:
    check_broken(each_verifier, format_, fault, reason)


def test_another_state_leaves_the_request_open(verifier: Verifier) -> None:
    verifier.hold("dc+sd-jwt")
    link = verifier.ask(response_mode="direct_post")
    expect_refusal(verifier.wallet.present(link, "--break", "state"))
    assert verifier.look()["state"] == "fetched"


def test_what_it_shows_too_much_is_not_kept(verifier: Verifier) -> None:
    verifier.hold("dc+sd-jwt")
    verifier.wallet.present(verifier.ask(), "--break", "extra").expect_ok()
    view = verifier.look()
    assert view["result"]["verdict"] == "valid"
    assert CANARY not in str(view)


def test_it_declines(verifier: Verifier) -> None:
    verifier.hold("dc+sd-jwt")
    assert verifier.wallet.present(verifier.ask(), "--decline").ok
    assert (verifier.look()["state"], verifier.look()["reason"]) == ("declined", "access_denied")


@pytest.mark.nightly
def test_a_used_request_is_gone(verifier: Verifier) -> None:
    """R-01: the wallet cannot even read it again."""
    verifier.hold("dc+sd-jwt")
    link = verifier.ask()
    verifier.wallet.present(link).expect_ok()
    again = verifier.wallet.present(link)
    assert not again.ok
    assert again.status_of("/oid4vp/requests/") == [404]
    assert verifier.look()["state"] == "verified"


@pytest.mark.nightly
def test_it_sends_the_person_back(verifier: Verifier) -> None:
    """R-03."""
    verifier.hold("dc+sd-jwt")
    said = verifier.wallet.present(verifier.ask(redirect_uri="https://employer.example/back")).expect_ok()
    target = said["body"]["redirect_uri"]
    assert target.startswith("https://employer.example/back?response_code=")
    assert verifier.look()["result"] is None
    code = target.partition("response_code=")[2]
    found = verifier.client.get(f"/v1/presentation-requests/{verifier.id}", params={"response_code": code})
    assert found.json()["result"]["verdict"] == "valid"

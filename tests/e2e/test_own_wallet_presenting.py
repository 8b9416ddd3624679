"""Our own wallet shows credentials that it claimed to the running service: on SQLite, and on PostgreSQL with two
processes that take turns. Every client identifier × response mode × way of asking × format, and what has to be
refused."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from worlds.deployments import Deployment
from worlds.offices import EmployerOffice, ProviderOffice
from worlds.own_wallet import OwnWallet

FORMATS = ("dc+sd-jwt", "ldp_vc", "jwt_vc_json", "vc+sd-jwt")
PREFIXES = ("decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri")
MODES = ("direct_post", "direct_post.jwt")
METHODS = ("get", "post")
EVERYTHING = [
    (prefix, mode, method, kind)
    for prefix, mode, method, kind in itertools.product(PREFIXES, MODES, METHODS, FORMATS)
    if prefix != "redirect_uri" or method == "get"  # an unsigned request is in its link
]
SOME = [
    ("x509_hash", "direct_post.jwt", "post", "dc+sd-jwt"),
    ("decentralized_identifier", "direct_post", "get", "ldp_vc"),
    ("x509_san_dns", "direct_post.jwt", "get", "vc+sd-jwt"),
    ("redirect_uri", "direct_post", "get", "jwt_vc_json"),
]
"""Each prefix, mode, method and format at least once."""


class Scene:
    """One wallet per deployment with one credential in each format."""

    def __init__(self, deployment: Deployment, folder: Path) -> None:
        self.deployment = deployment
        self.provider, self.employer = ProviderOffice(deployment), EmployerOffice(deployment)
        self.wallet = OwnWallet.make(folder, trust=deployment.authorities)
        self.held = {kind: self.claim(kind) for kind in FORMATS}

    def claim(self, kind: str, *options: str, **changes: Any) -> str:
        """The id of a credential that is in the wallet now."""
        offer = self.provider.offer(formats=[kind], tx_code=False, **changes)
        [received] = self.wallet.accept(offer["offer_uri"], *options).expect()["received"]
        return str(received["id"])

    def present(self, kind: str, *options: str, **order: Any) -> tuple[Any, dict[str, Any]]:
        """What the wallet did with a request for that format, and what the employer sees then."""
        request_id, link = self.employer.ask(formats=[kind], **order)
        done = self.wallet.present(link, "--credential", self.held[kind], *options)
        return done, self.employer.look(request_id)


_scenes: dict[str, Scene] = {}


@pytest.fixture
def scene(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Made once for each deployment."""
    found = _scenes.get(deployment.base_url)
    if found is None:
        found = _scenes[deployment.base_url] = Scene(deployment, tmp_path_factory.mktemp("own") / "wallet")
    return found


def check(scene: Scene, prefix: str, mode: str, method: str, kind: str) -> None:
    order: dict[str, Any] = {"client_id_prefix": prefix, "response_mode": mode}
    if prefix != "redirect_uri":
        order["request_method"] = method
    done, view = scene.present(kind, **order)
    said = done.expect()
    assert said["client_id"] == view["client_id"]
    assert said["client_id"].startswith(f"{prefix}:")
    assert (view["state"], view["reason"]) == ("verified", None)
    [presentation] = view["result"]["presentations"]
    [credential] = presentation["report"]["credentials"]
    assert credential["holder"] == "proven"
    assert (credential["report"]["verdict"], credential["report"]["reason"]) == ("valid", "issuer_authorised")


@pytest.mark.parametrize(("prefix", "mode", "method", "kind"), SOME)
def test_what_was_claimed_is_shown(scene: Scene, prefix: str, mode: str, method: str, kind: str) -> None:
    check(scene, prefix, mode, method, kind)


@pytest.mark.nightly
@pytest.mark.parametrize(("prefix", "mode", "method", "kind"), EVERYTHING)
def test_every_way_of_asking(scene: Scene, prefix: str, mode: str, method: str, kind: str) -> None:
    check(scene, prefix, mode, method, kind)


@pytest.mark.nightly
@pytest.mark.parametrize("kind", FORMATS)
def test_copies_are_shown_one_by_one_and_have_nothing_in_common(scene: Scene, kind: str) -> None:
    """PR-06: each is good, each is shown once, and two verifiers who compare what they got find no value of hers in
    both but what was asked for."""
    offer = scene.provider.offer(formats=[kind], tx_code=False)
    [received] = scene.wallet.accept(offer["offer_uri"], "--copies", "3").expect()["received"]
    assert received["usable_copies"] == 3
    seen = []
    for left in (2, 1, 0):
        request_id, link = scene.employer.ask(formats=[kind])
        scene.wallet.present(link, "--credential", received["id"]).expect()
        view = scene.employer.look(request_id)
        assert (view["state"], view["result"]["verdict"]) == ("verified", "valid")
        [held] = [each for each in scene.wallet.held() if each["id"] == received["id"]]
        assert held["usable_copies"] == left
        [presentation] = view["result"]["presentations"]
        report = presentation["report"]["credentials"][0]["report"]
        seen.append((report["document_sha256"], json.dumps(report["claims"], sort_keys=True)))
    assert len({digest for digest, _ in seen}) == 3
    request_id, link = scene.employer.ask(formats=[kind])
    over = scene.wallet.present(link, "--credential", received["id"])
    assert (over.code, over.fault) == (69, "request_not_met")
    assert scene.employer.look(request_id)["state"] == "declined"


def test_no_is_told_and_an_answer_is_taken_once(scene: Scene) -> None:
    declined, view = scene.present("dc+sd-jwt", "--decline")
    assert (declined.code, declined.fault) == (69, "presentation_declined")
    assert (view["state"], view["result"]) == ("declined", None)
    request_id, link = scene.employer.ask()
    scene.wallet.present(link).expect()
    again = scene.wallet.present(link)
    assert (again.code, again.fault) == (69, "verifier_refused")
    assert scene.employer.look(request_id)["state"] == "verified"


def test_a_certificate_that_nobody_vouches_for_gets_no_answer(scene: Scene) -> None:
    request_id, link = scene.employer.ask(client_id_prefix="x509_hash")
    careful = OwnWallet(scene.wallet.folder)
    refused = careful.present(link)
    assert (refused.code, refused.fault) == (64, "verifier_not_proven")
    assert scene.employer.look(request_id)["state"] == "fetched"


def test_what_was_revoked_is_not_good_any_more(scene: Scene) -> None:
    offer = scene.provider.offer(formats=["dc+sd-jwt"], tx_code=False)
    [received] = scene.wallet.accept(offer["offer_uri"]).expect()["received"]
    [delivery] = scene.provider.look(offer)["credentials"]
    scene.provider.revoke(delivery["credential_id"])
    request_id, link = scene.employer.ask(formats=["dc+sd-jwt"])
    scene.wallet.present(link, "--credential", received["id"])
    view = scene.employer.look(request_id)
    assert (view["state"], view["result"]["verdict"]) == ("refused", "invalid")
    [presentation] = view["result"]["presentations"]
    assert presentation["report"]["credentials"][0]["report"]["reason"] == "revoked"


def test_the_person_is_told_who_asks_what_for_and_every_value(scene: Scene) -> None:
    _, link = scene.employer.ask(formats=["dc+sd-jwt"], client_id_prefix="decentralized_identifier")
    asked = scene.wallet.run("present", "--local", "--credential", scene.held["dc+sd-jwt"], link)
    assert (asked.code, asked.fault) == (64, "consent_needed")
    assert "Asked by    decentralized_identifier:did:web:127.0.0.1%3A" in asked.told
    assert "(proven by a key of its DID)" in asked.told
    assert "Purpose     To see which course the person completed, and how long it was." in asked.told
    before, after = asked.told.split("seen in any case, because its issuer does not let it be hidden:")
    assert "/credentialSubject/achievement/name: " in before
    assert "/credentialSubject/name: " not in asked.told
    assert "/cnf/jwk/x: " in after

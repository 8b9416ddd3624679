"""The wallet that nobody here wrote claims what a provider offers, and is refused as the specification says.

The service runs on SQLite with one process, and on PostgreSQL with two that take turns, request by request.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey

from worlds.certificates import Requested, certify_authority
from worlds.databases import DEFAULT_POSTGRES_URL, scratch_database
from worlds.deployments import Deployment, running_deployment
from worlds.npm_clients import NpmWallet
from worlds.offers import claims_of

FORMATS = ("dc+sd-jwt", "ldp_vc", "jwt_vc_json", "vc+sd-jwt")
BOTH = ("pre_authorized_code", "authorization_code")
_numbers = itertools.count()
Wallets = Callable[..., NpmWallet]


@pytest.fixture(scope="module")
def wallet_maker(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of a maker of wallets: with its private key for the wallet, with the public one for the service."""
    folder = tmp_path_factory.mktemp("maker")
    key = ECKey.generate_key("P-256", private=True, auto_kid=False)
    own = {"jwk": key.as_dict(private=True), "iss": "https://wallet-provider.example"}
    (folder / "maker.json").write_text(json.dumps(own))
    (folder / "trusted.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    return {"own": str(folder / "maker.json"), "trusted": str(folder / "trusted.json")}


@pytest.fixture(params=[pytest.param("sqlite", marks=pytest.mark.nightly), "postgresql"])
def service(request: pytest.FixtureRequest) -> Deployment:
    """A service as it is without settings of its own."""
    found: Deployment = request.getfixturevalue(f"{request.param}_deployment")
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demanding(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, wallet_maker: dict[str, str]
) -> Iterator[Deployment]:
    """A service that believes the maker of the wallet, and encrypts to wallets that ask for it in plain, as this one
    does."""
    folder = tmp_path_factory.mktemp("service")
    settings = {"wallet_encryption": "lenient", "wallet_providers_file": wallet_maker["trusted"]}
    if request.param == "sqlite":
        with running_deployment(folder, **settings) as deployment:
            yield deployment
        return
    with scratch_database(DEFAULT_POSTGRES_URL) as url, running_deployment(folder, url, **settings) as found:
        assert found.processes == 2
        yield found


def offer(service: Deployment, **changes: Any) -> dict[str, Any]:
    body = {"profile": "training", "credential": claims_of("training"), **changes}
    headers = {
        "Authorization": f"Bearer {service.registry.provider_secret}",
        "Idempotency-Key": f"npm-{next(_numbers)}",
    }
    with httpx2.Client(base_url=service.base_url, trust_env=False) as client:
        response = client.post("/v1/offers", json=body, headers=headers)
        assert response.status_code == 201, response.text
        return dict(response.json())


def see(service: Deployment, made: dict[str, Any], verb: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {service.registry.provider_secret}"}
    with httpx2.Client(base_url=service.base_url, trust_env=False) as client:
        path = f"/v1/offers/{made['id']}"
        response = client.post(path + verb, headers=headers) if verb else client.get(path, headers=headers)
        return dict(response.json())


@pytest.mark.parametrize(
    ("formats", "by", "options"),
    [
        (FORMATS, "offer_uri_by_reference", ["--batch", "3"]),
        (["dc+sd-jwt"], "offer_uri", ["--signed-metadata", "--alg", "EdDSA", "--no-dpop"]),
        pytest.param(FORMATS, "offer_uri", ["--no-dpop"], marks=pytest.mark.nightly),
        pytest.param(FORMATS, "offer_uri", ["--signed-metadata"], marks=pytest.mark.nightly),
        pytest.param(["ldp_vc"], "offer_uri", ["--bind", "did:jwk"], marks=pytest.mark.nightly),
    ],
)
def test_by_a_pre_authorised_code(
    service: Deployment, npm_wallet: Wallets, formats: list[str], by: str, options: list[str]
) -> None:
    made = offer(service, formats=list(formats))
    said = npm_wallet().accept(made[by], "--tx-code", made["tx_code"], *options).expect_ok()
    assert said["version"] == "V1"
    copies = int(options[options.index("--batch") + 1]) if "--batch" in options else 1
    assert [len(item["instances"]) for item in said["credentials"]] == [copies] * len(formats)
    assert all(instance["verified"] for item in said["credentials"] for instance in item["instances"])
    assert [item["notified"] for item in said["credentials"]] == [204] * len(formats)
    seen = see(service, made)
    assert seen["state"] == "claimed"
    assert {each["wallet_event"] for each in seen["credentials"]} == {"credential_accepted"}


@pytest.mark.parametrize(
    ("formats", "options"),
    [(["dc+sd-jwt", "ldp_vc"], []), pytest.param(FORMATS, ["--batch", "2"], marks=pytest.mark.nightly)],
)
def test_by_an_authorization_code(
    service: Deployment, npm_wallet: Wallets, formats: list[str], options: list[str]
) -> None:
    made = offer(service, formats=list(formats), grants=["authorization_code"], tx_code=False)
    told = npm_wallet().accept(made["offer_uri"], "--client-id", "https://wallet.example", *options)
    said = told.expect_ok()
    assert said["tokenType"] == "DPoP"
    assert told.status_of("/par")[-1] == 201
    assert [item["format"] for item in said["credentials"]] == list(formats)
    assert all(instance["verified"] for item in said["credentials"] for instance in item["instances"])


@pytest.mark.nightly
@pytest.mark.parametrize("options", [["--batch", "2"], ["--alg", "EdDSA", "--signed-metadata"]])
def test_encrypted_to_the_wallet(demanding: Deployment, npm_wallet: Wallets, options: list[str]) -> None:
    made = offer(demanding, formats=list(FORMATS), tx_code=False)
    told = npm_wallet().accept(made["offer_uri"], "--encrypt", *options)
    said = told.expect_ok()
    assert all(instance["verified"] for item in said["credentials"] for instance in item["instances"])
    answers = [each for each in told.http if each["url"].endswith("/credential") and each["status"] == 200]
    assert {each["type"] for each in answers} == {"application/jwt"}


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("grants", "options"),
    [
        (BOTH, ["--proof", "jwt+att", "--batch", "2"]),
        (BOTH, ["--proof", "attestation"]),
        (["authorization_code"], ["--encrypt"]),
    ],
)
def test_attested_by_its_maker(
    demanding: Deployment,
    npm_wallet: Wallets,
    wallet_maker: dict[str, str],
    grants: list[str],
    options: list[str],
) -> None:
    made = offer(demanding, grants=list(grants), tx_code=False, formats=["dc+sd-jwt", "vc+sd-jwt"])
    said = npm_wallet().accept(made["offer_uri"], "--attest", wallet_maker["own"], *options).expect_ok()
    assert all(instance["verified"] for item in said["credentials"] for instance in item["instances"])


@pytest.mark.nightly
def test_of_a_maker_who_is_not_trusted(demanding: Deployment, npm_wallet: Wallets, tmp_path: Path) -> None:
    made = offer(demanding, tx_code=False)
    told = npm_wallet().accept(made["offer_uri"], "--attest", str(tmp_path / "nobody.json"))
    assert not told.ok
    assert told.status_of("/token")[-1] == 401
    assert told.said["oauth"]["error"] == "invalid_client"
    assert see(demanding, made)["state"] == "unclaimed"


@pytest.mark.nightly
def test_under_certificates_of_the_issuer(demanding: Deployment, npm_wallet: Wallets) -> None:
    """WALLETS, issuer item 10: the wallet takes the key from `x5c`, also for the status list."""
    application, provider = demanding.registry.application, demanding.registry.provider
    key = application.create_key(provider, "P-256")
    now = datetime.now(UTC)
    root = certify_authority(None, "Root", begin=now - timedelta(days=1), end=now + timedelta(days=365))
    request = Requested(application.request_certificate(provider, key.id))
    application.certify_key(provider, key.id, request.answer(root, now))
    made = offer(demanding, tx_code=False)
    said = npm_wallet().accept(made["offer_uri"], "--batch", "2").expect_ok()
    [item] = said["credentials"]
    assert [(each["verified"], each["how"]) for each in item["instances"]] == [(True, "x5c")] * 2
    application.certify_key(provider, key.id, None)


def test_a_credential_that_comes_later(service: Deployment, npm_wallet: Wallets) -> None:
    made = offer(service, deferred=True, tx_code=False)

    def release_soon() -> None:
        while see(service, made)["state"] == "unclaimed":
            time.sleep(0.2)
        see(service, made, "/release")

    with closing(_Background(release_soon)):
        told = npm_wallet().accept(made["offer_uri"])
    said = told.expect_ok()
    assert [item["instances"][0]["verified"] for item in said["credentials"]] == [True]
    assert told.status_of("/credential")[-1] in (200, 202)


class _Background:
    """A function beside the test; `close` waits for it."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work)
        self._thread.start()

    def close(self) -> None:
        self._thread.join()


def test_codes_that_are_not_good(service: Deployment, npm_wallet: Wallets) -> None:
    """A wrong transaction code, and a code that was used."""
    made = offer(service)
    wrong = "000000" if made["tx_code"] != "000000" else "111111"
    refused = npm_wallet().accept(made["offer_uri"], "--tx-code", wrong)
    assert (refused.ok, refused.said["oauth"]["error"]) == (False, "invalid_grant")
    npm_wallet().accept(made["offer_uri"], "--tx-code", made["tx_code"]).expect_ok()
    replayed = npm_wallet("thief").accept(made["offer_uri"], "--tx-code", made["tx_code"])
    assert (replayed.ok, replayed.said["oauth"]["error"]) == (False, "invalid_grant")
    assert replayed.status_of("/token")[-1] == 400

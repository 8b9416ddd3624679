"""Our own wallet, as a command, claims from the running service: on SQLite, and on PostgreSQL with two processes that
take turns. It knows nothing of the service but what the specifications say (SECURITY V, PR-06)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from worlds.deployments import Deployment
from worlds.offices import ProviderOffice
from worlds.own_wallet import OwnWallet

FORMATS = ("dc+sd-jwt", "ldp_vc", "jwt_vc_json", "vc+sd-jwt")
GRANTS = ("pre_authorized_code", "authorization_code")
WAYS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "plain": ({"tx_code": False}, []),
    "tx_code": ({}, []),
    "signed-metadata": ({"tx_code": False}, ["--signed-metadata"]),
    "batch": ({"tx_code": False}, ["--copies", "4"]),
    "deferred": ({"tx_code": False, "deferred": True}, []),
    "encrypted": ({"tx_code": False}, ["--encrypted"]),
    "all of it": ({"deferred": True}, ["--signed-metadata", "--copies", "4", "--encrypted"]),
}
"""How an offer is made, and what the holder says."""
EVERYTHING = list(itertools.product(FORMATS, GRANTS, WAYS))
SOME = [
    ("dc+sd-jwt", "pre_authorized_code", "tx_code"),
    ("ldp_vc", "authorization_code", "signed-metadata"),
    ("vc+sd-jwt", "pre_authorized_code", "all of it"),
    ("jwt_vc_json", "authorization_code", "all of it"),
]
"""Each format, grant and option at least once."""
MakeWallet = Callable[..., OwnWallet]


@pytest.fixture
def own_wallet(tmp_path: Path) -> MakeWallet:
    """Makes wallets of our own, each of another person."""
    return lambda name="holder", **options: OwnWallet.make(tmp_path / f"own-{name}", **options)


def claim(deployment: Deployment, wallet: OwnWallet, kind: str, grant: str, way: str) -> dict[str, Any]:
    """One credential in the wallet, in the way that is told."""
    provider = ProviderOffice(deployment)
    changes, options = WAYS[way]
    offer = provider.offer(formats=[kind], grants=[grant], **changes)
    assert provider.look(offer)["state"] == "unclaimed"
    link = offer["offer_uri_by_reference" if way == "tx_code" else "offer_uri"]
    code = offer.get("tx_code", "")
    typed = ["--tx-code", code] if code and grant == "pre_authorized_code" else []
    done = wallet.accept(link, *options, *typed, tx_code=code)
    if changes.get("deferred"):
        assert done.expect(2)["received"] == []
        provider.release(offer)
        done = wallet.collect("--wait", "30", *(["--encrypted"] if "--encrypted" in options else []))
    [received] = done.expect()["received"]
    assert received["format"] == kind
    assert received["credential_issuer"] == offer["credential_offer"]["credential_issuer"]
    assert received["unchecked"] == ["trust: registry_unavailable"]
    assert received["copies"] == received["usable_copies"] == (4 if "--copies" in options else 1)
    view = provider.look(offer)
    assert view["state"] == "claimed"
    told = not changes.get("deferred")  # what was put off comes without a name to speak of it by
    assert received["issuer_notified"] is told
    assert view["credentials"][0].get("wallet_event") == ("credential_accepted" if told else None)
    return received


@pytest.mark.parametrize(("kind", "grant", "way"), SOME)
def test_a_credential_gets_into_the_wallet(
    deployment: Deployment, own_wallet: MakeWallet, kind: str, grant: str, way: str
) -> None:
    wallet = own_wallet()
    received = claim(deployment, wallet, kind, grant, way)
    [held] = wallet.held()
    assert held["id"] == received["id"]
    shown = wallet.run("show", "--format", "json", held["id"][:6]).expect()
    assert shown["claims"]["credentialSubject"]["achievement"]["name"]


@pytest.mark.nightly
@pytest.mark.parametrize(("kind", "grant", "way"), EVERYTHING)
def test_every_format_in_every_way(
    deployment: Deployment, own_wallet: MakeWallet, kind: str, grant: str, way: str
) -> None:
    claim(deployment, own_wallet(), kind, grant, way)


def test_codes_are_good_once_and_with_the_right_transaction_code(
    deployment: Deployment, own_wallet: MakeWallet
) -> None:
    provider, wallet = ProviderOffice(deployment), own_wallet()
    offer = provider.offer()
    wrong = "000000" if offer["tx_code"] != "000000" else "000001"
    refused = wallet.accept(offer["offer_uri"], "--tx-code", wrong)
    assert (refused.code, refused.fault) == (69, "issuer_refused")
    assert "invalid_grant" in refused.told
    assert provider.look(offer)["state"] == "unclaimed"
    wallet.accept(offer["offer_uri"], "--tx-code", offer["tx_code"]).expect()
    again = own_wallet("thief").accept(offer["offer_uri"], "--tx-code", offer["tx_code"])
    assert (again.code, again.fault) == (69, "issuer_refused")
    assert "invalid_grant" in again.told


def test_what_was_withdrawn_cannot_be_claimed(sqlite_deployment: Deployment, own_wallet: MakeWallet) -> None:
    provider = ProviderOffice(sqlite_deployment)
    offer = provider.offer(tx_code=False)
    provider.withdraw(offer)
    refused = own_wallet().accept(offer["offer_uri"])
    assert (refused.code, refused.fault) == (69, "issuer_refused")


def test_without_leave_the_wallet_does_not_talk_to_this_machine(
    sqlite_deployment: Deployment, own_wallet: MakeWallet
) -> None:
    offer = ProviderOffice(sqlite_deployment).offer(tx_code=False)
    wallet = own_wallet()
    refused = wallet.run("accept", "--yes", offer["offer_uri"])
    assert (refused.code, refused.fault) == (64, "address_not_secure")
    asked = wallet.run("accept", "--local", offer["offer_uri"])
    assert (asked.code, asked.fault) == (64, "consent_needed"), "without --yes somebody has to be there"
    assert sqlite_deployment.base_url in asked.told
    assert "Demo Welding School" in asked.told


def test_a_wallet_moves_to_another_file(sqlite_deployment: Deployment, own_wallet: MakeWallet) -> None:
    old, new = own_wallet("old"), own_wallet("new")
    received = claim(sqlite_deployment, old, "dc+sd-jwt", "pre_authorized_code", "plain")
    export = old.folder / "export"
    secret = ["--export-passphrase-file", str(old.folder / "passphrase")]
    old.run("export", *secret, str(export)).expect()
    new.run("import", *secret, str(export)).expect()
    assert [each["id"] for each in new.held()] == [received["id"]]
    raw = [wallet.run("show", "--raw", received["id"]) for wallet in (old, new)]
    assert [done.code for done in raw] == [0, 0]

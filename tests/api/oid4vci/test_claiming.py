"""A holder claims what a provider offers: from the offer to the credential, by way of our own verifier."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from worlds.offers import claims_of
from worlds.wallet import HolderKey, part, read_offer

SD_JWT_VC = "training-v1-dc-sd-jwt"


@pytest.mark.parametrize("with_dpop", [False, True], ids=["bearer", "dpop"])
@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_an_sd_jwt_vc_is_bound_to_the_proven_key(served, make_offer, wallet, algorithm, with_dpop) -> None:
    offer, key = make_offer(), HolderKey(algorithm)
    if with_dpop:
        wallet.dpop_key = HolderKey()
    (credential,) = wallet.claim(offer["offer_uri"], offer["tx_code"], key)
    claims = part(credential, 1)
    assert part(credential, 0)["typ"] == "dc+sd-jwt"
    assert claims["cnf"]["jwk"] == key.jwk
    assert claims["vct"] == "https://skillcred.org/types/training-v1"
    report = served.client.post(
        "/v1/verifications", content=credential, headers={"Content-Type": "application/dc+sd-jwt"}
    ).json()
    assert report["verdict"] == "valid", report


def test_an_embedded_proof_names_the_holder(served, make_offer, wallet) -> None:
    offer, key = make_offer(formats=["ldp_vc"]), HolderKey("EdDSA")
    (credential,) = wallet.claim(offer["offer_uri"], offer["tx_code"], key)
    assert credential["credentialSubject"]["id"] == key.did
    assert credential["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    report = served.client.post("/v1/verifications", json=credential).json()
    assert report["verdict"] == "valid", report


def test_the_older_envelope_names_the_holder_and_is_valid(served, make_offer, wallet) -> None:
    """`jwt_vc_json` as wallets know it: the credential under the claim `vc`, issuer and key by DID."""
    offer, key = make_offer(formats=["jwt_vc_json"]), HolderKey()
    (credential,) = wallet.claim(offer["offer_uri"], offer["tx_code"], key)
    header, payload = part(credential, 0), part(credential, 1)
    assert header["typ"] == "JWT"
    assert header["kid"].startswith(payload["iss"] + "#")
    assert payload["sub"] == payload["vc"]["credentialSubject"]["id"] == key.did
    assert payload["jti"] == payload["vc"]["id"]
    assert payload["vc"]["@context"][0] == "https://www.w3.org/2018/credentials/v1"
    assert datetime.fromisoformat(payload["vc"]["issuanceDate"]).timestamp() == payload["nbf"]
    assert "validFrom" not in payload["vc"]
    assert payload["vc"]["credentialStatus"]["statusPurpose"] == "revocation"
    assert "status" not in payload["vc"]
    assert payload["status"]["status_list"]["uri"].startswith("http")
    report = served.client.post(
        "/v1/verifications", content=credential, headers={"Content-Type": "application/jwt"}
    ).json()
    assert report["verdict"] == "valid", report


def test_the_older_envelope_tells_of_suspension_and_revocation(served, make_offer, wallet) -> None:
    """One entry is all that VCDM 1.1 has room for; the token's own claim `status` tells the rest."""
    (credential,) = wallet.claim(make_offer(formats=["jwt_vc_json"], tx_code=False)["offer_uri"])
    change_status, provider = served.registry.application.change_status, served.registry.provider
    for kind, verdict, reason in (
        ("suspended", "invalid", "suspended"),
        ("reinstated", "valid", "issuer_authorised"),
        ("revoked", "invalid", "revoked"),
    ):
        change_status(provider, part(credential, 1)["jti"], kind=kind, reason="A test.")
        report = served.client.post(
            "/v1/verifications", content=credential, headers={"Content-Type": "application/jwt"}
        ).json()
        assert (report["verdict"], report["reason"]) == (verdict, reason)


def test_every_format_of_one_offer(make_offer, dpop_wallet) -> None:
    offer = make_offer(formats=["dc+sd-jwt", "ldp_vc", "jwt_vc_json", "vc+sd-jwt"], tx_code=False)
    got = dpop_wallet.claim(offer["offer_uri"])
    assert [isinstance(credential, str) for credential in got] == [True, False, True, True]
    assert part(got[3], 0)["typ"] == "vc+sd-jwt"


def test_the_provider_sees_what_became_of_it(served, make_offer, wallet) -> None:
    offer = make_offer()
    where = f"/v1/offers/{offer['id']}"
    headers = served.bearer("provider")
    assert offer["state"] == "unclaimed"
    wallet.claim(offer["offer_uri"], offer["tx_code"])
    seen = served.client.get(where, headers=headers).json()
    assert seen["state"] == "claimed"
    assert "offer_uri" not in seen
    assert "tx_code" not in seen
    (credential,) = seen["credentials"]
    stored = served.client.get(credential["credential_id"].partition("8000")[2], headers=headers)
    assert stored.status_code == 200
    listed = served.client.get("/v1/offers", headers=headers).json()["offers"]
    assert listed[0]["id"] == offer["id"]


def test_an_offer_by_reference_can_be_read_until_it_is_claimed(served, make_offer, wallet) -> None:
    """V-12: wallets fetch an offer more than once."""
    offer = make_offer(tx_code=False)
    link = urlsplit(offer["offer_uri_by_reference"])
    assert link.scheme == "openid-credential-offer"
    where = parse_qs(link.query)["credential_offer_uri"][0]
    assert where.startswith(wallet.issuer + "/offers/")
    for _ in range(3):
        response = served.client.get(where)
        assert response.json() == read_offer(offer["offer_uri"])
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
    wallet.claim(offer["offer_uri"])
    assert served.client.get(where).status_code == 404
    assert served.client.get(where.replace("welding-school", "unknown-school")).status_code == 404
    assert served.client.get(f"{wallet.issuer}/offers/{'A' * 43}").status_code == 404


def test_the_offer_tells_no_personal_data(make_offer) -> None:
    """V-13: neither who it is about nor the transaction code; what wallets need and no more."""
    offer = make_offer()
    text = json.dumps(offer["credential_offer"])
    assert offer["tx_code"] not in offer["offer_uri"]
    assert sorted(offer["credential_offer"]) == [
        "credential_configuration_ids", "credential_issuer", "grants"
    ]  # fmt: skip
    assert "identity" not in text


def test_the_same_request_makes_the_same_offer(served) -> None:

    headers = served.bearer("provider")
    body = {"profile": "training", "credential": claims_of("training")}
    headers["Idempotency-Key"] = "the-same-offer"
    first = served.client.post("/v1/offers", json=body, headers=headers)
    again = served.client.post("/v1/offers", json=body, headers=headers)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = served.client.post("/v1/offers", json=body | {"revocable": False}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")

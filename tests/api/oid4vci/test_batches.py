"""Several copies of one credential at once: one record, nothing in common, all or nothing (SECURITY V-07, PR-06)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from skillcred.encoding.json_types import as_list
from skillcred.exchange.oid4vci.metadata import CredentialFormat
from worlds.offers import claims_of
from worlds.wallet import HolderKey, part, read_offer

SD_JWT_VC = "training-v1-dc-sd-jwt"
SAID_OF_MANY = ("iss", "vct", "vct#integrity", "issuing_authority", "_sd_alg")
"""Claims that every credential of one type and issuer has alike."""
COUNT = 4


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield json.dumps(value)


def ask(wallet, offer: dict[str, Any], configuration_id: str, keys: list[HolderKey], **changes: Any) -> Any:
    assert wallet.request_token(read_offer(offer["offer_uri"]), offer.get("tx_code")).status_code == 200
    nonce = wallet.nonce()
    by_did = not configuration_id.endswith("-dc-sd-jwt")
    proofs = [wallet.prove(key, nonce, by_did=by_did) for key in keys]
    return wallet.request_credential(configuration_id, *proofs)


def test_copies_of_one_credential_cannot_be_linked(served, make_offer, dpop_wallet) -> None:
    """PR-06: whatever two copies have in common, every credential of that course has; identifiers, keys, salts, entries
    of status lists and times of signing differ or tell the day only."""
    offer = make_offer()
    keys = [HolderKey() for _ in range(COUNT)]
    response = ask(dpop_wallet, offer, SD_JWT_VC, keys)
    copies = [item["credential"] for item in response.json()["credentials"]]
    assert len(copies) == COUNT
    payloads = [part(copy, 1) for copy in copies]
    assert [payload["cnf"]["jwk"] for payload in payloads] == [key.jwk for key in keys]
    for name in ("jti", "sub"):
        assert len({payload[name] for payload in payloads}) == COUNT
    assert len({payload["status"]["status_list"]["idx"] for payload in payloads}) == COUNT
    disclosures = [disclosure for copy in copies for disclosure in copy.split("~")[1:-1]]
    assert disclosures
    assert len(set(disclosures)) == len(disclosures)
    common = set.intersection(*(set(leaves(payload)) for payload in payloads))
    first = payloads[0]
    said_of_many = {json.dumps(first[name]) for name in SAID_OF_MANY} | {'"EC"', '"P-256"'}
    of_the_course = set(leaves(claims_of("training")))
    of_the_day = {json.dumps(first["iat"]), json.dumps(first["nbf"])}
    the_list = {json.dumps(first["status"]["status_list"]["uri"])}
    assert common <= said_of_many | of_the_course | of_the_day | the_list
    activated = served.registry.application.list_keys(served.registry.provider)[0].activated_at
    assert first["iat"] == int(
        max(activated, datetime.now(UTC).replace(hour=0, minute=0, second=0)).timestamp()
    )


@pytest.mark.parametrize(
    "kind", [CredentialFormat.LDP_VC, CredentialFormat.VC_SD_JWT, CredentialFormat.JWT_VC_JSON]
)
def test_copies_in_other_formats_name_the_holder_by_each_did(make_offer, dpop_wallet, kind) -> None:
    offer = make_offer(formats=[kind.value])
    keys = [HolderKey("EdDSA") for _ in range(3)]
    response = ask(dpop_wallet, offer, offer["credential_configuration_ids"][0], keys)
    assert response.status_code == 200, response.text
    copies = [item["credential"] for item in response.json()["credentials"]]
    payloads = [copy if isinstance(copy, dict) else part(copy, 1) for copy in copies]
    documents = [payload.get("vc", payload) for payload in payloads]
    assert [document["credentialSubject"]["id"] for document in documents] == [key.did for key in keys]
    assert len({document["id"] for document in documents}) == 3
    entries = [entry for document in documents for entry in as_list(document["credentialStatus"])]
    indexes = {entry["statusListIndex"] for entry in entries}
    assert len(indexes) == 3


def test_revoking_the_record_revokes_every_copy(served, make_offer, dpop_wallet) -> None:
    offer = make_offer()
    response = ask(dpop_wallet, offer, SD_JWT_VC, [HolderKey() for _ in range(2)])
    copies = [item["credential"] for item in response.json()["credentials"]]
    headers = served.bearer("provider")
    (record,) = served.client.get(f"/v1/offers/{offer['id']}", headers=headers).json()["credentials"]
    path = record["credential_id"].partition("8000")[2]
    change = {"kind": "revoked", "reason": "Issued by mistake."}
    assert served.client.post(f"{path}/status", json=change, headers=headers).status_code == 201
    for copy in copies:
        report = served.client.post(
            "/v1/verifications", content=copy, headers={"Content-Type": "application/dc+sd-jwt"}
        ).json()
        assert report["verdict"] == "invalid"
        assert next(step["code"] for step in report["steps"] if step["step"] == "status") == "revoked"


def test_the_same_batch_again_is_the_same_copies(make_offer, dpop_wallet) -> None:
    """V-11: with a new nonce and the same keys."""
    offer, keys = make_offer(), [HolderKey() for _ in range(3)]
    first = ask(dpop_wallet, offer, SD_JWT_VC, keys)
    nonce = dpop_wallet.nonce()
    again = dpop_wallet.request_credential(SD_JWT_VC, *(dpop_wallet.prove(key, nonce) for key in keys))
    assert again.json() == first.json()
    fewer = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(keys[0]))
    assert (fewer.status_code, fewer.json()["error"]) == (400, "credential_request_denied")


def test_V_07_one_bad_proof_refuses_all(served, make_offer, dpop_wallet) -> None:
    offer = make_offer()
    assert dpop_wallet.request_token(read_offer(offer["offer_uri"]), offer["tx_code"]).status_code == 200
    keys, nonce = [HolderKey() for _ in range(11)], dpop_wallet.nonce()
    good = [dpop_wallet.prove(key, nonce) for key in keys]
    bad = {
        "the same key twice": [good[0], dpop_wallet.prove(keys[0], nonce)],
        "two nonces": [good[0], dpop_wallet.prove(keys[1])],
        "one for another issuer": [good[0], dpop_wallet.prove(keys[1], nonce, aud="https://other.example")],
        "one more than a batch": good,
        "none": [],
    }
    for name, proofs in bad.items():
        response = dpop_wallet.request_credential(SD_JWT_VC, *proofs)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_proof"), name
    answer = dpop_wallet.request_credential(SD_JWT_VC, *good[:10])
    assert len(answer.json()["credentials"]) == 10

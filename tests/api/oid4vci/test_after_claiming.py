"""What comes after the token: credentials that come later, what wallets tell, messages that are encrypted."""

from __future__ import annotations

import json

import pytest

from skillcred.exchange.encryption import ContentEncryption, DecryptionKey, encrypt_to
from worlds.wallet import HolderKey, read_offer

SD_JWT_VC = "training-v1-dc-sd-jwt"


@pytest.fixture
def claimed(make_offer, dpop_wallet):
    """Claims a new offer; gives back the offer."""

    def claim(wallet=dpop_wallet, **changes):
        offer = make_offer(tx_code=False, **changes)
        assert wallet.request_token(read_offer(offer["offer_uri"])).status_code == 200
        return offer

    return claim


def release(served, offer) -> None:
    answer = served.client.post(f"/v1/offers/{offer['id']}/release", headers=served.bearer("provider"))
    assert answer.status_code == 200


def test_a_deferred_credential_comes_when_it_is_released(served, claimed, dpop_wallet) -> None:
    offer, key = claimed(deferred=True), HolderKey()
    first = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(key))
    assert first.status_code == 202
    assert sorted(first.json()) == ["interval", "transaction_id"]
    ask = {"transaction_id": first.json()["transaction_id"]}
    waiting = dpop_wallet.post("deferred-credential", json=ask)
    assert (waiting.status_code, waiting.json()) == (202, first.json())
    release(served, offer)
    got = dpop_wallet.post("deferred-credential", json=ask)
    assert got.status_code == 200
    assert [sorted(got.json()), len(got.json()["credentials"])] == [["credentials"], 1]
    used = dpop_wallet.post("deferred-credential", json=ask)
    assert (used.status_code, used.json()["error"]) == (400, "invalid_transaction_id")
    again = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(key))
    assert again.json()["credentials"] == got.json()["credentials"], (
        "a lost answer is got again with the same key"
    )


def test_V_10_whose_transaction_it_is(served, claimed, dpop_wallet) -> None:
    claimed(deferred=True)
    answer = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(HolderKey()))
    transaction = answer.json()["transaction_id"]
    claimed(deferred=True)  # by the same wallet, with another token
    for guess in (transaction, transaction[:-1] + "A", "x"):
        refused = dpop_wallet.post("deferred-credential", json={"transaction_id": guess})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_transaction_id")


def test_a_withdrawn_credential_never_comes(served, claimed, dpop_wallet) -> None:
    offer = claimed(deferred=True)
    answer = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(HolderKey()))
    headers = served.bearer("provider")
    assert (
        served.client.post(f"/v1/offers/{offer['id']}/withdrawal", headers=headers).json()["state"]
        == "withdrawn"
    )
    refused = dpop_wallet.post(
        "deferred-credential", json={"transaction_id": answer.json()["transaction_id"]}
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "credential_request_denied")
    refused = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(HolderKey()))
    assert (refused.status_code, refused.json()["error"]) == (400, "credential_request_denied")


def test_V_19_a_wallet_tells_once_what_became_of_it(served, claimed, dpop_wallet) -> None:
    offer = claimed()
    answer = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(HolderKey()))
    told = {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}
    for _ in range(2):
        response = dpop_wallet.post("notification", json=told)
        assert (response.status_code, response.content) == (204, b"")
    other = dpop_wallet.post("notification", json=told | {"event": "credential_failure"})
    assert (other.status_code, other.json()["error"]) == (400, "invalid_notification_request")
    seen = served.client.get(f"/v1/offers/{offer['id']}", headers=served.bearer("provider")).json()
    assert seen["credentials"][0]["wallet_event"] == "credential_accepted"
    claimed()
    foreign = dpop_wallet.post("notification", json=told)
    assert (foreign.status_code, foreign.json()["error"]) == (400, "invalid_notification_id")


def metadata(served, wallet) -> dict:
    return served.client.get("/.well-known/openid-credential-issuer/issuers/welding-school").json()


def test_request_and_response_are_encrypted(served, claimed, dpop_wallet) -> None:
    claimed()
    published = metadata(served, dpop_wallet)
    [their_key] = published["credential_request_encryption"]["jwks"]["keys"]
    assert {"kid", "use", "alg"} <= their_key.keys()
    assert "d" not in their_key
    own = DecryptionKey.generate("own")
    body = {
        "credential_configuration_id": SD_JWT_VC,
        "proofs": {"jwt": [dpop_wallet.prove(HolderKey())]},
        "credential_response_encryption": {"jwk": own.public_jwk(), "enc": "A256GCM"},
    }
    sealed = encrypt_to(their_key, json.dumps(body).encode(), ContentEncryption.A128GCM)
    response = dpop_wallet.post("credential", content=sealed, headers={"Content-Type": "application/jwt"})
    assert response.headers["Content-Type"] == "application/jwt"
    opened = json.loads(own.decrypt(response.text))
    assert len(opened["credentials"]) == 1
    plain = dpop_wallet.post("credential", json=body)
    assert (plain.status_code, plain.json()["error"]) == (400, "invalid_encryption_parameters")


def test_V_15_what_cannot_be_opened_is_refused(served, claimed, dpop_wallet) -> None:
    claimed()
    [their_key] = metadata(served, dpop_wallet)["credential_request_encryption"]["jwks"]["keys"]
    stranger = DecryptionKey.generate(str(their_key["kid"])).public_jwk()
    body = json.dumps({"credential_configuration_id": SD_JWT_VC}).encode()
    for sealed in (
        encrypt_to(stranger, body, ContentEncryption.A128GCM),
        encrypt_to({**their_key, "kid": "another"}, body, ContentEncryption.A128GCM),
        "a.b.c.d.e",
        "\xff",
        "",
    ):
        response = dpop_wallet.post(
            "credential", content=sealed.encode("latin-1"), headers={"Content-Type": "application/jwt"}
        )
        assert (response.status_code, response.json()["error"]) == (400, "invalid_encryption_parameters")
    for wish in ({}, {"jwk": stranger}, {"jwk": stranger, "enc": "A192GCM"}, {"enc": "A128GCM"}):
        response = dpop_wallet.request_credential(
            SD_JWT_VC, dpop_wallet.prove(HolderKey()), credential_response_encryption=wish
        )
        assert (response.status_code, response.json()["error"]) == (400, "invalid_encryption_parameters")

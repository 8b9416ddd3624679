"""What wallets are refused, and how that is told (SECURITY V-03, V-06, V-08, V-20)."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest

from worlds.wallet import HolderKey, b64, read_offer

SD_JWT_VC = "training-v1-dc-sd-jwt"
PREFLIGHT = {"Origin": "https://wallet.example", "Access-Control-Request-Method": "POST"}


@pytest.fixture
def claimed(make_offer, dpop_wallet):
    offer = make_offer(tx_code=False)
    assert dpop_wallet.request_token(read_offer(offer["offer_uri"])).status_code == 200
    return dpop_wallet


def test_V_03_a_transaction_code_where_it_belongs(make_offer, wallet) -> None:
    guarded, free = make_offer(), make_offer(tx_code=False)
    for offer, given in ((guarded, None), (guarded, ""), (free, "123456")):
        response = wallet.request_token(read_offer(offer["offer_uri"]), given)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    assert wallet.request_token(read_offer(guarded["offer_uri"]), guarded["tx_code"]).status_code == 200


def test_V_06_proofs_that_prove_nothing(claimed) -> None:
    key = HolderKey()
    jwk = key.jwk
    cases: dict[str, dict[str, Any]] = {
        "another type": {"header_typ": "JWT"},
        "for another issuer": {"aud": "https://other.example"},
        "for a list": {"aud": [claimed.issuer]},
        "an hour ago": {"iat": claimed.now() - 3600},
        "in an hour": {"iat": claimed.now() + 3600},
        "no nonce": {"claim_nonce": None},
        "no algorithm": {"header_alg": "none"},
        "a secret": {"header_alg": "HS256"},
        "key and name": {"header_kid": key.did_url},
        "the private key": {"header_jwk": {**jwk, "d": b64(bytes(32))}},
        "another's key": {"header_jwk": HolderKey().jwk},
        "a client where there is none": {"iss": "https://wallet.example"},
    }
    for name, changes in cases.items():
        response = claimed.request_credential(SD_JWT_VC, claimed.prove(key, **changes))
        assert response.status_code == 400, (name, response.text[:300])
        assert response.json()["error"] == "invalid_proof", name
    assert claimed.request_credential(SD_JWT_VC, claimed.prove(key)).status_code == 200


def test_V_08_possession_has_to_be_proven(served, claimed) -> None:
    url = f"{claimed.issuer}/credential"
    body = {"credential_configuration_id": SD_JWT_VC, "proofs": {"jwt": [claimed.prove(HolderKey())]}}
    token = {"Authorization": f"DPoP {claimed.access_token}"}

    def ask(**headers: str) -> Any:
        return served.client.post(url, json=body, headers=headers)

    seconds = claimed.now()
    bad = [
        claimed.dpop(url, htm="GET"),
        claimed.dpop(url + "/x"),
        claimed.dpop(url.replace("8000", "8001")),
        claimed.dpop(url, ath=b64(bytes(32))),
        claimed.dpop(url, ath=None),
        claimed.dpop(url, iat=seconds - 61),
        claimed.dpop(url, iat=seconds + 61),
        claimed.dpop(url, jti=None),
        claimed.dpop(url, nonce=None),
        claimed.dpop(url, nonce="A" * 75),
    ]
    for proof in bad:
        response = ask(**token, DPoP=proof)
        assert response.status_code == 401
        assert re.search('error="(invalid_dpop_proof|use_dpop_nonce)"', response.headers["WWW-Authenticate"])
        assert "DPoP-Nonce" in response.headers
    own, claimed.dpop_key = claimed.dpop_key, HolderKey()
    assert ask(**token, DPoP=claimed.dpop(url)).status_code == 401
    claimed.dpop_key = own
    assert ask(**token).status_code == 401
    assert ask(Authorization=f"Bearer {claimed.access_token}", DPoP=claimed.dpop(url)).status_code == 401
    assert ask(Authorization=f"Bearer {claimed.access_token}").status_code == 401
    assert ask().headers["WWW-Authenticate"] == "DPoP"
    proof = claimed.dpop(url)
    assert ask(**token, DPoP=proof).status_code == 200, "none of these has used up the nonce of the key proof"
    replayed = ask(**token, DPoP=proof)
    assert (replayed.status_code, replayed.json()["error"]) == (401, "invalid_dpop_proof")


def test_V_20_descriptions_are_plain_and_repeat_nothing(served, wallet, make_offer) -> None:
    allowed = set(string.printable) - set('"\\\t\n\r\x0b\x0c')
    canary = 'caNary<script>"\\\u00e9'
    offer = read_offer(make_offer(tx_code=False)["offer_uri"])
    responses = [
        wallet.post_form("token", grant_type=canary),
        wallet.post_form("token", grant_type="authorization_code", code=canary, redirect_uri=canary),
        wallet.request_token(offer, canary),
        wallet.post_form("par", client_id=canary, response_type=canary),
        wallet.post("token", content=b"\xff\xfe", headers={"Content-Type": "text/plain"}),
    ]
    assert wallet.request_token(offer).status_code == 200
    responses += [
        wallet.post("credential", json={"credential_configuration_id": canary}),
        wallet.post("credential", content=b"{", headers={"Content-Type": "application/json"}),
        wallet.post("deferred-credential", json={"transaction_id": canary}),
        wallet.post("notification", json={"notification_id": canary, "event": canary}),
    ]
    for response in responses:
        assert response.status_code == 400, response.text
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Cache-Control"] == "no-store"
        assert set(response.json()["error_description"]) <= allowed
        assert "caNary" not in response.text


@pytest.mark.parametrize(
    "name", ["token", "par", "nonce", "credential", "deferred-credential", "notification"]
)
def test_wallets_that_are_web_pages_may_ask(served, wallet, name) -> None:
    """W-28: without cookies there is nothing that another origin could not have asked for itself."""
    url = f"{wallet.issuer}/{name}"
    preflight = served.client.options(url, headers=PREFLIGHT)
    assert preflight.status_code == 204
    assert "DPoP" in preflight.headers["Access-Control-Allow-Headers"]
    answer = served.client.post(url, headers={"Origin": "https://wallet.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "DPoP-Nonce" in answer.headers["Access-Control-Expose-Headers"]


def test_the_authorization_page_is_not_for_other_origins(served, wallet) -> None:
    answer = served.client.get(f"{wallet.issuer}/authorize", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers

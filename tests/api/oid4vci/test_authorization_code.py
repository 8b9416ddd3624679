"""The way by the browser: pushed request, the holder's code, the redirect, PKCE and DPoP (SECURITY V-16)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from worlds.code_flow import AUTHORIZE, SD_JWT_VC, CodeFlow
from worlds.wallet import HolderKey, part


@pytest.fixture
def flow(served, make_offer, dpop_wallet) -> CodeFlow:
    return CodeFlow(served.client, dpop_wallet, make_offer(grants=["authorization_code"], tx_code=False))


@pytest.fixture
def guarded(served, make_offer, dpop_wallet) -> CodeFlow:
    return CodeFlow(
        served.client, dpop_wallet, make_offer(grants=["authorization_code", "pre_authorized_code"])
    )


def test_a_credential_by_way_of_the_browser(flow) -> None:
    pushed = flow.push()
    assert pushed.status_code == 201
    assert pushed.json()["expires_in"] == 300
    redirect = flow.browse(pushed.json()["request_uri"])
    assert redirect.status_code == 303
    where = urlsplit(redirect.headers["Location"])
    answer = {name: values[0] for name, values in parse_qs(where.query).items()}
    assert f"{where.scheme}://{where.netloc}{where.path}" == "https://wallet.example/cb"
    assert (answer["from"], answer["state"], answer["iss"]) == ("issuer", "abc", flow.wallet.issuer)
    token = flow.exchange(answer["code"])
    assert (token.status_code, token.json()["token_type"]) == (200, "DPoP")
    key = HolderKey()
    proof = flow.wallet.prove(key, iss=flow.wallet.client_id)
    response = flow.wallet.request_credential(SD_JWT_VC, proof)
    assert part(response.json()["credentials"][0]["credential"], 1)["cnf"]["jwk"] == key.jwk


def test_the_holder_types_her_code(guarded) -> None:
    request_uri = guarded.push().json()["request_uri"]
    page = guarded.browse(request_uri)
    assert page.status_code == 200
    assert 'inputmode="numeric"' in page.text
    assert "http://127.0.0.1:8000" in page.text
    assert "https://wallet.example" in page.text
    assert "form-action 'self' https://wallet.example;" in page.headers["Content-Security-Policy"]
    wrong = guarded.type_code(request_uri, "000000" if guarded.offer["tx_code"] != "000000" else "111111")
    assert wrong.status_code == 400
    assert re.search("not the code", wrong.text)
    right = guarded.type_code(request_uri, guarded.offer["tx_code"])
    assert right.status_code == 303
    code = parse_qs(urlsplit(right.headers["Location"]).query)["code"][0]
    assert guarded.exchange(code).status_code == 200
    assert guarded.browse(request_uri).status_code == 400


def test_V_02_codes_typed_in_the_browser_count_like_others(served, guarded) -> None:
    """Five wrong ones, wherever they are typed, and the offer is dead for the wallet too."""
    request_uri = guarded.push().json()["request_uri"]
    right = guarded.offer["tx_code"]
    wrong = [f"{number:06}" for number in range(6) if f"{number:06}" != right][:5]
    for guess in wrong[:3]:
        assert guarded.type_code(request_uri, guess).status_code == 400
    for guess in wrong[3:]:
        assert guarded.wallet.request_token(guarded.offer["credential_offer"], guess).status_code == 400
    assert guarded.type_code(request_uri, right).status_code == 400
    refused = guarded.wallet.request_token(guarded.offer["credential_offer"], right)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    seen = served.client.get(f"/v1/offers/{guarded.offer['id']}", headers=served.bearer("provider"))
    assert seen.json()["state"] == "blocked"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"client_id": None}, "invalid_request"),
        ({"scope": "something-else"}, "invalid_scope"),
        ({"issuer_state": None}, "invalid_request"),
        ({"issuer_state": "A" * 43}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request": "e.y.J"}, "invalid_request"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"redirect_uri": None}, "invalid_request"),
        *(
            ({"redirect_uri": uri}, "invalid_request")
            for uri in (
                "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "http://wallet.example/cb",
                "https://wallet.example/cb#x", "https://user@wallet.example/cb", "//wallet.example/cb", "/cb",
                "https:///cb", "https://wallet.example\\@evil.example/", "intent://x", "https://a b/", "x" * 3000,
            )
        ),
    ],
)  # fmt: skip
def test_V_16_requests_that_are_not_accepted(flow, changes, error) -> None:
    response = flow.push(**changes)
    assert (response.status_code, response.json()["error"]) == (400, error)


@pytest.mark.parametrize("uri", ["openid-credential://cb", "com.example.wallet:/cb", "http://127.0.0.1:1/cb"])
def test_apps_are_gone_back_to(flow, uri) -> None:
    redirect = flow.browse(flow.push(redirect_uri=uri).json()["request_uri"])
    assert redirect.headers["Location"].startswith(uri)


def test_W_27_nobody_is_sent_away_by_a_strange_request(flow) -> None:
    request_uri = flow.push().json()["request_uri"]
    for found in (
        flow.browse("urn:ietf:params:oauth:request_uri:unknown"),
        flow.browse(request_uri, client_id="https://other.example"),
        flow.client.get(f"{AUTHORIZE}?client_id=x&redirect_uri=https://evil.example&response_type=code"),
        flow.client.get(AUTHORIZE),
    ):
        assert found.status_code == 400
        assert "Location" not in found.headers
        assert found.headers["Content-Type"].startswith("text/html")
    assert flow.browse(request_uri).status_code == 303
    assert flow.browse(request_uri).status_code == 400, "a request is used once"


def test_V_16_codes_that_are_not_accepted(flow) -> None:
    code = flow.code()
    other = {
        "invalid_grant": [{"code": code[:-2] + "AA"}, {"client_id": "https://other.example"},
                          {"redirect_uri": "https://wallet.example/cb"}, {"code_verifier": "x" * 43}],
        "invalid_request": [{"code_verifier": None}, {"client_id": None}, {"redirect_uri": None}],
    }  # fmt: skip
    for error, cases in other.items():
        for changes in cases:
            response = flow.exchange(**{"code": code, **changes})
            assert (response.status_code, response.json()["error"]) == (400, error), changes
    mine, flow.wallet.dpop_key = flow.wallet.dpop_key, HolderKey()
    response = flow.exchange(code)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_dpop_proof")
    flow.wallet.dpop_key = None
    response = flow.exchange(code)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_dpop_proof")
    flow.wallet.dpop_key = mine
    assert flow.exchange(code).status_code == 200


def test_V_16_a_code_used_again_revokes_its_token(flow) -> None:
    code = flow.code()
    assert flow.exchange(code).status_code == 200
    token = flow.wallet.access_token
    again = flow.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    flow.wallet.access_token = token
    refused = flow.wallet.request_credential(SD_JWT_VC, flow.wallet.prove(HolderKey()))
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]

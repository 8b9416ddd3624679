"""What real wallets require of an issuer, item by item as ../shared/WALLETS.md numbers it.

Certificates in SD-JWT VCs (item 10) are in tests/unit/services/test_certified_keys.py; npm wallets try all of it at
night (tests/e2e/test_npm_claiming.py).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from worlds.wallet import HolderKey, part, read_offer

ISSUER = "http://127.0.0.1:8000/issuers/welding-school"
PATH = "/issuers/welding-school"
METADATA = f"/.well-known/openid-credential-issuer{PATH}"
SERVER = f"/.well-known/oauth-authorization-server{PATH}"
SD_JWT_VC = "training-v1-dc-sd-jwt"


@pytest.fixture
def metadata(served) -> dict[str, Any]:
    found: dict[str, Any] = served.client.get(METADATA).json()
    return found


@pytest.fixture
def server(served) -> dict[str, Any]:
    found: dict[str, Any] = served.client.get(SERVER).json()
    return found


def test_item_1_metadata_between_host_and_path_and_behind_it(served, make_offer, metadata) -> None:
    offer = read_offer(make_offer(tx_code=False)["offer_uri"])
    assert metadata["credential_issuer"] == offer["credential_issuer"] == ISSUER, "byte by byte"
    for path in (METADATA, f"{PATH}/.well-known/openid-credential-issuer"):
        response = served.client.get(path)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        assert response.json() == metadata
    for path in (
        "/.well-known/openid-credential-issuer",
        METADATA + "/",
        METADATA.replace("welding-school", "nobody"),
        "/issuers/nobody/.well-known/openid-credential-issuer",
        "/.well-known/openid-configuration" + PATH,
        PATH + "/.well-known/openid-configuration",
        PATH + "/.well-known/jwt-vc-issuer",
    ):
        assert served.client.get(path).status_code == 404, path


def test_item_2_the_authorization_server_is_the_issuer(served, metadata, server) -> None:
    assert server["issuer"] == ISSUER
    assert "authorization_servers" not in metadata, "then the issuer is its own"
    assert server["token_endpoint"].startswith(ISSUER + "/")
    assert server["pre-authorized_grant_anonymous_access_supported"] is True
    assert "none" in server["token_endpoint_auth_methods_supported"], "else client_secret_basic is meant"
    assert "ES256" in server["dpop_signing_alg_values_supported"]
    assert set(server["grant_types_supported"]) == {
        "authorization_code",
        "urn:ietf:params:oauth:grant-type:pre-authorized_code",
    }
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["pushed_authorization_request_endpoint"].startswith(ISSUER + "/")
    assert server["require_pushed_authorization_requests"] is True
    assert server["authorization_response_iss_parameter_supported"] is True
    assert not any(name.startswith("introspection") for name in server)


def test_item_3_every_configuration_is_of_the_final_version(metadata) -> None:
    configurations = metadata["credential_configurations_supported"]
    assert len(configurations) >= 4
    assert all(isinstance(each["credential_metadata"], dict) for each in configurations.values())


def test_item_4_what_each_format_needs(metadata) -> None:
    for name, each in metadata["credential_configurations_supported"].items():
        assert each["scope"] == name
        algorithms = each["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"]
        assert {"EdDSA", "ES256"} <= set(algorithms), "the older spelling of Ed25519 as well"
        for display in each["credential_metadata"]["display"]:
            assert display["name"]
            assert "logo" not in display or display["logo"]["uri"].startswith("https://")
        if each["format"] == "dc+sd-jwt":
            assert each["vct"]
            assert each["cryptographic_binding_methods_supported"] == ["jwk"]
            continue
        assert set(each["cryptographic_binding_methods_supported"]) == {"did:key", "did:jwk"}
        assert each["credential_definition"]["type"][0] == "VerifiableCredential"
        assert ("@context" in each["credential_definition"]) == (each["format"] == "ldp_vc")
    assert all(display["name"] for display in metadata["display"])


def test_item_5_all_endpoints_are_absolute(metadata, server) -> None:
    endpoints = {name: url for name, url in {**metadata, **server}.items() if name.endswith("_endpoint")}
    assert {"nonce_endpoint", "deferred_credential_endpoint", "notification_endpoint"} <= endpoints.keys()
    assert all(urlsplit(url).scheme and urlsplit(url).netloc for url in endpoints.values())
    assert metadata["batch_credential_issuance"]["batch_size"] >= 2
    encryption = metadata["credential_response_encryption"]
    assert encryption["alg_values_supported"]
    assert encryption["enc_values_supported"]
    assert encryption["encryption_required"] is False


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/jwt", "application/jwt"),
    ],
)
def test_item_6_signed_only_for_those_who_ask(served, metadata, accept, media_type) -> None:
    request = served.client.build_request("GET", METADATA)
    del request.headers["Accept"]
    if accept is not None:
        request.headers["Accept"] = accept
    response = served.client.send(request)
    assert response.headers["Content-Type"] == media_type
    if media_type == "application/json":
        assert response.json() == metadata
        return
    header, claims = part(response.text, 0), part(response.text, 1)
    assert header["typ"] == "openidvci-issuer-metadata+jwt"
    assert (claims["sub"], claims["credential_issuer"]) == (ISSUER, ISSUER)
    assert isinstance(claims["iat"], int)
    assert claims.items() >= metadata.items()


def test_item_7_members_that_mean_nothing_are_passed_over(make_offer, wallet) -> None:
    offer = make_offer()
    more = {"user_pin": offer["tx_code"], "resource": ISSUER}
    response = wallet.request_token(read_offer(offer["offer_uri"]), offer["tx_code"], **more)
    assert (response.status_code, response.json()["token_type"]) == (200, "Bearer")


def test_item_7_who_is_told_a_nonce_comes_again_with_the_same_code_and_proof(make_offer, dpop_wallet) -> None:
    """Nothing is used up, counted or answered before DPoP is right."""
    offer = make_offer()
    response = dpop_wallet.request_token(read_offer(offer["offer_uri"]), offer["tx_code"])
    challenged, answered = dpop_wallet.seen
    assert (challenged.status_code, challenged.json()["error"]) == (400, "use_dpop_nonce")
    assert challenged.headers["DPoP-Nonce"]
    assert answered is response
    assert (response.status_code, response.json()["token_type"]) == (200, "DPoP")
    body = {"credential_configuration_id": SD_JWT_VC, "proofs": {"jwt": [dpop_wallet.prove(HolderKey())]}}
    dpop_wallet.dpop_nonce = None
    dpop_wallet.seen.clear()
    assert dpop_wallet.post("credential", json=body).status_code == 200
    challenged, _ = dpop_wallet.seen
    assert challenged.status_code == 401
    assert 'DPoP error="use_dpop_nonce"' in challenged.headers["WWW-Authenticate"]
    assert challenged.headers["DPoP-Nonce"]


def test_item_8_credential_requests_as_they_are_seen(make_offer, dpop_wallet) -> None:
    """By configuration, with the `kid` that Credo adds to the key, and many proofs under one nonce."""
    told = dpop_wallet.request_token(read_offer(make_offer(tx_code=False)["offer_uri"])).json()
    assert "authorization_details" not in told
    keys, nonce = [HolderKey() for _ in range(3)], dpop_wallet.nonce()
    proofs = [dpop_wallet.prove(key, nonce, header_jwk={**key.jwk, "kid": "added"}) for key in keys]
    answer = dpop_wallet.request_credential(SD_JWT_VC, *proofs)
    assert answer.status_code == 200, answer.text
    bound = [part(each["credential"], 1)["cnf"]["jwk"] for each in answer.json()["credentials"]]
    assert bound == [key.jwk for key in keys]


def test_item_9_answers_and_errors_are_json(make_offer, dpop_wallet) -> None:
    dpop_wallet.request_token(read_offer(make_offer(tx_code=False)["offer_uri"]))
    refused = dpop_wallet.post("credential", json={"credential_configuration_id": SD_JWT_VC})
    assert (refused.headers["Content-Type"], refused.json()["error"]) == ("application/json", "invalid_proof")
    good = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(HolderKey()))
    assert good.headers["Content-Type"] == "application/json"
    assert sorted(good.json()) == ["credentials", "notification_id"]
    assert all(sorted(each) == ["credential"] for each in good.json()["credentials"])
    dpop_wallet.access_token = None
    dpop_wallet.request_token(read_offer(make_offer(tx_code=False, deferred=True)["offer_uri"]))
    later = dpop_wallet.request_credential(SD_JWT_VC, dpop_wallet.prove(HolderKey()))
    assert (later.status_code, later.headers["Content-Type"]) == (202, "application/json")
    assert isinstance(later.json()["interval"], int)
    assert isinstance(later.json()["transaction_id"], str)


def test_item_10_the_issuer_is_named_by_did_and_its_list_by_the_same_key(served, make_offer, wallet) -> None:
    (credential,) = wallet.claim(make_offer(tx_code=False)["offer_uri"])
    header, claims = part(credential, 0), part(credential, 1)
    assert header["typ"] == "dc+sd-jwt"
    assert claims["iss"].startswith("did:")
    assert header["kid"].startswith(claims["iss"] + "#")
    status = claims["status"]["status_list"]
    assert isinstance(status["idx"], int)
    answer = served.client.get(status["uri"])
    assert answer.headers["Content-Type"] == "application/statuslist+jwt"
    assert part(answer.text, 0)["kid"] == header["kid"]
    assert part(answer.text, 1)["sub"] == status["uri"]


def test_item_11_w3c_credentials_have_the_contexts_that_wallets_know(make_offer, wallet) -> None:
    offer = make_offer(tx_code=False, formats=["jwt_vc_json", "ldp_vc"])
    token, embedded = wallet.claim(offer["offer_uri"])
    header, claims = part(token, 0), part(token, 1)
    assert claims["vc"]["@context"][0] == "https://www.w3.org/2018/credentials/v1"
    assert isinstance(claims["vc"]["credentialStatus"], dict), "Credo reads one"
    assert claims["iss"].startswith("did:")
    assert header["kid"].startswith(claims["iss"] + "#")
    assert embedded["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert embedded["proof"]["cryptosuite"] == "eddsa-rdfc-2022"

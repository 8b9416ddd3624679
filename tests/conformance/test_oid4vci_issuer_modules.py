"""The issuer modules of the OpenID conformance suite for OID4VCI 1.0, by their names, as a wallet of ours plays them.

What each module looks at is told by its name and the section of the specification; the suite itself needs a server on
the internet and is not run here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from skillcred.exchange.encryption import DecryptionKey
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry
from worlds.offers import claims_of
from worlds.wallet import HolderKey, Wallet, b64, part, read_offer, unb64

ISSUER: Final = "http://127.0.0.1:8000/issuers/welding-school"
SD_JWT_VC: Final = "training-v1-dc-sd-jwt"
MAKER: Final = HolderKey()


class Party:
    """The issuer, and wallets that talk to it; each test begins with a new offer."""

    def __init__(self, registry: DemoRegistry, client: TestClient) -> None:
        self.registry, self.client = registry, client
        self._number = 0

    def offer(self, **changes: Any) -> dict[str, Any]:
        self._number += 1
        headers = {
            "Authorization": f"Bearer {self.registry.provider_secret}",
            "Idempotency-Key": f"module-{self._number}",
        }
        body = {"profile": "training", "credential": claims_of("training"), "tx_code": False, **changes}
        made: dict[str, Any] = self.client.post("/v1/offers", json=body, headers=headers).json()
        return made

    def wallet(self) -> Wallet:
        return Wallet(self.client, ISSUER, dpop_key=HolderKey())

    def claimed(self, **changes: Any) -> Wallet:
        wallet = self.wallet()
        response = wallet.request_token(read_offer(self.offer(**changes)["offer_uri"]))
        assert response.status_code == 200, response.text
        return wallet

    def issued(self) -> tuple[Wallet, Any]:
        wallet = self.claimed()
        return wallet, wallet.request_credential(SD_JWT_VC, wallet.prove(HolderKey()))


@pytest.fixture(scope="module")
def party(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    folder: Path = tmp_path_factory.mktemp("modules")
    trusted = folder / "makers.json"
    trusted.write_text(json.dumps({"keys": [MAKER.jwk]}))
    registry = build_demo_registry(folder, wallet_providers_file=trusted)
    app = create_app(registry.application, log_stream=io.StringIO())
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield Party(registry, client)


def refused(response: Any, error: str, status: int = 400) -> None:
    """An error of the specification, and nothing beside it that it does not know (section 8.3.1.2)."""
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert response.json().keys() <= {"error", "error_description"}
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


def break_signature(token: str) -> str:
    head, _, signature = token.rpartition(".")
    broken = bytearray(unb64(signature))
    broken[7] ^= 1
    return f"{head}.{b64(bytes(broken))}"


def attest(instance: HolderKey, maker: HolderKey = MAKER, **changes: Any) -> str:
    wallet = Wallet(None, ISSUER)
    claims = {"iss": "https://maker.example", "sub": "https://wallet.example", "cnf": {"jwk": instance.jwk},
              "iat": wallet.now(), "exp": wallet.now() + 300, **changes}  # fmt: skip
    header = {"typ": "oauth-client-attestation+jwt", "alg": "ES256", "jwk": maker.jwk}
    return maker.sign(header, {name: value for name, value in claims.items() if value is not None})


def pop(instance: HolderKey, **changes: Any) -> str:
    now = Wallet(None, ISSUER).now()
    claims = {
        "iss": "https://wallet.example",
        "aud": ISSUER,
        "iat": now,
        "jti": b64(instance.did.encode()[-16:]),
        **changes,
    }
    header = {"typ": "oauth-client-attestation-pop+jwt", "alg": "ES256"}
    return instance.sign(header, {name: value for name, value in claims.items() if value is not None})


def attested_token(party: Party, attestation: str, proof: str, *, times: int = 1) -> Any:
    wallet, offer = party.wallet(), read_offer(party.offer()["offer_uri"])
    headers = {"OAuth-Client-Attestation": attestation, "OAuth-Client-Attestation-PoP": proof,
               "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
    grant = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
    code = offer["grants"][grant]["pre-authorized_code"]
    for _ in range(times):
        answer = wallet.post(
            "token", headers=headers, content=f"grant_type={grant}&pre-authorized_code={code}"
        )
    return answer


def key_attestation(keys: list[HolderKey], nonce: str, **changes: Any) -> str:
    now = Wallet(None, ISSUER).now()
    claims = {
        "iat": now,
        "exp": now + 300,
        "nonce": nonce,
        "attested_keys": [key.jwk for key in keys],
        **changes,
    }
    return MAKER.sign({"typ": "key-attestation+jwt", "alg": "ES256", "jwk": MAKER.jwk}, claims)


def metadata_test(party: Party) -> None:
    path = "/.well-known/openid-credential-issuer/issuers/welding-school"
    response = party.client.get(path)
    assert response.headers["Content-Type"] == "application/json"
    found = response.json()
    assert found["credential_issuer"] == ISSUER
    for name in ("credential", "nonce", "deferred_credential", "notification"):
        assert found[f"{name}_endpoint"].startswith(ISSUER + "/")
    assert found["batch_credential_issuance"]["batch_size"] >= 2
    for configuration in found["credential_configurations_supported"].values():
        assert configuration["credential_metadata"]["display"][0]["name"]
        assert {
            "format",
            "scope",
            "proof_types_supported",
            "cryptographic_binding_methods_supported",
        } <= configuration.keys()
    below = party.client.get("/issuers/welding-school/.well-known/openid-credential-issuer")
    assert below.json() == found
    server = party.client.get("/.well-known/oauth-authorization-server/issuers/welding-school").json()
    assert server["issuer"] == ISSUER
    assert party.client.get("/.well-known/openid-credential-issuer").status_code == 404
    assert party.client.get(path + "/").status_code == 404
    assert party.client.get(path.replace("welding-school", "nobody")).status_code == 404


def metadata_test_signed(party: Party) -> None:
    path = "/.well-known/openid-credential-issuer/issuers/welding-school"
    response = party.client.get(path, headers={"Accept": "application/jwt"})
    assert response.headers["Content-Type"] == "application/jwt"
    header, claims = part(response.text, 0), part(response.text, 1)
    assert header["typ"] == "openidvci-issuer-metadata+jwt"
    assert claims["sub"] == ISSUER
    assert isinstance(claims["iat"], int)
    assert claims.items() >= party.client.get(path).json().items()


def happy_flow(party: Party) -> None:
    wallet, response = party.issued()
    assert response.status_code == 200
    told = {"notification_id": response.json()["notification_id"], "event": "credential_accepted"}
    assert wallet.post("notification", json=told).status_code == 204


def happy_flow_additional_requests(party: Party) -> None:
    """Asking again with the same key and another nonce gives what was given (SECURITY V-11)."""
    wallet, key = party.claimed(), HolderKey()
    answers = [wallet.request_credential(SD_JWT_VC, wallet.prove(key)).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


def happy_flow_multiple_clients(party: Party) -> None:
    (first, one), (second, two) = party.issued(), party.issued()
    assert first.access_token != second.access_token
    assert one.json()["credentials"] != two.json()["credentials"]


def happy_flow_skip_notification(party: Party) -> None:
    _, response = party.issued()
    assert len(response.json()["credentials"]) == 1


def batch_issuance(party: Party) -> None:
    wallet, nonce = party.claimed(), None
    nonce = wallet.nonce()
    proofs = [wallet.prove(HolderKey(), nonce) for _ in range(5)]
    assert len(wallet.request_credential(SD_JWT_VC, *proofs).json()["credentials"]) == 5


def fail_invalid_nonce(party: Party) -> None:
    wallet = party.claimed()
    sealed_elsewhere = Wallet(party.client, ISSUER.replace("welding", "unknown")).nonce()
    for nonce in ("invalid", sealed_elsewhere, wallet.nonce()[:-2] + "AA"):
        refused(wallet.request_credential(SD_JWT_VC, wallet.prove(HolderKey(), nonce)), "invalid_nonce")


def fail_replay_nonce(party: Party) -> None:
    wallet, key = party.claimed(), HolderKey()
    proof = wallet.prove(key)
    assert wallet.request_credential(SD_JWT_VC, proof).status_code == 200
    refused(wallet.request_credential(SD_JWT_VC, proof), "invalid_nonce")


def fail_invalid_jwt_proof_signature(party: Party) -> None:
    wallet = party.claimed()
    refused(wallet.request_credential(SD_JWT_VC, break_signature(wallet.prove(HolderKey()))), "invalid_proof")


def fail_missing_proof(party: Party) -> None:
    wallet = party.claimed()
    refused(wallet.post("credential", json={"credential_configuration_id": SD_JWT_VC}), "invalid_proof")


def fail_unsupported_encryption_algorithm(party: Party) -> None:
    wallet = party.claimed()
    jwk = DecryptionKey.generate("k").public_jwk()
    for wish in ({"jwk": {**jwk, "alg": "RSA1_5"}, "enc": "A128GCM"}, {"jwk": jwk, "enc": "A999GCM"}):
        response = wallet.request_credential(
            SD_JWT_VC, wallet.prove(HolderKey()), credential_response_encryption=wish
        )
        refused(response, "invalid_encryption_parameters")


def fail_unknown_credential_configuration(party: Party) -> None:
    wallet = party.claimed()
    refused(
        wallet.request_credential("no-such", wallet.prove(HolderKey())), "unknown_credential_configuration"
    )
    not_offered = wallet.request_credential("training-v1-ldp-vc", wallet.prove(HolderKey(), by_did=True))
    refused(not_offered, "credential_request_denied")


def fail_unknown_credential_identifier(party: Party) -> None:
    wallet = party.claimed()
    body = {"credential_identifier": "x", "proofs": {"jwt": [wallet.prove(HolderKey())]}}
    refused(wallet.post("credential", json=body), "unknown_credential_identifier")


def fail_on_access_token_in_query(party: Party) -> None:
    wallet = party.claimed()
    body = {"credential_configuration_id": SD_JWT_VC, "proofs": {"jwt": [wallet.prove(HolderKey())]}}
    response = party.client.post(f"{ISSUER}/credential?access_token={wallet.access_token}", json=body)
    assert response.status_code == 401


def fail_invalid_key_attestation_signature(party: Party) -> None:
    wallet, keys = party.claimed(), [HolderKey(), HolderKey()]
    nonce = wallet.nonce()
    broken = break_signature(key_attestation(keys, nonce))
    for proofs in (
        {"jwt": [wallet.prove(keys[0], nonce, header_key_attestation=broken)]},
        {"attestation": [broken]},
    ):
        body = {"credential_configuration_id": SD_JWT_VC, "proofs": proofs}
        refused(wallet.post("credential", json=body), "invalid_proof")
    for changes in ({"exp": 1}, {"exp": None}, {"attested_keys": []}, {"nonce": "other"}):
        bad = key_attestation(keys, **({"nonce": nonce} | changes))
        proof = wallet.prove(keys[0], nonce, header_key_attestation=bad)
        refused(wallet.request_credential(SD_JWT_VC, proof), "invalid_proof")
    stranger = wallet.prove(HolderKey(), nonce, header_key_attestation=key_attestation(keys, nonce))
    refused(wallet.request_credential(SD_JWT_VC, stranger), "invalid_proof")
    good = wallet.prove(keys[0], nonce, header_key_attestation=key_attestation(keys, nonce))
    assert len(wallet.request_credential(SD_JWT_VC, good).json()["credentials"]) == 2


def fail_invalid_client_attestation_signature(party: Party) -> None:
    instance = HolderKey()
    refused(attested_token(party, break_signature(attest(instance)), pop(instance)), "invalid_client", 401)
    for changes in ({"exp": 1}, {"exp": None}, {"sub": None}, {"cnf": None}, {"nbf": 2**31}):
        refused(attested_token(party, attest(instance, **changes), pop(instance)), "invalid_client", 401)
    refused(attested_token(party, attest(instance, HolderKey()), pop(instance)), "invalid_client", 401)
    assert attested_token(party, attest(instance), pop(instance)).status_code == 200


def fail_invalid_client_attestation_pop_signature(party: Party) -> None:
    instance = HolderKey()
    refused(attested_token(party, attest(instance), break_signature(pop(instance))), "invalid_client", 401)
    for changes in ({"aud": "https://other.example"}, {"iat": 1}, {"iat": None}, {"jti": None}, {"exp": 1},
                    {"iss": "https://other.example"}):  # fmt: skip
        refused(attested_token(party, attest(instance), pop(instance, **changes)), "invalid_client", 401)
    proof = pop(instance)
    assert attested_token(party, attest(instance), proof).status_code == 200
    refused(attested_token(party, attest(instance), proof), "invalid_client", 401)


def fail_mismatched_client_attestation_pop_key(party: Party) -> None:
    refused(attested_token(party, attest(HolderKey()), pop(HolderKey())), "invalid_client", 401)


def fail_client_attestation_exp_in_past(party: Party) -> None:
    instance = HolderKey()
    past = attest(instance, exp=Wallet(None, ISSUER).now() - 1)
    refused(attested_token(party, past, pop(instance)), "invalid_client", 401)


def fail_client_attestation_no_sub(party: Party) -> None:
    instance = HolderKey()
    refused(attested_token(party, attest(instance, sub=None), pop(instance)), "invalid_client", 401)


def fail_client_attestation_pop_wrong_aud(party: Party) -> None:
    instance = HolderKey()
    wrong = pop(instance, aud="https://other.example")
    refused(attested_token(party, attest(instance), wrong), "invalid_client", 401)


MODULES: Final[dict[str, Callable[[Party], None]]] = {
    f"oid4vci-1_0-issuer-{play.__name__.replace('_', '-')}": play
    for play in (
        metadata_test,
        metadata_test_signed,
        happy_flow,
        happy_flow_additional_requests,
        happy_flow_multiple_clients,
        happy_flow_skip_notification,
        batch_issuance,
        fail_invalid_nonce,
        fail_replay_nonce,
        fail_invalid_jwt_proof_signature,
        fail_invalid_key_attestation_signature,
        fail_invalid_client_attestation_signature,
        fail_invalid_client_attestation_pop_signature,
        fail_client_attestation_exp_in_past,
        fail_client_attestation_no_sub,
        fail_client_attestation_pop_wrong_aud,
        fail_mismatched_client_attestation_pop_key,
        fail_missing_proof,
        fail_unsupported_encryption_algorithm,
        fail_unknown_credential_configuration,
        fail_unknown_credential_identifier,
        fail_on_access_token_in_query,
    )
}


@pytest.mark.parametrize("module", MODULES)
def test_issuer_module(party: Party, module: str) -> None:
    MODULES[module](party)

"""Issuing in envelopes over HTTP: media types, the holder's key, the second proof, the metadata of types."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from skillcred.encoding.base64url import decode_base64url
from skillcred.keys.algorithms import Algorithm
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, example_claims, fill_demo_registry, open_in_memory_application
from worlds.pure_world import SoftSigner

ENVELOPES = ("vc+jwt", "vc+cose", "vc+sd-jwt", "dc+sd-jwt")
HOLDER = SoftSigner(8, Algorithm.P256).public_key.to_jwk()


@pytest.fixture(scope="module")
def registry() -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application(verifications_per_minute=100_000))


@pytest.fixture(scope="module")
def client(registry: DemoRegistry) -> Iterator[TestClient]:
    with TestClient(create_app(registry.application), base_url="http://127.0.0.1:8000") as client:
        client.headers["Authorization"] = f"Bearer {registry.provider_secret}"
        for algorithm in ("P-256", "ML-DSA-44"):
            made = client.post("/v1/keys", json={"algorithm": algorithm})
            assert (made.status_code, made.json()["algorithm"]) == (201, algorithm)
        yield client


def issue(client: TestClient, key: str, accept: str = "*/*", **members: Any) -> Any:
    body = {"profile": "training", "credential": example_claims(), **members}
    return client.post("/v1/credentials", json=body, headers={"Idempotency-Key": key, "Accept": accept})


@pytest.mark.parametrize("mechanism", ENVELOPES)
def test_an_envelope_is_sent_as_what_it_is(client: TestClient, mechanism: str) -> None:
    issued = issue(client, mechanism, securing_mechanism=mechanism)
    assert (issued.status_code, issued.headers["Content-Type"]) == (201, f"application/{mechanism}")
    again = client.get(issued.headers["Location"])
    assert (again.status_code, again.headers["Content-Type"]) == (200, f"application/{mechanism}")
    assert again.content == issued.content
    verified = client.post(
        "/v1/verifications", content=issued.content, headers={"Content-Type": f"application/{mechanism}"}
    )
    assert (verified.status_code, verified.json()["verdict"]) == (200, "valid")


@pytest.mark.parametrize("accept", ["application/json", "application/vc"])
def test_who_takes_only_json_gets_no_envelope_and_nothing_is_issued(
    client: TestClient, registry: DemoRegistry, accept: str
) -> None:
    refused = issue(client, f"only {accept[-4:]}".replace(" ", "-"), accept, securing_mechanism="dc+sd-jwt")
    assert refused.status_code == 406
    issued = issue(client, "dc+sd-jwt", securing_mechanism="dc+sd-jwt")
    assert client.get(issued.headers["Location"], headers={"Accept": accept}).status_code == 406


def test_the_holders_key(client: TestClient) -> None:
    issued = issue(client, "cnf", securing_mechanism="dc+sd-jwt", holder_key=HOLDER)
    payload = json.loads(decode_base64url(issued.text.split(".")[1]))
    assert payload["cnf"] == {"jwk": HOLDER}
    for number, (mechanism, key) in enumerate(
        [("vc+jwt", HOLDER), ("dc+sd-jwt", {**HOLDER, "d": "x"}), ("dc+sd-jwt", {})]
    ):
        refused = issue(client, f"cnf-{number}", securing_mechanism=mechanism, holder_key=key)
        assert refused.status_code == 422, mechanism


def test_the_second_proof(client: TestClient) -> None:
    issued = issue(client, "second", second_mechanism="mldsa44-jcs-2024")
    assert [proof["cryptosuite"] for proof in issued.json()["proof"]] == [
        "eddsa-rdfc-2022",
        "mldsa44-jcs-2024",
    ]
    verified = client.post(
        "/v1/verifications", content=issued.content, headers={"Content-Type": "application/vc"}
    )
    assert verified.json()["verdict"] == "valid"
    for number, members in enumerate([{"second_mechanism": "x"}, {"securing_mechanism": "mldsa44-jcs-2024"}]):
        assert issue(client, f"second-{number}", **members).status_code == 422


def test_the_metadata_of_its_type_is_served_with_the_digest_it_names(client: TestClient) -> None:
    issued = issue(client, "dc+sd-jwt", securing_mechanism="dc+sd-jwt")
    payload = json.loads(decode_base64url(issued.text.split(".")[1]))
    served = client.get("/v1/types/" + payload["vct"].rpartition("/")[2])
    assert (served.status_code, served.headers["Content-Type"]) == (200, "application/json")
    digest = base64.b64encode(hashlib.sha256(served.content).digest()).decode()
    assert payload["vct#integrity"] == f"sha256-{digest}"
    assert served.json()["vct"] == payload["vct"]
    for other in ("training", "training-v2", "training-v1.json", "qualification-v1/x"):
        assert client.get(f"/v1/types/{other}").status_code == 404

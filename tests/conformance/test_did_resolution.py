"""What the did:key suite (2024-10-04) and the DID Resolution suite (2026-03-27) ask of a resolver, asked of ours."""

from __future__ import annotations

import io
import json
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from skillcred.identifiers import build_did_jwk
from skillcred.identifiers.resolution import ResolutionFault
from skillcred.keys.public_key import PublicKey
from skillcred.services.resolve_did import ResolveDid
from skillcred.verification import EvidenceItem
from skillcred.web.app import create_app
from worlds.application import build_demo_registry
from worlds.in_memory import FixedClock

LEGACY = 'application/ld+json;profile="https://w3id.org/did-resolution"'
DID = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
MULTIKEY = DID.removeprefix("did:key:")
JWK_DID = build_did_jwk(PublicKey.from_multikey("zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"))
CODES = "https://www.w3.org/ns/did#"


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    found = build_demo_registry(tmp_path_factory.mktemp("resolver"), verifications_per_minute=100_000)
    with TestClient(create_app(found.application, log_stream=io.StringIO())) as client:
        yield found, client


@pytest.fixture(scope="module")
def client(registry) -> TestClient:
    return registry[1]


def resolve(client: TestClient, identifier: str, accept: str | None = None, **params: str):
    # quoted twice, because the test client decodes twice what a server decodes once
    path = quote(quote(identifier, safe=""), safe="")
    headers = {} if accept is None else {"Accept": accept}
    return client.get(f"/1.0/identifiers/{path}", headers=headers, params=params or None)


# did:key suite ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "code"),
    [
        (f"notDid:key:{MULTIKEY}", "invalidDid"),
        (f"did:experimental:{MULTIKEY}", "methodNotSupported"),
        (f"did:key:-4:{MULTIKEY}", "invalidDid"),
        (f"did:key:{MULTIKEY[1:]}", "invalidDid"),
        ("did:key:@", "invalidDid"),
        ("did:key:z6MkNCwzLDQsNSw3LDcsNSw1LDAsMyw0LDUsMCwzLDQsMywxLDMsNCw1LDAsMyw0LDUsMCwzLDQsNSw3LDAsMCwxMDA=",
         "invalidDid"),
        ("did:key:zTjsVPtY", "invalidPublicKeyLength"),
        ("did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW", "unsupportedPublicKeyType"),
        ("did:key:z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP", "invalidPublicKey"),
    ],
)  # fmt: skip
def test_did_key_errors(client: TestClient, identifier: str, code: str) -> None:
    response = resolve(client, identifier, LEGACY)
    assert response.status_code == (501 if code == "methodNotSupported" else 400)
    assert "json" in response.headers["Content-Type"]
    body = response.json()
    assert body["@context"]
    assert (body["didDocument"], body["didDocumentMetadata"]) == ({}, {})
    assert body["didResolutionMetadata"]["error"] == code


def test_did_key_error_of_a_did_url(client: TestClient) -> None:
    body = resolve(client, f"{DID}/^bar^/?query=`#{MULTIKEY}", LEGACY).json()
    assert body["didDereferencingMetadata"]["error"] == "invalidDidUrl"
    assert body["didDocument"] == {}


def test_did_key_formats(client: TestClient) -> None:
    unknown = resolve(client, DID, LEGACY, publicKeyFormat="unknown")
    assert unknown.status_code == 400
    assert unknown.json()["didResolutionMetadata"]["error"] == "unsupportedPublicKeyType"
    for fragment in (MULTIKEY, "z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ"):
        options = {
            "publicKeyFormat": "Ed25519VerificationKey2018",
            "enableExperimentalPublicKeyTypes": "false",
        }
        refused = resolve(client, f"{DID}#{fragment}", LEGACY, **options)
        assert refused.status_code == 400
        assert refused.json()["didDereferencingMetadata"]["error"] == "invalidPublicKeyType"


@pytest.mark.parametrize("name", ["Multikey", "JsonWebKey2020", "Ed25519VerificationKey2020"])
def test_did_key_format_is_honoured(client: TestClient, name: str) -> None:
    document = resolve(client, DID, LEGACY, publicKeyFormat=name).json()["didDocument"]
    assert document["verificationMethod"][0]["type"] == name


def test_did_key_verification_method(client: TestClient) -> None:
    response = resolve(client, f"{DID}#{MULTIKEY}", LEGACY)
    assert response.status_code == 200
    found = response.json()["didDocument"]
    assert (found["controller"], found["publicKeyMultibase"]) == (DID, MULTIKEY)


# DID Resolution suite --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", [None, "*/*", "application/did-resolution"])
@pytest.mark.parametrize("did", [DID, JWK_DID])
def test_resolution_result(client: TestClient, did: str, accept: str | None) -> None:
    for path in (did, quote(did, safe="")):
        response = client.get(f"/1.0/identifiers/{path}", headers={"Accept": accept} if accept else {})
        assert response.status_code == 200
        body = response.json()
        assert body.keys() == {"didDocument", "didDocumentMetadata", "didResolutionMetadata"}
        assert body["didDocument"]["id"] == did
        assert body["didResolutionMetadata"] == {"contentType": response.headers["Content-Type"]}


@pytest.mark.parametrize("media_type", ["application/did", "application/did+json", "application/did+ld+json"])
def test_bare_document(client: TestClient, media_type: str) -> None:
    response = resolve(client, DID, media_type)
    assert response.headers["Content-Type"] == media_type
    document = response.json()
    assert document["id"] == DID
    for name in ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation"):
        assert document[name] == [f"{DID}#{MULTIKEY}"]


@pytest.mark.parametrize(
    ("identifier", "code", "status"),
    [
        ("", "INVALID_DID", 400),
        ("not-a-did", "INVALID_DID", 400),
        ("did:example", "INVALID_DID", 400),
        ("did:unsupported:123456789abcdefghi", "METHOD_NOT_SUPPORTED", 501),
        ("did:web:school.example%2Fx", "INVALID_DID", 400),
        ("did:web:school.example", "NOT_FOUND", 404),
    ],
)
@pytest.mark.parametrize("accept", [None, "application/did-resolution", "application/did+json"])
def test_resolution_errors(client: TestClient, identifier: str, code: str, status: int, accept) -> None:
    response = resolve(client, identifier, accept)
    assert response.status_code == status
    body = response.json()
    assert (body["didDocument"], body["didDocumentMetadata"]) == (None, {})
    assert body["didResolutionMetadata"]["error"]["type"] == CODES + code


def test_other_representations_are_refused(client: TestClient) -> None:
    response = resolve(client, DID, "application/x-unsupported-did-representation-99999")
    assert response.status_code == 406
    error = response.json()["didResolutionMetadata"]["error"]
    assert error["type"] == CODES + "REPRESENTATION_NOT_SUPPORTED"


# beyond the suites -----------------------------------------------------------------------------------------------


def test_dereferencing_result(client: TestClient) -> None:
    response = resolve(client, f"{JWK_DID}#0")
    assert response.headers["Content-Type"] == "application/did-url-dereferencing"
    body = response.json()
    assert body["contentStream"]["publicKeyJwk"]["crv"] == "P-256"
    assert body["dereferencingMetadata"] == {"contentType": "application/did-url-dereferencing"}
    missing = resolve(client, f"{JWK_DID}#1")
    assert (missing.status_code, missing.json()["contentStream"]) == (404, None)


@pytest.mark.parametrize("tail", ["?service=files", "/path", "?", "?versionTime=2021-01-01T00:00:00Z"])
def test_no_part_of_a_did_url_is_left_unheard(client: TestClient, tail: str) -> None:
    assert resolve(client, DID + tail).status_code == 501


@pytest.mark.parametrize("name", ["versionTime", "service", "nonsense"])
def test_no_option_is_left_unheard(client: TestClient, name: str) -> None:
    assert resolve(client, DID, **{name: "x"}).status_code == (400 if name == "nonsense" else 501)


def test_own_organisations_are_resolved_without_the_network(registry) -> None:
    found, client = registry
    response = resolve(client, found.provider.organisation.did, "application/did+json")
    assert response.status_code == 200
    assert response.json() == found.application.publish_did_document("welding-school")


class OneAnswer:
    """A source of documents that always says the same."""

    def __init__(self, content: bytes | None, unavailable: str | None) -> None:
        self.content, self.unavailable = content, unavailable

    def fetch_evidence(self, reference, *, at):
        return EvidenceItem(reference, at, "test", self.content, self.unavailable)


@pytest.mark.parametrize(
    ("content", "unavailable", "fault"),
    [
        (b'{"id": "did:web:a.example", "x": 1}', None, None),
        (b'{"id": "did:web:b.example"}', None, ResolutionFault.INVALID_DID_DOCUMENT),
        (b'{"id": "did:web:a.example", "id": "did:web:a.example"}', None, ResolutionFault.INVALID_DID_DOCUMENT),
        (b"<html>", None, ResolutionFault.INVALID_DID_DOCUMENT),
        (None, "not_found", ResolutionFault.NOT_FOUND),
        (None, "address_refused", ResolutionFault.NOT_FOUND),
        (None, "timeout", ResolutionFault.INTERNAL_ERROR),
        (None, "database_unavailable", ResolutionFault.INTERNAL_ERROR),
        (None, "invalid_did", ResolutionFault.INVALID_DID),
    ],
)  # fmt: skip
def test_documents_of_others(content: bytes | None, unavailable: str | None, fault) -> None:
    answer = ResolveDid(FixedClock(), OneAnswer(content, unavailable))("did:web:a.example")
    assert answer.fault is fault
    assert answer.resource == (None if fault else {"id": "did:web:a.example", "x": 1})


def test_resolutions_are_limited(tmp_path) -> None:
    application = build_demo_registry(tmp_path, verifications_per_minute=3).application
    with TestClient(create_app(application, log_stream=io.StringIO())) as client:
        statuses = [resolve(client, DID).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


@pytest.mark.parametrize("name", ["ed25519-x25519", "nist-curves", "rsa", "secp256k1", "x25519"])
def test_did_key_vectors(client: TestClient, shared_dir, name: str) -> None:
    """Keys as the method's own vectors have them; key types that are left out are refused as such."""
    vectors = json.loads((shared_dir / "vectors" / "did-key" / f"{name}.json").read_bytes())
    for did, vector in (vectors if name != "x25519" else vectors["didDocument"]).items():
        answer = client.get(f"/1.0/identifiers/{did}", params={"publicKeyFormat": "JsonWebKey2020"})
        metadata = answer.json()["didResolutionMetadata"]
        supported = name == "ed25519-x25519" or did.startswith(("did:key:zDn", "did:key:z82", "did:key:z2J9"))
        if not supported:
            assert metadata["error"]["type"].endswith("#UNSUPPORTED_PUBLIC_KEY_TYPE")
            continue
        document = answer.json()["didDocument"]
        method = document["verificationMethod"][0]
        assert document["id"] == method["controller"] == did
        if name == "ed25519-x25519":
            assert method["id"] == vector["didDocument"]["assertionMethod"][0]
            continue
        expected = vector["didDocument"]["verificationMethod"][0]
        if "publicKeyJwk" in expected:  # one is in base58
            assert method["publicKeyJwk"] == expected["publicKeyJwk"]

"""The VC-API for interoperability tests: when it is there, what it signs, and what it never gives a way round."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from skillcred.errors import ConfigurationError
from skillcred.model.outcomes import Verdict
from skillcred.settings import Settings, load_settings
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry

ROUTES = (
    "/vc-api/issuers",
    "/vc-api/eddsa-rdfc-2022/credentials/issue",
    "/vc-api/credentials/verify",
    "/vc-api/credentials/derive",
    "/vc-api/credentials/status",
    "/vc-api/v1/status-lists/list/revocation",
    "/vc-api/presentations/verify",
)
V1, V2 = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"
UNDEFINED_TERMS = "https://www.w3.org/ns/credentials/undefined-terms/v2"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


class Interop:
    """A demo registry that is served with the VC-API switched on."""

    def __init__(self, registry: DemoRegistry, client: TestClient) -> None:
        self.registry, self.client = registry, client
        entries = client.get("/vc-api/issuers").json()["issuers"]
        self.issuers = {entry["endpoint"].split("/")[-3]: entry for entry in entries}

    def unsigned(self, name: str = "eddsa-rdfc-2022", **changes: Any) -> dict[str, Any]:
        return {
            "@context": [V2],
            "type": ["VerifiableCredential"],
            "issuer": self.issuers[name]["id"],
            "credentialSubject": {"id": "did:example:subject"},
            **changes,
        }

    def issue(self, credential: Any, name: str = "eddsa-rdfc-2022", **body: Any):
        return self.client.post(f"/vc-api/{name}/credentials/issue", json={"credential": credential, **body})

    def verify(self, credential: Any, **options: Any):
        body = {"verifiableCredential": credential, "options": options}
        return self.client.post("/vc-api/credentials/verify", json=body)


@pytest.fixture(scope="module")
def interop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interop]:
    folder: Path = tmp_path_factory.mktemp("vcapi")
    registry = build_demo_registry(folder, verifications_per_minute=100_000, interop_enabled=True)
    app = create_app(registry.application, log_stream=io.StringIO())
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Interop(registry, client)


# when it is there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ROUTES)
def test_off_unless_switched_on(served, method: str, path: str) -> None:
    for who in ("anonymous", "provider", "operator"):
        response = served.client.request(method, path, headers=served.bearer(who))
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert not [found for found in served.app.openapi()["paths"] if found.startswith("/vc-api")]
    assert served.registry.application.interop is None


def test_production_refuses_the_switch(tmp_path: Path) -> None:
    settings = {
        "environment": "production",
        "base_url": "https://skills.example",
        "data_folder": tmp_path / "data",
        "keys_folder": tmp_path / "keys",
        "key_passphrase": "correct horse battery",
    }
    assert not Settings(**settings).interop_enabled
    with pytest.raises(ConfigurationError) as refused:
        load_settings(**settings, interop_enabled=True)
    assert refused.value.code == "interop_in_production"


def test_every_mechanism_has_an_endpoint(interop: Interop) -> None:
    assert {
        "eddsa-rdfc-2022",
        "eddsa-jcs-2022",
        "ecdsa-rdfc-2019",
        "ecdsa-rdfc-2019-p384",
    } <= interop.issuers.keys()
    assert not [name for name in interop.issuers if name.startswith("dc+")]
    by_key = {entry["algorithm"]: entry["id"] for entry in interop.issuers.values()}
    assert len(set(by_key.values())) == len(by_key)


# what it signs ---------------------------------------------------------------------------------------------------


def test_every_endpoint_signs_what_is_verified(interop: Interop) -> None:
    for name in interop.issuers:
        response = interop.issue(interop.unsigned(name), name)
        assert response.status_code == 201, (name, response.text)
        issued = response.json()
        assert ("proof" in issued) == (issued["type"] != "EnvelopedVerifiableCredential"), name
        if "bbs" in name or "-sd-" in name:
            continue  # a base proof is for the holder; only what is derived from it is verified
        verified = interop.verify(issued)
        assert verified.status_code == 200, (name, verified.text)
        assert verified.json()["verified"] is True
        assert verified.json()["errors"] == []


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"statusEntry": {"type": "BitstringStatusListEntry"}}, "undefined_term", "/statusEntry"),
        ({"type": ["VerifiableCredential", "Unknown"]}, "undefined_type", "/type/1"),
        ({"credentialSubject": {"id": "did:example:a", "x": 1}}, "undefined_term", "/credentialSubject/x"),
    ],
)
def test_what_no_context_defines_is_not_signed(
    interop: Interop, changes: dict[str, Any], code: str, pointer: str
) -> None:
    """VCDM 2.0 section 5.2, whatever secures it; with the context of undefined terms at the end it is."""
    for name in interop.issuers:
        if name.endswith("-status"):
            continue
        refused = interop.issue(interop.unsigned(name, **changes), name)
        assert (refused.status_code, refused.json()["code"]) == (400, code), (name, refused.text)
        assert refused.json()["pointer"] == pointer, name
    for name in ("eddsa-jcs-2022", "vc+jwt", "eddsa-rdfc-2022"):
        defined = interop.unsigned(name, **changes) | {"@context": [V2, UNDEFINED_TERMS]}
        issued = interop.issue(defined, name)
        assert issued.status_code == 201, (name, issued.text)
        assert interop.verify(issued.json()).status_code == 200, name


def test_vcdm_1_gets_the_context_of_its_proof(interop: Interop) -> None:
    old = interop.unsigned(**{"@context": [V1], "issuanceDate": "2020-01-01T00:00:00Z"})
    issued = interop.issue(old).json()
    assert issued["@context"] == [V1, DATA_INTEGRITY]
    assert interop.verify(issued).status_code == 200


def test_a_status_is_added_where_the_endpoint_says_so(interop: Interop) -> None:
    """Never for an organisation's credential, and kept in a store that ends with the process."""
    with_status = {name for name, entry in interop.issuers.items() if entry["credentialStatus"]}
    assert {name.removesuffix("-status") for name in with_status} == {
        name
        for name, entry in interop.issuers.items()
        if entry["algorithm"] == "Ed25519" and name not in with_status
    }
    application, issued = interop.registry.application, interop.registry.issue("of-an-organisation")
    body = {
        "credentialId": issued.credential_id,
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
        "status": True,
    }
    assert interop.client.post("/vc-api/credentials/status", json=body).status_code == 404
    assert application.verify_document(issued.content).report.verdict is Verdict.VALID
    [lists] = [interop.issue(interop.unsigned(name), name).json() for name in with_status if "rdfc" in name]
    for entry in lists["credentialStatus"]:
        assert "/vc-api/v1/status-lists/" in entry["statusListCredential"]


def test_the_store_of_tests_ends_with_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    registry = build_demo_registry(tmp_path / "deployment", interop_enabled=True)
    [store] = tmp_path.glob("skillcred-temporary-*")
    assert store.stat().st_mode & 0o077 == 0
    registry.application.close()
    assert not store.exists()


def test_nothing_is_added_and_nothing_recorded(interop: Interop) -> None:
    unsigned = interop.unsigned(id="urn:uuid:9f0b6a1e-3f56-4ef7-8a8c-6b1f6d0e8a11")
    issued = interop.issue(unsigned).json()
    issued.pop("proof")
    assert issued == unsigned
    application = interop.registry.application
    organisations = {found.did for found in application.list_organisations()}
    assert not organisations & {entry["id"] for entry in interop.issuers.values()}


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "did:web:127.0.0.1%3A8000:issuers:welding-school"},
        {"issuer": {"id": "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"}},
        {"issuer": None},
        {"type": ["Nothing"]},
        {"credentialSubject": []},
        {"undefinedTerm": 1},
        {"@context": [V2, "https://contexts.example/unknown"]},
        {"proof": {"type": "DataIntegrityProof"}},
    ],
)
def test_what_is_not_signed(interop: Interop, changes: dict[str, Any]) -> None:
    refused = interop.issue(interop.unsigned(**changes))
    assert refused.status_code == 400
    assert refused.headers["Content-Type"] == "application/problem+json"


MALFORMED = ("", "{", "[]", "{}", '{"credential": 1}', '{"credential": {}, "credential": {}}',
             '{"credential": {}, "issuer_key": "x"}', '{"credential": {}, "options": {"x": 1}}')  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED)
def test_malformed_requests_are_400(interop: Interop, body: str) -> None:
    for path in ("/vc-api/eddsa-rdfc-2022/credentials/issue", "/vc-api/credentials/verify",
                 "/vc-api/credentials/derive", "/vc-api/presentations/verify"):  # fmt: skip
        response = interop.client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert (response.status_code, response.headers["Content-Type"]) == (400, "application/problem+json")


def test_unknown_endpoints(interop: Interop) -> None:
    assert interop.issue(interop.unsigned(), "rot13").status_code == 404
    assert interop.issue(interop.unsigned("ecdsa-rdfc-2019"), "ecdsa-rdfc-2019-status").status_code == 404


# what it never gives a way round ---------------------------------------------------------------------------------


def test_what_is_signed_here_is_not_valid_for_anybody(interop: Interop) -> None:
    """Our own verifier, asked the ordinary way, finds nobody who vouches for a test issuer."""
    issued = interop.issue(interop.unsigned()).content
    report = interop.client.post(
        "/v1/verifications", content=issued, headers={"Content-Type": "application/vc"}
    ).json()
    assert report["policy"] == "default-1"
    assert report["verdict"] != "valid"


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        (
            {"name": {"@value": "Ar", "@language": "ar", "@direction": "rtl"}},
            ("direction_not_signed", "/name/@direction"),
        ),
        (
            {"@context": [V2, {"@vocab": "https://vocabulary.example/#"}], "size": 6.1},
            ("fraction_not_exact", "/size"),
        ),
    ],
)
@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"])
def test_what_only_this_surface_tolerates_is_warned_of_and_fails_everywhere_else(
    interop: Interop, changes: dict[str, Any], warning: tuple[str, str], name: str
) -> None:
    issued = interop.issue({**interop.unsigned(name), **changes}, name)
    assert issued.status_code == 201
    found = interop.verify(issued.json())
    assert found.status_code == 200
    assert found.json()["warnings"].count(warning[0]) == 1
    warned = found.json()["report"]["warnings"]
    assert [(entry["code"], entry["pointer"]) for entry in warned] == [warning]
    strict = interop.client.post(
        "/v1/verifications", content=issued.content, headers={"Content-Type": "application/vc"}
    ).json()
    assert (strict["policy"], strict["warnings"]) == ("default-1", [])
    proof = next(step for step in strict["steps"] if step["step"] == "proof")
    assert proof["outcome"] != "passed"


def test_a_direction_under_a_jcs_suite_is_signed_and_needs_no_warning(interop: Interop) -> None:
    text = {"@value": "Ar", "@language": "ar", "@direction": "rtl"}
    issued = interop.issue({**interop.unsigned("eddsa-jcs-2022"), "name": text}, "eddsa-jcs-2022")
    assert interop.verify(issued.json()).json()["report"]["warnings"] == []


def test_findings_about_trust_stand_in_the_body(interop: Interop) -> None:
    body = interop.verify(interop.issue(interop.unsigned()).json()).json()
    assert "proof" in body["checks"]
    assert "trust" not in body["checks"]
    assert body["warnings"]
    assert body["report"]["verdict"] != "valid"


def test_a_tampered_credential_is_400_with_problem_details(interop: Interop) -> None:
    issued = interop.issue(interop.unsigned()).json()
    refused = interop.verify({**issued, "credentialSubject": {"id": "did:example:other"}})
    assert refused.status_code == 400
    body = refused.json()
    assert (body["verified"], body["errors"], body["code"]) == (False, ["signature_wrong"], "signature_wrong")
    assert body["problemDetails"][0]["type"].startswith("https://")


@pytest.mark.parametrize(
    ("changes", "whole", "proof_only"),
    [({"validUntil": "2021-01-01T00:00:00Z"}, 400, 200), ({"validFrom": "2099-01-01T00:00:00Z"}, 400, 200)],
)
def test_validity_counts_unless_only_the_proof_is_asked_about(
    interop: Interop, changes: dict[str, str], whole: int, proof_only: int
) -> None:
    issued = interop.issue(interop.unsigned(**changes)).json()
    assert interop.verify(issued).status_code == whole
    assert interop.verify(issued, checks=["proof"]).status_code == proof_only


@pytest.mark.parametrize("name", ["domain", "challenge"])
def test_a_wanted_domain_or_challenge_must_be_there(interop: Interop, name: str) -> None:
    refused = interop.verify(interop.issue(interop.unsigned()).json(), **{name: "wanted"})
    assert (refused.status_code, refused.json()["code"]) == (400, f"{name}_mismatch")


def test_it_is_limited_like_verifications(tmp_path: Path) -> None:
    registry = build_demo_registry(tmp_path, verifications_per_minute=3, interop_enabled=True)
    with TestClient(create_app(registry.application, log_stream=io.StringIO())) as client:
        statuses = [client.get("/vc-api/issuers").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_keys_do_not_outlive_the_process(tmp_path: Path) -> None:
    seen = []
    for name in ("first", "second"):
        registry = build_demo_registry(tmp_path / name, interop_enabled=True)
        issuers = registry.application.interop.issuers
        seen.append({issuer.did for issuer in issuers.values()})
        stored = [path.read_text() for path in (tmp_path / name / "keys").rglob("*") if path.is_file()]
        assert not [did for did in seen[-1] if any(did in text for text in stored)]
        registry.application.close()
    assert not seen[0] & seen[1]


def test_answers_are_strict_json(interop: Interop) -> None:
    text = interop.issue(interop.unsigned()).text
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name))


# presentations ---------------------------------------------------------------------------------------------------


def present(interop: Interop, presentation: Any, **options: Any):
    body = {"verifiablePresentation": presentation, "options": options}
    return interop.client.post("/vc-api/presentations/verify", json=body)


def unsigned_presentation(*credentials: Any) -> dict[str, Any]:
    return {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": list(credentials)}


def test_a_presentation_without_a_proof_is_as_good_as_its_credentials(interop: Interop) -> None:
    issued = interop.issue(interop.unsigned()).json()
    good = present(interop, unsigned_presentation(issued))
    assert (good.status_code, good.json()["verified"]) == (200, True), good.text
    altered = {**issued, "credentialSubject": {"id": "did:example:other"}}
    refused = present(interop, unsigned_presentation(issued, altered))
    assert (refused.status_code, refused.json()["errors"]) == (400, ["signature_wrong"])


@pytest.mark.parametrize("options", [{"challenge": "c"}, {"domain": "d"}])
def test_whoever_asks_a_question_gets_no_answer_without_a_proof(
    interop: Interop, options: dict[str, str]
) -> None:
    issued = interop.issue(interop.unsigned()).json()
    assert present(interop, unsigned_presentation(issued), **options).status_code == 400


def test_an_enveloped_credential_can_be_presented(interop: Interop) -> None:
    issued = interop.issue(interop.unsigned("vc+jwt"), "vc+jwt").json()
    assert issued["type"] == "EnvelopedVerifiableCredential"
    assert present(interop, unsigned_presentation(issued)).status_code == 200


@pytest.mark.parametrize("changes", [{"type": ["Nothing"]}, {"@context": []}, {"holder": 1}])
def test_what_is_no_presentation(interop: Interop, changes: dict[str, Any]) -> None:
    issued = interop.issue(interop.unsigned()).json()
    assert present(interop, {**unsigned_presentation(issued), **changes}).status_code == 400


# selective disclosure --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ecdsa-sd-2023", "bbs-2023"])
def test_a_derived_credential_shows_what_was_selected(interop: Interop, name: str) -> None:
    subject = {"id": "did:example:subject", "name": "Alice", "description": "Secret"}
    unsigned = interop.unsigned(name, credentialSubject=subject)
    issued = interop.issue(unsigned, name, options={"mandatoryPointers": ["/issuer"]}).json()
    assert interop.verify(issued).status_code == 400  # a base proof is for the holder alone

    def derive(credential: Any, *pointers: str):
        body = {"verifiableCredential": credential, "options": {"selectivePointers": list(pointers)}}
        return interop.client.post("/vc-api/credentials/derive", json=body)

    derived = derive(issued, "/credentialSubject/name")
    assert derived.status_code == 201, derived.text
    assert derived.json()["credentialSubject"]["name"] == "Alice"
    assert "Secret" not in derived.text
    assert interop.verify(derived.json()).status_code == 200
    forged = {**issued, "credentialSubject": {**subject, "name": "Mallory"}}
    refused = derive(forged, "/credentialSubject/name")
    assert (refused.status_code, refused.json()["code"]) == (400, "base_proof_broken")
    assert derive(issued, "/nothing").status_code == 400
    assert derive(interop.issue(interop.unsigned()).json(), "/issuer").status_code == 400
    wrong = interop.issue(unsigned, name, options={"mandatoryPointers": ["/credentialSubject/nothing"]})
    assert wrong.status_code == 400

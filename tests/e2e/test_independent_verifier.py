"""Credentials cross to an implementation that shares no code with us (Digital Bazaar's, on Node), both ways."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from skillcred.cli.demo.client import DemoClient
from skillcred.cli.demo.folder import DemoFolder
from skillcred.cli.demo.service_process import find_free_port, running_service
from skillcred.model.datetimes import parse_instant
from worlds.commands import start_skillcred
from worlds.databases import upgrade_new
from worlds.disclosure_world import ISSUER, check, derive, issue
from worlds.pure_world import PureWorld, example_claims

Verifier = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def verifier(npm_clients: Path, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    """Runs the client's command line in a folder of its own, with our two contexts."""
    folder = tmp_path_factory.mktemp("db-verifier")

    def run(*arguments: str, document: bytes = b"") -> subprocess.CompletedProcess[str]:
        (folder / "document.json").write_bytes(document)
        return subprocess.run(
            ["node", str(npm_clients / "db-verifier" / "cli.mjs"), *arguments],
            cwd=folder,
            env=os.environ | {"CONTEXTS": str(npm_clients / "contexts.json")},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def accepted(result: subprocess.CompletedProcess[str]) -> bool:
    """What the other implementation says; anything but a clear answer is an error of the test."""
    verified = json.loads(result.stdout)["verified"]
    assert isinstance(verified, bool)
    assert result.returncode == (0 if verified else 1)
    return verified


def test_our_credential_under_did_web_verifies_there(verifier: Verifier, demo_service: Any) -> None:
    """It fetches the issuer's DID document from the running service."""
    genuine = demo_service.credential("genuine.json")
    assert json.loads(genuine)["issuer"]["id"].startswith("did:web:127.0.0.1%3A")
    assert accepted(verifier("verify", "document.json", document=genuine))
    assert not accepted(verifier("verify", "document.json", document=demo_service.credential("forged.json")))


@pytest.mark.parametrize(
    "profile", ["qualification", "training", "proficiency", "work-experience", "apprenticeship"]
)
def test_every_profile_under_did_key_verifies_there(verifier: Verifier, profile: str) -> None:
    credential = PureWorld(profile, example_claims(profile)).credential()
    assert accepted(verifier("verify", "document.json", document=credential))
    changed = json.loads(credential)
    changed["credentialSubject"]["achievement"]["name"] = "Something better"
    assert not accepted(verifier("verify", "document.json", document=json.dumps(changed).encode()))


def test_our_accreditation_verifies_there(verifier: Verifier) -> None:
    assert accepted(verifier("verify", "document.json", document=PureWorld().accreditation()))


def test_their_credential_is_genuine_here_and_its_issuer_not_recognised(
    verifier: Verifier, demo_service: Any
) -> None:
    issued = verifier("issue")
    assert issued.returncode == 0, issued.stderr
    with DemoClient(demo_service.base_url) as client:
        report = client.upload("foreign.json", issued.stdout.encode())
        forged = client.upload("forged.json", issued.stdout.replace("Robotics", "Surgery").encode())
    assert (report["verdict"], report["reason"]) == ("indeterminate", "issuer_not_recognised")
    outcomes = {step["step"]: step["outcome"] for step in report["steps"]}  # type: ignore[union-attr,index,call-overload]
    assert outcomes["proof"] == outcomes["issuer_binding"] == outcomes["conformance"] == "passed"
    assert (forged["verdict"], forged["reason"]) == ("invalid", "signature_wrong")


@pytest.mark.parametrize("profile", ["qualification", "training", "work-experience", "apprenticeship"])
def test_what_is_disclosed_of_our_credential_is_the_same_there(verifier: Verifier, profile: str) -> None:
    """They derive the very proof value that we derive (ecdsa-sd-2023), and each side verifies it. The profile that is
    left out has an ordered list, at which their naming of nodes fails."""
    base = issue(PureWorld(profile, example_claims(profile), provider=ISSUER).unsigned())
    ours = derive(base, "/credentialSubject/name")
    theirs = json.loads(
        verifier("derive", "document.json", "--reveal", "/credentialSubject/name", document=base).stdout
    )
    assert ours == theirs
    assert check(theirs).verified is not None
    assert accepted(verifier("verify", "document.json", document=json.dumps(ours).encode()))
    ours["credentialSubject"]["name"] = "Somebody Else"
    assert not accepted(verifier("verify", "document.json", document=json.dumps(ours).encode()))
    assert not accepted(verifier("verify", "document.json", document=base))


def test_what_we_disclose_of_their_credential_verifies_on_both_sides(verifier: Verifier) -> None:
    base = verifier("issue", "--suite", "ecdsa-sd-2023").stdout.encode()
    shown = derive(base, "/validFrom", "/credentialSubject/achievement/name")
    assert accepted(verifier("verify", "document.json", document=json.dumps(shown).encode()))
    at = parse_instant(shown["proof"]["created"])
    assert check(shown, shown["issuer"], at).verified is not None
    shown["credentialSubject"]["achievement"]["name"] = "Surgery"
    assert check(shown, shown["issuer"], at).verified is None


@pytest.fixture(scope="module")
def interop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """The VC-API of a service that runs, with its issuing endpoint for credentials with a status."""
    folder = DemoFolder(tmp_path_factory.mktemp("interop"), f"http://127.0.0.1:{find_free_port()}")
    upgrade_new(folder.settings().database_address)
    variables = folder.variables() | {"SKILLCRED_INTEROP_ENABLED": "true"}
    with (
        running_service(folder.base_url, variables, folder.root / "service.log", start_skillcred),
        httpx2.Client(base_url=f"{folder.base_url}/vc-api", trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("purpose", ["revocation", "suspension"])
def test_our_status_lists_are_read_there(verifier: Verifier, interop: httpx2.Client, purpose: str) -> None:
    """It fetches the lists, checks that the issuer of the credential signed them, and finds the bit that was set."""
    issuers = {entry["endpoint"]: entry["id"] for entry in interop.get("/issuers").json()["issuers"]}
    [(endpoint, did)] = [item for item in issuers.items() if "/eddsa-rdfc-2022-status/" in item[0]]
    unsigned = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": f"urn:example:{purpose}",
        "type": ["VerifiableCredential"],
        "issuer": did,
        "credentialSubject": {"id": "did:example:subject"},
    }
    issued = interop.post(endpoint, json={"credential": unsigned})
    assert issued.status_code == 201, issued.text
    before = verifier("verify", "document.json", document=issued.content)
    unset = [{"purpose": name, "set": False} for name in ("revocation", "suspension")]
    assert accepted(before), before.stdout
    assert json.loads(before.stdout)["status"] == unset
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
    body = {"credentialId": unsigned["id"], "credentialStatus": entry, "status": True}
    assert interop.post("/credentials/status", json=body).status_code == 200
    after = verifier("verify", "document.json", document=issued.content)
    assert not accepted(after)
    assert json.loads(after.stdout)["status"] == [
        {"purpose": item["purpose"], "set": item["purpose"] == purpose} for item in unset
    ]

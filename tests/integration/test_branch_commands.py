"""The way of a body that keeps its keys elsewhere, by the commands that people type, and over HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from skillcred.adapters.keystore import FileKeyManager
from skillcred.bootstrap import build_application
from skillcred.cli import run
from skillcred.profiles import PROFILES
from skillcred.securing.jose.envelope import build_header, build_signing_input, encode_compact_jws
from skillcred.services.branch_packages import parse_package
from skillcred.services.role_keys import role_key_name
from skillcred.settings import load_settings
from skillcred.web.app import create_app
from worlds.application import build_demo_registry
from worlds.outside_body import DID, NAME

METHOD = f"{DID}#key-1"
PASSPHRASE = "a passphrase for these tests"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """One command, and the words that it prints."""
    build_demo_registry(tmp_path, key_passphrase=PASSPHRASE).application.close()
    monkeypatch.setenv("SKILLCRED_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("SKILLCRED_KEYS_FOLDER", str(tmp_path / "keys"))
    monkeypatch.setenv("SKILLCRED_KEY_PASSPHRASE", PASSPHRASE)
    (tmp_path / "phrase").write_text("the passphrase of the ministry")
    (tmp_path / "phrase").chmod(0o600)

    def call(*arguments: str, expect: int = 0) -> str:
        capsys.readouterr()
        code = run(arguments)
        printed = capsys.readouterr()
        assert code == expect, printed.out + printed.err
        return printed.out + printed.err

    return call


def after(printed: str, word: str) -> str:
    """What stands behind the last `word`."""
    return printed.rsplit(word, 1)[1].split()[0]


@pytest.mark.nightly
def test_a_body_signs_elsewhere(tmp_path: Path, command) -> None:
    own = ["--keys-folder", str(tmp_path / "ministry"), "--passphrase-file", str(tmp_path / "phrase")]
    made = command("registry", "root", "key", *own)
    multikey = after(made, "key ")
    record = tmp_path / "record.json"
    record.write_text(
        json.dumps(
            {
                "did": DID,
                "name": NAME,
                "country": "PH",
                "scopes": [{"action": "accredit", "profiles": ["training"]}],
                "keys": [
                    {
                        "verification_method": METHOD,
                        "public_key_multibase": multikey,
                        "activated_at": "2026-01-01T00:00:00Z",
                        "fingerprint": made.split("fingerprint")[1].strip(),
                        "verified_by": "in_person",
                        "verified_on": "2026-05-20",
                    }
                ],
                "witnesses": [{"name": "A", "organisation": "M"}, {"name": "B", "organisation": "R"}],
                "held_on": "2026-05-20",
            }
        )
    )
    proposed = command("registry", "propose", "enrol_body", str(record))
    keys = {}
    person = [
        "--kind",
        "national_body",
        "--slug",
        "ministry",
        "--name",
        NAME,
        "--country",
        "PH",
        "--did",
        DID,
    ]
    command("organisations", "create", *person)
    application = build_application(load_settings())
    try:
        operator = application.local_actor("operator")
        admins = {o.slug: o for o in application.list_organisations()}
        for name, slug, role in (
            ("juma", "operator", "operator"),
            ("ana", "ministry", "body_admin"),
            ("ben", "ministry", "body_admin"),
        ):
            secret = application.create_api_key(operator, admins[slug].id, role, name)[1]
            (tmp_path / f"{name}.key").write_text(secret)
            keys[name] = secret
    finally:
        application.close()

    def by(name: str) -> list[str]:
        return ["--api-key-file", str(tmp_path / f"{name}.key")]

    def approve(printed: str, name: str | None) -> None:
        """By somebody with a key, or by the user of this machine."""
        words = (after(printed, "proposed"), "--sha256", after(printed, "sha256"))
        assert "executed" in command("registry", "approve", *words, *([] if name is None else by(name)))

    approve(proposed, "juma")
    order = tmp_path / "school.yaml"
    order.write_text(
        f"body_name: {NAME}\nprovider_did: did:web:school.example\nprovider_name: School\n"
        "scope: {profiles: [training]}\nvalid_from: 2026-01-01T00:00:00Z\n"
    )
    signed = str(tmp_path / "school.json")
    key = ["--method", METHOD, "--key", multikey]
    command("registry", "accreditation", "sign", str(order), "--to", signed, *key, *own)
    approve(command("registry", "accreditation", "submit", signed, *by("ana")), "ben")

    package, branch = str(tmp_path / "branch.json"), str(tmp_path / "signed-1.json")
    shown = command("registry", "branch", "prepare", DID, "--to", package)
    assert command("registry", "branch", "show", package).endswith(shown[shown.index("body ") :])
    sign = ["registry", "branch", "sign", package, "--to", branch, "--did", DID, *own]
    assert "branch_changed" in command(*sign, "--sha256", "0" * 64, expect=64)
    command(*sign, "--sha256", after(shown, "sha256"))
    by_http = hand_in_over_http(Path(branch), keys["ben"])
    approve(f"proposed {by_http['id']} sha256 {by_http['sha256']}", "ana")
    submit = ["registry", "branch", "submit", branch, "--did", DID]
    assert "branch_rolled_back" in command(*submit, *by("ben"), expect=64)

    listed = tmp_path / "ebsi.jwt"
    listed.write_bytes(
        ebsi_token(FileKeyManager(tmp_path / "ministry", b"the passphrase of the ministry"), multikey)
    )
    take = ["registry", "import", str(listed), "--format", "ebsi", "--label", "ebsi"]
    shown = command(*take)
    assert f"An accreditation that counts, as {DID} signed it" in shown
    approve(
        command(*take, "--confirm", after(shown, "--confirm"), "--api-key-file", str(tmp_path / "juma.key")),
        None,
    )
    package = str(tmp_path / "branch-2.json")
    shown = command("registry", "branch", "prepare", DID, "--to", package)
    sign = [
        "registry",
        "branch",
        "sign",
        package,
        "--to",
        str(tmp_path / "signed-2.json"),
        "--did",
        DID,
        *own,
    ]
    digest = after(shown, "sha256")
    assert "branch_version" in command(*sign, "--sha256", digest, expect=64)
    command(*sign, "--sha256", digest, "--before", branch)
    second = str(tmp_path / "signed-2.json")
    approve(command("registry", "branch", "submit", second, "--did", DID, *by("ana")), "ben")

    expires = (datetime.now(UTC) + timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")
    online = after(command("registry", "root", "key"), "key ")
    plan = {
        "expires": expires,
        **{role: {"threshold": 1, "keys": [online]} for role in ("targets", "snapshot")},
    }
    plan |= {"root": {"threshold": 2, "keys": [online, multikey]}, "timestamp": plan["targets"]}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    root = str(tmp_path / "root.json")
    digest = after(command("registry", "root", "new", str(tmp_path / "plan.json"), "--to", root), "sha256")
    command("registry", "root", "sign", root, "--to", root, "--sha256", digest)
    command("registry", "root", "sign", root, "--to", root, "--sha256", digest, *own)
    command("registry", "root", "install", root, "--into", str(tmp_path / "published"))
    assert "3 accreditations are published" in command(
        "registry", "publish", "--to", str(tmp_path / "published")
    )
    record_key = {
        "entity_did": DID,
        "verification_method": METHOD,
        "public_key_multibase": multikey,
        "activated_at": "2026-01-01T00:00:00Z",
        "retired_at": "2027-01-01T00:00:00Z",
    }
    (tmp_path / "retired.json").write_text(json.dumps(record_key))
    approve(command("registry", "propose", "record_key", str(tmp_path / "retired.json"), *by("ana")), "ben")
    printed = command("registry", "publish", "--to", str(tmp_path / "published"))
    assert f"KEPT      {DID}: branch_outdated" in printed


def hand_in_over_http(signed: Path, secret: str) -> Any:
    """The proposal, as the interface tells of it."""
    application = build_application(load_settings())
    path = f"/v1/registry/branches/{quote(DID, safe='')}"
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    try:
        with TestClient(create_app(application)) as client:
            assert parse_package(client.get(path, headers=headers).content).body_did == DID
            answer = client.post(path, headers=headers, content=signed.read_bytes())
            altered = client.post(
                path, headers=headers, content=signed.read_bytes().replace(b"body-", b"bode-")
            )
    finally:
        application.close()
    assert answer.status_code == 201, answer.text
    assert (altered.status_code, altered.json()["code"]) == (422, "branch_not_signed")
    return answer.json()


def ebsi_token(keys: FileKeyManager, multikey: str) -> bytes:
    """An accreditation in the shape of EBSI by the body."""
    signer = keys.get_signer(role_key_name(multikey), multikey)
    profile = PROFILES["training"]
    permission = {"schemaId": profile.schema_id, "types": ["VerifiableCredential", profile.credential_type]}
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:example:ebsi-1",
        "type": ["VerifiableCredential", "VerifiableAttestation", "VerifiableAccreditationToAttest"],
        "issuer": DID,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:web:college.example", "accreditedFor": [permission]},
    }
    header = build_header(signer.public_key.algorithm, typ="vc+jwt", kid=METHOD)
    to_sign = build_signing_input(header, json.dumps(credential).encode())
    return encode_compact_jws(to_sign, signer.sign(to_sign))

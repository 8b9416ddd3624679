"""SECURITY K-17: no secret turns up where it does not belong, whatever goes wrong."""

from __future__ import annotations

import io
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from starlette.testclient import TestClient

from skillcred.web.app import create_app
from worlds.application import build_demo_registry, example_claims


def test_K17_secrets_stay_where_they_are(tmp_path: Path) -> None:
    passphrase = "canary-" + secrets.token_hex(12)
    registry = build_demo_registry(tmp_path, key_passphrase=passphrase)
    log = io.StringIO()
    answers: list[bytes] = []
    headers = {"Authorization": f"Bearer {registry.provider_secret}", "Idempotency-Key": "canary"}
    with TestClient(
        create_app(registry.application, log_stream=log), raise_server_exceptions=False
    ) as client:
        body = {"profile": "training", "credential": example_claims()}
        answers.append(client.post("/v1/credentials", json=body, headers=headers).content)
        for bad in ({}, {"profile": passphrase}, {**body, "issuer": passphrase}, {**body, "profile": "none"}):
            answers.append(client.post("/v1/credentials", json=bad, headers=headers).content)
        for token in (registry.provider_secret + "x", registry.provider_secret[:-1], passphrase):
            stolen = headers | {"Authorization": f"Bearer {token}"}
            answers.append(client.post("/v1/credentials", json=body, headers=stolen).content)
        for key_file in sorted((tmp_path / "keys").rglob("*.pem")):
            key_file.write_bytes(key_file.read_bytes()[:-40])
        again = headers | {"Idempotency-Key": "after the key was harmed".replace(" ", "-")}
        answers.append(client.post("/v1/credentials", json=body, headers=again).content)
        answers += [
            client.get(path).content
            for path in ("/openapi.json", "/.well-known/did.json", "/readyz", "/nope")
        ]
    registry.application.close()
    found_in = {
        "answers": b"".join(answers[1:]) + answers[0],
        "log": log.getvalue().encode(),
        "database": b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()),
    }
    canaries = {"passphrase": passphrase.encode()}
    for name in ("provider", "body", "operator", "stranger"):
        secret = getattr(registry, f"{name}_secret")
        canaries[f"{name} API key"] = secret.split("_", 2)[2].encode()
    for place, content in found_in.items():
        assert len(content) > 100, place
        for name, canary in canaries.items():
            assert canary not in content, f"{name} in {place}"


def test_K17_private_keys_are_in_no_file_but_their_own(tmp_path: Path) -> None:
    passphrase = "canary-" + secrets.token_hex(12)
    registry = build_demo_registry(tmp_path, key_passphrase=passphrase)
    registry.issue()
    registry.application.close()
    scalars = []
    for path in sorted((tmp_path / "keys").rglob("*.pem")):
        key = load_pem_private_key(path.read_bytes(), passphrase.encode())
        scalars.append(key.private_bytes_raw())  # type: ignore[union-attr]
    assert len(scalars) >= 3
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(scalar in content or scalar.hex().encode() in content for scalar in scalars), (
                path.name
            )

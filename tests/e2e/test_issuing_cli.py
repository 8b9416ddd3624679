"""`skillcred keys create` and `skillcred issue` with other mechanisms than the usual one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from skillcred.encoding.base64url import decode_base64url
from skillcred.keys.algorithms import Algorithm
from skillcred.settings import PREFIX
from worlds.application import build_demo_registry, example_claims
from worlds.commands import run_skillcred
from worlds.pure_world import SoftSigner

HOLDER = SoftSigner(8, Algorithm.P256).public_key.to_jwk()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A registry on files, and what is to be issued."""
    build_demo_registry(tmp_path).application.close()
    (tmp_path / "claims.json").write_text(json.dumps(example_claims()))
    (tmp_path / "holder.json").write_text(json.dumps(HOLDER))
    return tmp_path


def skill(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    places = {
        f"{PREFIX}DATA_FOLDER": str(folder / "data"),
        f"{PREFIX}KEYS_FOLDER": str(folder / "keys"),
    }
    return run_skillcred(*arguments, cwd=folder, variables=places)


def test_an_sd_jwt_vc_from_a_new_key_to_the_verdict(folder: Path) -> None:
    organisation = ("--organisation", "welding-school")
    made = skill(folder, "keys", "create", *organisation, "--algorithm", "P-256")
    assert made.returncode == 0, made.stderr
    assert b"P-256" in made.stdout
    claims = ("--profile", "training", "--claims", "claims.json", "--idempotency-key", "a")
    wanted = ("--mechanism", "dc+sd-jwt", "--holder-key", "holder.json", "--output", "credential.txt")
    issued = skill(folder, "issue", *organisation, *claims, *wanted)
    assert issued.returncode == 0, issued.stderr
    header, payload, _ = (folder / "credential.txt").read_text().split("~")[0].split(".")
    assert json.loads(decode_base64url(header))["alg"] == "ES256"
    assert json.loads(decode_base64url(payload))["cnf"] == {"jwk": HOLDER}
    verified = skill(folder, "verify", "credential.txt", "--format", "json")
    assert (verified.returncode, json.loads(verified.stdout)["verdict"]) == (0, "valid")

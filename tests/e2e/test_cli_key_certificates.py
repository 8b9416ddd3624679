"""`skillcred keys request-certificate` and `certify` as processes of their own."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from worlds.application import build_demo_registry
from worlds.certificates import Requested, certify_authority
from worlds.commands import run_skillcred_text

pytestmark = pytest.mark.nightly


def test_from_the_request_to_the_certificates_and_back(tmp_path: Path) -> None:
    demo = build_demo_registry(tmp_path)
    key = demo.application.create_key(demo.provider, "P-256")
    settings = demo.application.settings
    variables = {
        "SKILLCRED_DATABASE_URL": settings.database_address,
        "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
    }
    demo.application.close()

    def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        given = ("keys", command, "-o", "welding-school", key.id, *arguments)
        return run_skillcred_text(*given, cwd=tmp_path, variables=variables)

    asked = run("request-certificate")
    assert (asked.returncode, asked.stderr) == (0, "")
    now = datetime.now(UTC)
    year = {"begin": now - timedelta(days=1), "end": now + timedelta(days=365)}
    chain = tmp_path / "chain.pem"
    chain.write_bytes(Requested(asked.stdout.encode()).answer(certify_authority(None, "Root", **year), now))
    done = run("certify", str(chain))
    assert (done.returncode, done.stderr) == (0, "")
    assert key.id in done.stdout
    chain.write_bytes(certify_authority(None, "Root", **year).pem)
    refused = run("certify", str(chain))
    assert refused.returncode != 0
    assert "certificate_not_for_signing" in refused.stderr
    assert run("certify").returncode == run("certify", str(chain), "--remove").returncode == 64
    assert run("certify", "--remove").returncode == 0

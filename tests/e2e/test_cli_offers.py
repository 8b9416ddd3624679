"""`skillcred offers` as processes of their own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from worlds.application import build_demo_registry
from worlds.commands import run_skillcred_text
from worlds.offers import claims_of


def test_from_making_an_offer_to_taking_it_back(tmp_path: Path) -> None:
    demo = build_demo_registry(tmp_path)
    settings = demo.application.settings
    variables = {
        "SKILLCRED_DATABASE_URL": settings.database_address,
        "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
    }
    claims = tmp_path / "claims.json"
    claims.write_text(json.dumps(claims_of("training")))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ("offers", *arguments, "-o", "welding-school")
        return run_skillcred_text(*command, cwd=tmp_path, variables=variables)

    making = ("create", "--profile", "training", "--claims", str(claims), "--idempotency-key", "one")
    made = run(*making, "--format", "dc+sd-jwt", "--format", "ldp_vc", "--deferred")
    assert (made.returncode, made.stderr) == (0, "")
    offer = json.loads(made.stdout)
    assert (offer["state"], len(offer["tx_code"]), offer["deferred"]) == ("unclaimed", 6, True)
    assert offer["offer_uri"].startswith("openid-credential-offer://?credential_offer=")
    assert offer["id"] in run("list").stdout
    assert json.loads(run("show", offer["id"]).stdout) == offer
    other = run(*making, "--format", "vc+sd-jwt")
    assert other.returncode != 0
    assert "idempotency_key_reused" in other.stderr
    assert json.loads(run("release", offer["id"]).stdout)["released_at"]
    withdrawn = json.loads(run("withdraw", offer["id"]).stdout)
    assert withdrawn["state"] == "withdrawn"
    assert "offer_uri" not in withdrawn
    assert run("show", "nothing").returncode != 0
    demo.application.close()

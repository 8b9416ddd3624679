"""Two people enrol a body by the command line, its log is verified, and what they undo is undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from e2e.test_cli_registry import Machine
from skillcred.services.ceremony import fingerprint_of

MULTIKEY = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
DID = "did:web:ministry.example"
CEREMONY = f"""\
did: {DID}
name: Ministry of Skills
country: NO
scopes:
  - action: accredit
    profiles: [training, qualification]
    countries: [NO]
    max_level: {{framework: EQF, level: 6}}
keys:
  - verification_method: {DID}#key-1
    public_key_multibase: {MULTIKEY}
    activated_at: 2026-01-01T00:00:00Z
    fingerprint: {fingerprint_of(MULTIKEY)}
    verified_by: in_person
    verified_on: 2026-05-20
witnesses:
  - {{name: Ana Cruz, organisation: Ministry of Skills}}
  - {{name: Juma Otieno, organisation: Registry Office}}
held_on: 2026-05-20
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """An operator with two clerks, where one alone changes nothing."""
    machine = Machine(tmp_path_factory.mktemp("governed"))
    machine.environment["SKILLCRED_REGISTRY_FOUR_EYES"] = "true"
    machine.skill("db", "upgrade")
    name = "Skills Registry"
    options = ["--kind", "operator", "--slug", "registry", "--name", name, "--country", "PH"]
    machine.skill("organisations", "create", *options)
    for clerk in ("ana", "juma"):
        secret = machine.skill("api-keys", "create", "-o", "registry", "--label", clerk)
        (machine.folder / f"{clerk}.key").write_text(secret)
    (machine.folder / "ceremony.yaml").write_text(CEREMONY)
    return machine


def last_word(text: str, start: str) -> str:
    return next(line.split()[-1] for line in text.splitlines() if line.startswith(start))


def test_a_ceremony_from_file_to_checkpoint(machine: Machine) -> None:
    shown = machine.skill("registry", "ceremony", "prepare", "ceremony.yaml")
    digest = last_word(shown, "sha256")
    assert fingerprint_of(MULTIKEY)[:4] in machine.skill("registry", "ceremony", "fingerprint", MULTIKEY)
    alone = ["--did", DID, "--name", "Ministry of Skills", "--country", "NO"]
    assert "four_eyes_required" in machine.skill("registry", "enrol", *alone, expect=77)

    ana, juma = ["--api-key-file", "ana.key"], ["--api-key-file", "juma.key"]
    made = machine.skill("registry", "propose", "enrol_body", "ceremony.yaml", "--sha256", digest, *ana)
    proposal = last_word(made, "proposed")
    assert last_word(made, "sha256") == digest
    assert '"NO"' in machine.skill("registry", "proposal", proposal, *juma)
    approval = ["registry", "approve", proposal, "--sha256", digest]
    assert "own_proposal" in machine.skill(*approval, *ana, expect=77)
    assert "digest_differs" in machine.skill(
        "registry", "approve", proposal, "--sha256", "0" * 64, *juma, expect=64
    )
    assert "executed" in machine.skill(*approval, *juma)
    assert "already_decided" in machine.skill(*approval, *juma, expect=64)
    assert DID in machine.skill("registry", "bodies")

    change = {"did": DID, "kind": "suspended", "effective_at": "2100-01-01T00:00:00Z", "reason": "Inquiry."}
    (machine.folder / "change.json").write_text(json.dumps(change))
    made = machine.skill("registry", "propose", "body_event", "change.json")
    taken_back = machine.skill("registry", "reject", last_word(made, "proposed"), "--reason", "A mistake.")
    assert "rejected" in taken_back
    assert proposal in machine.skill("registry", "proposals", "--state", "executed", *ana)

    machine.skill("registry", "log", "checkpoint", "--to", "kept.json")
    log = machine.skill("registry", "log", "show")
    assert [word in log for word in ("body_enrolled", "key_recorded", "proposal_rejected")] == [True] * 3
    told = machine.skill("registry", "log", "verify", "--checkpoint", "kept.json", "--tables")
    assert "1 checkpoints agree" in told
    assert "2 rows of the registry are what the log tells" in told, "the body and its key"
    kept = json.loads((machine.folder / "kept.json").read_text())
    kept["number"] += 1
    (machine.folder / "forged.json").write_text(json.dumps(kept))
    told = machine.skill("registry", "log", "verify", "--checkpoint", "forged.json", expect=1)
    assert "checkpoint_signature" in told


def test_what_the_ceremony_refuses(machine: Machine, tmp_path: Path) -> None:
    for number, (old, new, code) in enumerate(
        (
            ("country: NO", "country: NO\ncountry: SE", "invalid_yaml"),
            ("verified_by: in_person", "verified_by: email", "invalid_form"),
            (fingerprint_of(MULTIKEY), "0" * 64, "invalid_form"),
        )
    ):
        file = tmp_path / f"{number}.yaml"
        file.write_text(CEREMONY.replace(old, new))
        assert f"skillcred: {code}: " in machine.skill(
            "registry", "ceremony", "prepare", str(file), expect=64
        )


def test_events_of_an_enrolment_by_one_person_in_development(machine: Machine) -> None:
    alone = Machine(machine.folder)
    change = ["--effective", "2100-01-01T00:00:00Z", "--reason", "Renamed."]
    follows = ["--because", "renaming", "--successor-name", "Ministry of Work"]
    assert "suspended from" in alone.skill("registry", "enrolment", "suspend", DID, *change)
    assert "succeeded from" in alone.skill("registry", "enrolment", "succeed", DID, *change, *follows)
    refused = alone.skill("registry", "enrolment", "reinstate", DID, *change, expect=64)
    assert "enrolment_final" in refused

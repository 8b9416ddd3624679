"""The main job by the command line alone: set up a deployment, accredit, issue, verify, rotate, suspend."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from skillcred.shipped import shipped_path
from worlds.commands import run_skillcred_text


class Machine:
    """A machine with the program on it and one deployment in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "SKILLCRED_BASE_URL": "https://skills.example",
            "SKILLCRED_DATA_FOLDER": str(folder / "data"),
            "SKILLCRED_KEYS_FOLDER": str(folder / "keys"),
            "SKILLCRED_KEY_PASSPHRASE": "a passphrase for this test",
        }

    def skill(self, *arguments: str, expect: int = 0) -> str:
        """Run one command; its standard output, or its standard error where it must fail."""
        result = run_skillcred_text(*arguments, cwd=self.folder, variables=self.environment)
        assert result.returncode == expect, result.stdout + result.stderr
        return result.stderr if expect >= 64 else result.stdout

    def issue(self, key: str, output: str, *, expect: int = 0) -> str:
        """The provider issues the shipped example."""
        claims = str(shipped_path("schemas/examples/qualification.json"))
        options = ["-o", "university", "--profile", "qualification", "--claims", claims]
        return self.skill("issue", *options, "--idempotency-key", key, "--output", output, expect=expect)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """An operator, a national body and a provider."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.skill("db", "upgrade")
    machine.skill("db", "upgrade")
    for kind, slug, name in (
        ("operator", "registry", "Skills Registry"),
        ("national_body", "commission", "Commission on Higher Education"),
        ("provider", "university", "Unibersidad ng Luntiang Bayan"),
    ):
        shown = machine.skill(
            "organisations", "create", "--kind", kind, "--slug", slug, "--name", name, "--country", "PH"
        )
        assert "did:web:skills.example" in shown
    return machine


def did_of(machine: Machine, slug: str) -> str:
    return next(
        line.split()[-1]
        for line in machine.skill("organisations", "list").splitlines()
        if line.startswith(slug)
    )


@pytest.fixture(scope="module")
def accreditation(machine: Machine) -> str:
    """The body is enrolled and has accredited the provider. Its id."""
    body = did_of(machine, "commission")
    name = "Commission on Higher Education"
    machine.skill("registry", "enrol", "--did", body, "--name", name, "--country", "PH")
    assert body in machine.skill("registry", "bodies")
    options = [
        "--provider",
        did_of(machine, "university"),
        "--provider-name",
        "Unibersidad ng Luntiang Bayan",
    ]
    options += ["--profile", "qualification", "--field", "091", "--max-level", "PH-PQF:6", "--country", "PH"]
    options += ["--valid-from", "2020-01-01T00:00:00Z", "--idempotency-key", "first"]
    shown = machine.skill("registry", "accredit", "-o", "commission", *options)
    assert machine.skill("registry", "accredit", "-o", "commission", *options) == shown, "once only"
    return shown.splitlines()[1].split()[-1]


def test_issue_verify_rotate_and_suspend(machine: Machine, accreditation: str) -> None:
    machine.issue("nurse-1", "first.json")
    machine.issue("nurse-1", "again.json")
    first = (machine.folder / "first.json").read_bytes()
    assert (machine.folder / "again.json").read_bytes() == first
    assert machine.skill("verify", "first.json", "--offline").startswith("VALID  (issuer_authorised)")

    (old,) = [
        line
        for line in machine.skill("keys", "list", "-o", "university").splitlines()
        if "active" in line[:7]
    ]
    machine.skill("keys", "rotate", "-o", "university")
    states = [line.split()[0] for line in machine.skill("keys", "list", "-o", "university").splitlines()[1:]]
    assert sorted(states) == ["active", "retired"]
    assert machine.skill("verify", "first.json", "--offline").startswith("VALID  (issuer_authorised)")
    machine.issue("nurse-2", "second.json")
    method = json.loads((machine.folder / "second.json").read_bytes())["proof"]["verificationMethod"]
    assert method != old.split()[-1]
    assert machine.skill("verify", "second.json", "--offline").startswith("VALID")

    today = json.loads(machine.skill("verify", "first.json", "--offline", "--format", "json"))["evaluated_at"]
    change = ["-o", "commission", accreditation, "--effective", today, "--reason", "Inspection."]
    assert machine.skill("registry", "suspend", *change).startswith("suspended from ")
    assert "(issuer_authorised_then)" in machine.skill("verify", "first.json", "--offline")
    later = json.loads(machine.skill("verify", "first.json", "--offline", "--format", "json"))["evaluated_at"]
    machine.skill(
        "registry",
        "reinstate",
        "-o",
        "commission",
        accreditation,
        "--effective",
        later,
        "--reason",
        "Mended.",
    )
    assert "(issuer_authorised)" in machine.skill("verify", "first.json", "--offline")
    assert accreditation in machine.skill(
        "registry", "accreditations", "--body", did_of(machine, "commission")
    )


def test_api_keys_are_shown_once_and_can_be_revoked(machine: Machine) -> None:
    secret = machine.skill("api-keys", "create", "-o", "university", "--label", "student system").strip()
    shown = machine.skill("api-keys", "list", "-o", "university")
    assert secret not in shown
    (key_id,) = re.findall(r"^(\S+)  issuer .* student system$", shown, re.MULTILINE)
    assert machine.skill("api-keys", "revoke", "-o", "university", key_id) == f"revoked {key_id}\n"
    database = b"".join(path.read_bytes() for path in (machine.folder / "data").iterdir())
    assert secret.encode() not in database


ACCREDITATION = "https://skills.example/v1/registry/accreditations/none"
REFUSALS = [
    ("unknown-organisation", "keys list -o nobody", 64, "unknown_organisation"),
    (
        "second-operator",
        "organisations create --kind operator --slug x --name Other --country PH",
        77,
        "not_permitted",
    ),
    (
        "body-does-not-issue",
        "issue -o commission --profile qualification --claims {claims} --idempotency-key x",
        77,
        "not_permitted",
    ),
    (
        "unknown-profile",
        "issue -o university --profile diploma --claims {claims} --idempotency-key x",
        64,
        "unknown_profile",
    ),
    (
        "unknown-accreditation",
        f"registry suspend -o commission {ACCREDITATION} --effective 2026-01-01T00:00:00Z --reason x",
        64,
        "not_found",
    ),
]


@pytest.mark.parametrize(
    ("command", "exit_code", "code"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS]
)
def test_what_is_refused(machine: Machine, command: str, exit_code: int, code: str) -> None:
    claims = str(shipped_path("schemas/examples/qualification.json"))
    words = (claims if word == "{claims}" else word for word in command.split())
    error = machine.skill(*words, expect=exit_code)
    assert error.startswith(f"skillcred: {code}: ")


def test_claims_that_do_not_fit_are_listed_with_their_places(machine: Machine) -> None:
    claims = json.loads(shipped_path("schemas/examples/qualification.json").read_bytes())
    del claims["credentialSubject"]["achievement"]["workload"]
    (machine.folder / "incomplete.json").write_text(json.dumps(claims))
    options = ["-o", "university", "--profile", "qualification", "--claims", "incomplete.json"]
    error = machine.skill("issue", *options, "--idempotency-key", "incomplete", expect=64)
    assert error.startswith("skillcred: claims_invalid: ")
    assert "/credentialSubject/achievement/workload" in error


def test_lists_are_shown_before_they_are_taken(machine: Machine, accreditation: str) -> None:
    """The shipped list, out and in again; none of it is enrolled by that."""
    shown = machine.skill("registry", "import")
    assert "204 new, 0 changed" in shown
    assert "Listed in public sources, gives no trust." in shown
    assert machine.skill("registry", "export").count("\n") == 1, "the heading only"
    digest = shown.split()[-1]
    assert machine.skill("registry", "import", "--confirm", digest).endswith("Taken over.\n")
    enrolled = machine.skill("registry", "bodies")
    assert enrolled.count("\n") == 2, "nobody was enrolled by it"
    machine.skill("registry", "export", "--output", "listed.csv", "--country", "AE")
    exported = (machine.folder / "listed.csv").read_text(encoding="utf-8")
    assert exported.splitlines()[1].startswith("AE-03,AE,Ministry of Higher Education")
    again = ["registry", "import", "listed.csv", "--format", "csv", "--label", "starter-1"]
    assert "0 new, 0 changed, 3 as they are" in machine.skill(*again)
    other = machine.skill(*again[:-1], "mine", expect=64)
    assert other == "", "the rows that cannot be taken stand in what is printed"

    machine.skill("registry", "export", "--signed", "--output", "peers.jws")
    fault = machine.skill("registry", "import", "peers.jws", "--format", "lote", "--label", "x", expect=64)
    assert fault.startswith("skillcred: list_key_missing: ")

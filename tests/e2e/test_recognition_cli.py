"""`skillcred recognise` and `skillcred recognition …`: a case, advice, a table and a vouching from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from skillcred.cli.app import app
from worlds.application import build_demo_registry

RUNNER = CliRunner()
HEADING = "origin_country,origin_qualification,destination_country,comparable_to,source\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with a credential in it, and the settings of the demo registry."""
    folder = tmp_path_factory.mktemp("recognition-cli")
    demo = build_demo_registry(folder)
    settings = demo.application.settings
    (folder / "degree.json").write_bytes(demo.issue("degree", profile="qualification").content)
    yield (
        folder,
        {
            "SKILLCRED_DATABASE_URL": settings.database_address,
            "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
        },
    )
    demo.application.close()


def run(place: tuple[Path, dict[str, str]], *arguments: str) -> Result:
    return RUNNER.invoke(app, [*arguments], env=place[1])


def test_recognise_tells_in_words_and_as_json(place: tuple[Path, dict[str, str]]) -> None:
    degree = str(place[0] / "degree.json")
    asked = ("recognise", degree, "--to", "DE", "--purpose", "regulated-profession", "--occupation", "2221")
    told = run(place, *asked)
    assert told.exit_code == 0
    assert "[insufficient_evidence]" in told.stdout
    assert "Receipt confirmed within: 1 month; decided within: 3 months" in told.stdout
    found = json.loads(run(place, *asked, "--level-sought", "DE-DQR:6", "--format", "json").stdout)
    assert (found["outcome"], found["basis"]) == ("insufficient_evidence", "DE-BQFG")
    assert run(place, *asked, "--level-sought", "DQR").exit_code != 0
    assert run(place, "recognise", "--to", "DE", "--purpose", "fun").exit_code != 0


def test_a_case_from_the_command_line(place: tuple[Path, dict[str, str]]) -> None:
    folder, _ = place
    body = ("-o", "qualifications-authority")

    def case(*arguments: str) -> Result:
        return run(place, "recognition", "cases", *arguments, *body)

    submitted = case("submit", str(folder / "degree.json"), "--to", "KE", "--purpose", "study")
    assert submitted.exit_code == 0, submitted.output
    case_id, state = submitted.stdout.split()
    assert state == "submitted"
    assert case("take", case_id).stdout.split() == [case_id, "under_review"]
    assert case("ask", case_id, "A transcript.").stdout.split()[1] == "evidence_requested"
    assert case("add", case_id, str(folder / "degree.json")).stdout.split()[1] == "under_review"
    found = case("find", case_id, "--element", "profile=not_met", "--condition", "home_licence=met")
    assert found.exit_code == 0
    (folder / "decision.yaml").write_text(
        "kind: conditional\nreasons: [Practice differs.]\nmeasures:\n  - kind: aptitude_test\n", "utf-8"
    )
    assert case("decide", case_id, str(folder / "decision.yaml")).stdout.split()[1] == "decided"
    output = folder / "statement.json"
    assert case("issue", case_id, "--output", str(output)).exit_code == 0
    statement = json.loads(output.read_bytes())
    assert statement["credentialSubject"]["recognition"]["decisionKind"] == "conditional"
    shown = json.loads(case("show", case_id).stdout)
    assert (shown["state"], shown["statement_id"]) == ("issued", statement["id"])
    assert case_id in case("list", "--state", "issued").stdout
    assert case("annul", case_id, "--reason", "An appeal.").stdout.split()[1] == "annulled"
    (folder / "wrong.yaml").write_text("kind: perhaps\nreasons: [So.]\n", "utf-8")
    assert case("decide", case_id, str(folder / "wrong.yaml")).exit_code != 0
    other = case("submit", "--to", "KE", "--purpose", "study").stdout.split()[0]
    assert case("withdraw", other).stdout.split()[1] == "withdrawn"


def test_advice_a_table_and_a_vouching(place: tuple[Path, dict[str, str]]) -> None:
    folder, _ = place

    def recognition(*arguments: str) -> Result:
        return run(place, "recognition", *arguments)

    advice = recognition(
        "advise", str(folder / "degree.json"), "--to", "DE", "--purpose", "study", "--idempotency-key", "a"
    )
    assert json.loads(advice.stdout)["credentialSubject"]["recognition"]["statementNature"] == "advisory"
    title = json.loads((folder / "degree.json").read_bytes())["credentialSubject"]["achievement"]["name"]
    rows = f"PH,{title},FJ,usually a degree,A page <https://table.example/a>\n"
    (folder / "table.csv").write_text(HEADING + rows, "utf-8")
    taken = ("import", str(folder / "table.csv"), "--label", "fiji", "--as-of", "2026-05-01")
    preview = recognition(*taken)
    assert preview.exit_code == 0, preview.output
    digest = preview.stdout.split("--confirm ")[1].strip()
    assert recognition("tables").stdout.count("fiji") == 0
    assert "Taken over." in recognition(*taken, "--confirm", digest).stdout
    assert "fiji" in recognition("tables").stdout
    told = run(place, "recognise", str(folder / "degree.json"), "--to", "FJ", "--purpose", "immigration")
    assert "usually a degree" in told.stdout
    (folder / "faulty.csv").write_text(HEADING + rows.replace("PH", "XA"), "utf-8")
    faulty = recognition("import", str(folder / "faulty.csv"), "--label", "x", "--as-of", "2026-05-01")
    assert faulty.exit_code != 0
    assert "row 1: recognition_unknown_country" in faulty.stdout
    assert recognition("remove-table", "--label", "fiji").exit_code == 0
    signed = folder / "vouching.json"
    done = recognition(
        "sign-rules",
        "LRC",
        "-o",
        "qualifications-authority",
        "--idempotency-key",
        "v",
        "--output",
        str(signed),
    )
    assert done.exit_code == 0, done.output
    assert recognition("vouch", str(signed)).stdout.startswith("LRC: vouched for by Demo Qualifications")
    listed = recognition("vouchings").stdout
    assert "LRC" in listed
    pair = json.loads(recognition("between", "FR", "DE", "--format", "json").stdout)
    standings = {found["id"]: found["standing"] for found in pair["agreements"]}
    assert "vouched for by" in standings["LRC"]
    assert "vouched for by" not in standings["EU-2005-36-GEN"]

"""From the official tables of ESCO to a skills profile, by the command line and over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conftest import missing
from skillcred.cli.esco_folder import read_esco_folder
from skillcred.recognition.classification import ATTRIBUTION, Table
from skillcred.services.profile_skills import NoClassificationError
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry
from worlds.commands import run_skillcred_text

ARC_WELDING = "http://data.europa.eu/esco/skill/27d26fd6-5795-4f0a-884e-112df7c68314"


@dataclass(frozen=True)
class Place:
    """A registry that took ESCO over, and its folder."""

    demo: DemoRegistry
    folder: Path

    def run(self, *arguments: str, expect: int = 0) -> str:
        settings = self.demo.application.settings
        result = run_skillcred_text(
            *arguments,
            cwd=self.folder,
            variables={
                "SKILLCRED_DATABASE_URL": settings.database_address,
                "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
            },
        )
        assert result.returncode == expect, result.stdout + result.stderr
        return result.stderr if expect else result.stdout


@pytest.fixture(scope="module")
def esco(shared_dir: Path) -> Path:
    folder = shared_dir / "data" / "esco"
    if not folder.is_dir():
        missing("the tables of ESCO are not beside the checkout")
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, esco: Path) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("skills")
    demo = build_demo_registry(folder)
    place = Place(demo, folder)
    assert "no_classification" in place.run("occupations", "--isco", "7212", expect=64)
    shown = place.run("data", "import", "esco", str(esco), "--release", "1.1.1")
    assert "ESCO 1.1.1: 3007 occupations, 14239 skills; 425 have no label." in shown
    assert ATTRIBUTION in shown
    digest = shown.split("--confirm ")[1].strip()
    confirm = ["data", "import", "esco", str(esco), "--release", "1.1.1", "--confirm"]
    with pytest.raises(NoClassificationError):
        demo.application.profile_skills.find_occupations(isco="7212")
    assert "classification_digest_differs" in place.run(*confirm, "0" * 64, expect=64)
    assert "Taken over." in place.run(*confirm, digest)
    (folder / "training.json").write_bytes(demo.issue("skills").content)
    yield place
    demo.application.close()


def test_a_training_shows_a_skill_of_a_welder(place: Place) -> None:
    found = json.loads(place.run("occupations", "--isco", "7212", "--words", "welder", "--format", "json"))
    uris = {item["label"]: item["uri"] for item in found["occupations"]}
    made = json.loads(
        place.run("skills", "training.json", "--occupation", uris["welder"], "--format", "json")
    )
    (arc,) = [line for line in made["skills"] if line["uri"] == ARC_WELDING]
    assert (arc["label"], arc["essential"], arc["state"]) == ("apply arc welding techniques", True, "held")
    assert [(e["credential"], e["match"], e["grade"]) for e in arc["evidence"]] == [
        ("credential-1", "exact", "awarded")
    ]
    assert made["counts"]["missing"]["essential"] > 0
    assert made["classification"] == {"name": "ESCO", "version": "1.1.1"}
    text = place.run("skills", "training.json", "--occupation", uris["welder"])
    assert "- apply arc welding techniques: Held." in text
    assert "It is no assessment" in text
    assert text.rstrip().endswith(ATTRIBUTION)


def test_what_was_not_verified_shows_nothing(place: Place) -> None:
    content = (place.folder / "training.json").read_bytes()
    (place.folder / "forged.json").write_bytes(content.replace(b"Welding", b"Surgery", 1))
    found = json.loads(place.run("occupations", "--isco", "7212", "--format", "json"))
    made = json.loads(
        place.run("skills", "forged.json", "--occupation", found["occupations"][0]["uri"], "--format", "json")
    )
    assert made["unverified"] == ["credential-1"]
    assert {line["state"] for line in made["skills"]} == {"missing"}


def test_the_same_over_http(place: Place) -> None:
    client = TestClient(create_app(place.demo.application, log_stream=io.StringIO()))
    found = client.get("/v1/occupations", params={"isco": "7212", "words": "WELDER"}).json()
    welder = next(item["uri"] for item in found["occupations"] if item["label"] == "welder")
    credential = json.loads((place.folder / "training.json").read_bytes())
    asked = {"credentials": [credential], "occupation": welder}
    made = client.post("/v1/skills-profiles", json=asked)
    assert made.status_code == 200
    assert any(line["uri"] == ARC_WELDING and line["state"] == "held" for line in made.json()["skills"])
    wrong = client.post("/v1/skills-profiles", json=asked | {"occupation": ARC_WELDING})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_occupation")


def test_a_folder_is_read_as_it_was_downloaded(esco: Path, tmp_path: Path) -> None:
    assert set(read_esco_folder(esco)) == set(Table)
    (tmp_path / "skills_en.csv").write_text("a")
    (tmp_path / "skills.csv.gz").write_bytes(b"not packed")
    with pytest.raises(Exception, match="cannot be read") as caught:
        read_esco_folder(tmp_path)
    assert getattr(caught.value, "code", None) == "file_not_readable"

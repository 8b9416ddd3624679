"""The page on skills: find an occupation, hand in credentials, read what they show of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from skillcred.recognition.classification import Concept, ConceptKind, Release
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, example_claims, fill_demo_registry, open_in_memory_application

WELDER = "http://data.europa.eu/esco/occupation/welder"


def skills_of(claims: dict) -> list[str]:
    """The addresses of the skills that the example names."""
    aligned = claims["credentialSubject"]["achievement"]["alignment"]
    return [item["targetUrl"] for item in aligned if "/esco/skill/" in item.get("targetUrl", "")]


@pytest.fixture(scope="module")
def registry() -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application())


@pytest.fixture(scope="module")
def client(registry: DemoRegistry) -> Iterator[TestClient]:
    with TestClient(create_app(registry.application, log_stream=io.StringIO())) as found:
        missing = found.get("/abroad/skills?words=weld")
        assert (missing.status_code, "no classification of skills" in missing.text) == (404, True)
        held = skills_of(example_claims("training"))[0]
        concepts = [
            Concept("urn:a", ConceptKind.OCCUPATION, "diver", ("welder under water",)),
            Concept(
                WELDER, ConceptKind.OCCUPATION, "welder", (), "7212", (held, "urn:other"), ("urn:useful",)
            ),
            Concept(held, ConceptKind.SKILL, "weld <b>metal</b>"),
            Concept("urn:other", ConceptKind.SKILL, "read drawings"),
            Concept("urn:useful", ConceptKind.SKILL, "drive a truck"),
        ]
        with registry.application.profile_skills.units(writes=True) as unit:
            unit.classification.replace(Release("1.1.1", "0" * 64, datetime.now(UTC), 2, 3, 0), concepts)
            unit.commit()
        yield found


def post(client: TestClient, *contents: bytes, query: str = "", **fields: str):
    files = [
        (name, (f"{name}.json", content)) for name, content in zip(("file", "second"), contents, strict=False)
    ]
    fields = {"occupation": WELDER, "words": "weld", **fields}
    return client.post(f"/abroad/skills{query}", files=[*files, *((k, (None, v)) for k, v in fields.items())])


def test_an_occupation_is_found_and_compared(client: TestClient, registry: DemoRegistry) -> None:
    assert "welder" not in client.get("/abroad/skills").text
    found = client.get("/abroad/skills?words=WELD")
    assert f'value="{WELDER}"' in found.text
    assert "ISCO-08 7212" in found.text
    assert found.text.index("welder</bdi>") < found.text.index("diver</bdi>"), "the closest name comes first"
    good = registry.issue("skills-page").content
    answer = post(client, good)
    assert answer.status_code == 200, answer.text
    assert "weld &lt;b&gt;metal&lt;/b&gt;" in answer.text
    for words in (
        "The credential names this very skill.",
        "Awarded by a body.",
        "It is no assessment",
        "ESCO 1.1.1",
    ):
        assert words in answer.text
    assert answer.text.count("Not shown.") == 4  # two skills, and the two counts
    forged = post(client, good.replace(b"Welding", b"Surgery"))
    assert "Could not be verified, so nothing of it counts" in forged.text
    assert "The credential names this very skill." not in forged.text
    arabic = post(client, good, query="?lang=ar")
    assert 'dir="rtl"' in arabic.text
    assert "It is no assessment" not in arabic.text


def test_what_cannot_be_asked_says_what_to_do(client: TestClient, registry: DemoRegistry) -> None:
    assert "No occupation has these words." in client.get("/abroad/skills?words=astronaut").text
    assert client.get("/abroad/skills?words=" + "x" * 81).status_code == 422
    unknown = post(client, occupation="urn:nothing")
    assert (unknown.status_code, "Choose one of the occupations." in unknown.text) == (422, True)
    assert f'value="{WELDER}"' in unknown.text  # what was found stays
    other = registry.issue("skills-other", profile="qualification").content
    two = post(client, registry.issue("skills-page").content, other)
    assert (two.status_code, "name different people" in two.text) == (422, True)
    assert post(client, surplus="x").status_code == 400

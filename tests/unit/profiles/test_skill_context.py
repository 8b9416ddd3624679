"""Our context behind the two others: expands with an independent JSON-LD processor, nothing is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.profiles import PROFILES, build_credential
from skillcred.profiles.profile import OPEN_BADGES_CONTEXT, SKILL_CONTEXT, VC_CONTEXT

FILES = {
    VC_CONTEXT: "src/skillcred/linkeddata/contexts/credentials-v2.jsonld",
    OPEN_BADGES_CONTEXT: "src/skillcred/linkeddata/contexts/ob-v3p0-context-3.0.3.json",
    SKILL_CONTEXT: "schemas/contexts/skill-v1.jsonld",
}
SKILL = "https://skillcred.org/ns/skill#"


@pytest.fixture(scope="module")
def credentials(project_dir: Path) -> dict[str, JsonObject]:
    return {
        profile.id: build_credential(
            profile.id,
            json.loads((project_dir / profile.example_path).read_bytes()),
            credential_id="https://issuer.example/v1/credentials/1",
            issuer={"id": "did:web:issuer.example", "name": "Issuer"},
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for profile in PROFILES.values()
    }


def expand(document: Any, project_dir: Path) -> Any:
    def load(url: str, options: object) -> dict[str, Any]:
        content = json.loads((project_dir / FILES[url]).read_bytes())
        return {"contextUrl": None, "documentUrl": url, "document": content}

    return jsonld.expand(document, {"documentLoader": load})


def texts(value: JsonValue) -> list[str]:
    """All texts of a credential, types and contexts left out."""
    if isinstance(value, dict):
        return [t for name, item in value.items() if name not in ("@context", "type") for t in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def leaves(expanded: Any) -> list[Any]:
    if isinstance(expanded, dict):
        if "@value" in expanded:
            return [expanded["@value"]]
        own = [expanded["@id"]] if "@id" in expanded else []
        return own + [
            x for name, item in expanded.items() if name not in ("@id", "@type") for x in leaves(item)
        ]
    return [x for item in expanded for x in leaves(item)] if isinstance(expanded, list) else []


@pytest.mark.parametrize("profile_id", PROFILES)
def test_every_text_of_every_example_is_mapped(
    profile_id: str, credentials: dict[str, JsonObject], project_dir: Path
) -> None:
    credential = credentials[profile_id]
    expanded = leaves(expand(credential, project_dir))
    assert sorted(texts(credential)) == sorted(leaf for leaf in expanded if isinstance(leaf, str))


@pytest.mark.parametrize("profile_id", PROFILES)
def test_every_type_of_every_example_is_an_iri(
    profile_id: str, credentials: dict[str, JsonObject], project_dir: Path
) -> None:
    def types(node: Any) -> list[str]:
        if isinstance(node, dict):
            return list(node.get("@type", [])) * ("@value" not in node) + [
                t for item in node.values() for t in types(item)
            ]
        return [t for item in node for t in types(item)] if isinstance(node, list) else []

    found = types(expand(credentials[profile_id], project_dir))
    assert found
    assert all(name.startswith("https://") for name in found), found
    assert SKILL + PROFILES[profile_id].credential_type in found


def test_translations_become_texts_with_language(
    credentials: dict[str, JsonObject], project_dir: Path
) -> None:
    [expanded] = expand(credentials["work-experience"], project_dir)
    assert {(text["@language"], text["@value"]) for text in expanded[SKILL + "nameTranslations"]} == {
        ("en", "Work experience: home care worker"),
        ("am", "የሥራ ልምድ ማስረጃ፦ የቤት ውስጥ እንክብካቤ ሠራተኛ"),
    }


def test_no_term_of_ours_is_one_of_the_others(project_dir: Path) -> None:
    def names(context: Any) -> set[str]:
        if not isinstance(context, dict):
            return set()
        scoped = [names(d["@context"]) for d in context.values() if isinstance(d, dict) and "@context" in d]
        return {name for name in context if not name.startswith("@")}.union(*scoped)

    ours, *others = (
        names(json.loads((project_dir / FILES[url]).read_bytes())["@context"])
        for url in (SKILL_CONTEXT, VC_CONTEXT, OPEN_BADGES_CONTEXT)
    )
    assert [ours & other for other in others] == [set(), set()]

"""The shipped schemas, code lists and context: well-formed, bound to each other, closed, and of one mind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.profiles.codes import CODE_SYSTEMS, load_codes
from skillcred.profiles.profile import SCHEMA_BASE, SKILL_CONTEXT
from skillcred.profiles.schemas import load_schema, schema_names
from skillcred.profiles.table import PROFILES

SKILL = "definitions/skill-v1.json"


def nodes(value: JsonValue) -> Iterator[JsonObject]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(item)


@pytest.mark.parametrize("name", schema_names())
def test_schema_is_2020_12_under_its_id(name: str) -> None:
    schema = load_schema(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == SCHEMA_BASE + name
    assert schema["title"]
    assert jsonschema_rs.meta.is_valid(schema)


@pytest.mark.parametrize("name", schema_names())
def test_references_point_at_what_is_there(name: str) -> None:
    schema = load_schema(name)
    for node in nodes(schema):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            continue
        base, _, fragment = reference.partition("#")
        target: JsonValue = load_schema(base.removeprefix(SCHEMA_BASE)) if base else schema
        for part in fragment.split("/")[1:]:
            assert isinstance(target, dict)
            target = target[part]


@pytest.mark.parametrize("name", schema_names())
def test_no_null_and_no_empty_list_is_let_through(name: str) -> None:
    for node in nodes(load_schema(name)):
        assert node.get("type") != "null"
        if node.get("type") == "array" and "items" in node:
            assert node.get("minItems", 1) >= 1


def test_texts_and_lists_of_our_own_parts_are_bounded() -> None:
    for name in (SKILL, "definitions/common-v1.json"):
        for node in nodes(load_schema(name)):
            if node.get("type") == "array" and "items" in node:
                assert "maxItems" in node, node
            if node.get("type") == "string":
                assert "maxLength" in node or "pattern" in node, node


def test_our_own_parts_are_closed() -> None:
    parts = load_schema(SKILL)["$defs"]
    assert isinstance(parts, dict)
    for name, part in parts.items():
        assert isinstance(part, dict)
        if "properties" in part:
            assert part.get("additionalProperties") is False, name


def test_every_member_of_our_own_is_a_term_of_our_context(project_dir: Path) -> None:
    context = json.loads((project_dir / "schemas/contexts/skill-v1.jsonld").read_bytes())["@context"]
    terms = {name for name in context if not name.startswith("@")}
    members = {name for node in nodes(load_schema(SKILL)) for name in (node.get("properties") or {})}
    types = {
        name
        for node in nodes(load_schema(SKILL))
        for name in [(node.get("else") or {}).get("const")]
        if isinstance(name, str)
    } | {profile.credential_type for profile in PROFILES.values()}
    unused = terms - members - types - {"QualificationLevel"}
    assert unused == set()
    for name, definition in context.items():
        if not name.startswith("@"):
            iri = definition if isinstance(definition, str) else definition["@id"]
            assert iri == f"https://skillcred.org/ns/skill#{name}"


def test_every_profile_has_schema_and_example() -> None:
    files = {name for name in schema_names() if name.startswith("profiles/")}
    assert files == {profile.name for profile in PROFILES.values()}
    for profile in PROFILES.values():
        assert profile.contexts[-1] == SKILL_CONTEXT
        assert profile.schema_url_path == f"/v1/schemas/profiles/{profile.id}-v1.json"
        assert len(profile.sha256) == 64


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("isced-f-2013", 220),
        ("isco-08", 619),
        ("eqf", 8),
        ("cefr", 6),
        ("iso-3166-1", 250),
        ("un-m49-regions", 249),
    ],
)
def test_code_lists_are_whole(name: str, count: int) -> None:
    assert len(load_codes(name)) == count


def test_every_code_list_has_its_parents() -> None:
    for name, shortest in (("isced-f-2013", 2), ("isco-08", 1)):
        codes = load_codes(name)
        assert all(code[:-1] in codes for code in codes if len(code) > shortest)
    assert {system.codes_file for system in CODE_SYSTEMS} - {None} == {
        "isced-f-2013",
        "isco-08",
        "eqf",
        "cefr",
    }


def test_code_lists_name_their_source(project_dir: Path) -> None:
    for file in (project_dir / "schemas/codes").glob("*.json"):
        listed = json.loads(file.read_bytes())
        assert {"code_system", "title", "source", "rights", "codes"} <= listed.keys(), file.name

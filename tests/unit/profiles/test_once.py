"""A document is looked at by each shipped schema once, and the rules see every object at its place."""

from __future__ import annotations

import json

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.model.findings import walk
from skillcred.model.outcomes import Problem
from skillcred.profiles import PROFILES, schemas
from skillcred.profiles.rules import _nodes
from skillcred.profiles.schemas import SchemaChecks
from skillcred.shipped import shipped_path


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_rules_see_every_object_in_the_order_of_the_document(profile: str) -> None:
    document = json.loads(shipped_path(f"schemas/examples/{profile}.json").read_bytes())
    document["a/b"] = [[{"~c": {"d": 1}}, 2], {"e": [{}]}]
    expected = [(value, place) for value, place in walk(document, frozenset()) if isinstance(value, dict)]
    assert list(_nodes(document)) == expected
    assert ("/a~1b/0/0/~0c") in [place for _, place in expected]


def test_a_schema_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    problem = Problem("code", "message")

    def validate(_: JsonObject, name: str) -> tuple[Problem, ...]:
        asked.append(name)
        return (problem,) if name == "a" else ()

    monkeypatch.setattr(schemas, "validate", validate)
    checks = SchemaChecks({})
    assert [checks.problems(name) for name in ("a", "b", "a", "b")] == [(problem,), (), (problem,), ()]
    assert asked == ["a", "b"]

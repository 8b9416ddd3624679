"""A document is looked at by each shipped schema once, and the rules see every object at its place."""

from __future__ import annotations

import json

import pytest

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.findings import walk
from skillcred.model.outcomes import Problem, Step
from skillcred.model.plain_values import find_objects
from skillcred.profiles import PROFILES, schemas
from skillcred.profiles.rules import _nodes, check_rules
from skillcred.profiles.schemas import MAX_VALIDATED_DEPTH, SchemaChecks, validate
from skillcred.shipped import shipped_path

MORNING, NOON = "2025-01-01T08:00:00Z", "2025-01-01T12:00:00Z"
ISCED_URL = "http://data.europa.eu/snb/isced-f/0912"


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

    def find_schema_problems(_: JsonObject, name: str, *, is_fit: bool) -> tuple[Problem, ...]:
        assert is_fit
        asked.append(name)
        return (problem,) if name == "a" else ()

    monkeypatch.setattr(schemas, "_validator", lambda name: name)
    monkeypatch.setattr(schemas, "find_schema_problems", find_schema_problems)
    checks = SchemaChecks({"type": "a"})
    assert [checks.problems(name) for name in ("a", "b", "a", "b")] == [(problem,), (), (problem,), ()]
    assert asked == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "plain", "code"),
    [
        ("text", True, None),
        ("نص", True, None),
        ("a\ud800", False, "lone_surrogate"),
        ({"\udfff": 1}, False, "lone_surrogate"),
        ({"\uffff": {"\ue000": ""}}, True, None),
        ([True, False, 2**53 - 1, 1 - 2**53], True, None),
        (None, False, None),
        ([{}], False, None),
        ({"a": []}, False, None),
        (1.5, False, None),
        (2**53, False, "number_not_exact"),
        (-(10**30), False, "number_not_exact"),
        (float("nan"), False, "number_not_exact"),
        ([[{"deep": float("inf")}]], False, "number_not_exact"),
    ],
)
def test_objects_are_found_only_where_nothing_is_amiss(
    value: JsonValue, plain: bool, code: str | None
) -> None:
    document: JsonObject = {"first": value, "second": [{"third": "text"}]}
    found = find_objects(document)
    assert (found is not None) == plain
    assert [problem.code for problem in schemas._refuse_unfit(document)] == ([code] if code else [])
    if found is not None:
        places = {id(item) for item, _ in walk(document, frozenset()) if isinstance(item, dict)}
        assert len(found) == len(places)
        assert {id(item) for item in found} == places


def test_objects_are_not_found_below_the_deepest_level() -> None:
    chain: JsonValue = "text"
    for depth in range(1, MAX_VALIDATED_DEPTH + 3):
        chain = {"a": chain}
        fits = depth <= MAX_VALIDATED_DEPTH
        assert (find_objects(chain) is not None) == fits
        assert (not schemas._refuse_unfit(chain)) == fits


def test_what_is_no_plain_json_value_is_left_to_the_slower_look() -> None:
    document: JsonObject = {"step": Step.SCHEMA}
    assert find_objects(document) is None
    assert validate(document, "profiles/training-v1.json") == validate(
        {"step": "schema"}, "profiles/training-v1.json"
    )


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("", {}),
        ("", {"countryOfAward": "QQ"}),
        ("", {"languageOfAward": "en", "name": "a", "nameTranslations": {"en": "b"}}),
        ("", {"languageOfAward": "en", "jobTitleTranslations": {"en": "b"}}),
        ("/credentialSubject", {"activityStartDate": NOON, "activityEndDate": MORNING}),
        ("/credentialSubject", {"periodStart": NOON, "periodEnd": MORNING, "result": [{}]}),
        ("/credentialSubject", {"result": {"resultDescription": "urn:x:nothing"}}),
        ("/issuer", {"address": [{"addressCountryCode": "QQ"}]}),
        ("/issuer", {"type": "Alignment", "frameworkId": "EQF"}),
        ("/issuer", {"type": ["x", "Alignment"], "targetFramework": " isced-F ", "targetCode": "8888"}),
        ("/issuer", {"type": ["Alignment"], "targetUrl": ISCED_URL, "targetCode": "0911"}),
        ("/issuer", {"type": "Other", "targetUrl": ISCED_URL, "targetCode": "0911"}),
    ],
)
def test_rules_say_the_same_where_the_objects_are_known(place: str, changes: JsonObject) -> None:
    document = json.loads(shipped_path("schemas/examples/training.json").read_bytes())
    document["issuer"] = {}
    (document[place[1:]] if place else document).update(changes)
    expected = check_rules(document)
    assert check_rules(document, find_objects(document)) == expected
    assert bool(expected) == (changes.get("type") != "Other" and changes != {})

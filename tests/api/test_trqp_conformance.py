"""TRQP 2.0, its Conformance section, for a TRQP Endpoint with the HTTPS binding: what `test_trqp.py` does not ask.

There is no official suite; where the independent ones leave the specification, docs/divergences.md says so.
"""

from __future__ import annotations

import io
import json
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from skillcred.web.app import create_app
from worlds.application import build_demo_registry

ANSWER = {"authorization": "authorized", "recognition": "recognized"}
TIMES = ("2019-06-01T00:00:00Z", "2090-06-01T00:00:00.5Z")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    registry = build_demo_registry(tmp_path_factory.mktemp("trqp"))
    with TestClient(create_app(registry.application, log_stream=io.StringIO())) as client:
        yield registry, client


@pytest.fixture(scope="module")
def conforms(shared_dir):
    def check(query: str, side: str, value: object) -> None:
        schema = json.loads((shared_dir / f"data/trqp/trqp_{query}_{side}.schema.json").read_bytes())
        schema["$id"] = f"https://trqp.example/{query}-{side}"
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(value)

    return check


def question(registry, query: str, **context: str) -> dict[str, Any]:
    body, operator = registry.body.organisation.did, registry.operator.organisation.did
    asked: dict[str, Any] = (
        {
            "entity_id": registry.provider.organisation.did, "authority_id": body,
            "action": "issue", "resource": "training",
        }
        if query == "authorization"
        else {
            "entity_id": body, "authority_id": operator,
            "action": "recognise-qualifications", "resource": "qualification",
        }
    )  # fmt: skip
    return asked | ({"context": context} if context else {})


@pytest.mark.parametrize("query", ANSWER)
def test_ids_that_only_the_caller_knows_are_answered(world, conforms, query: str) -> None:
    """An `entity_id` need not be globally unique, and names of actions and resources are the ecosystem's own."""
    asked = {
        "entity_id": "user-1234", "authority_id": "https://registry.example/authority",
        "action": "urn:x:issue", "resource": "country:state:licence", "context": {"time": "2025-06-19T11:30:00Z"},
    }  # fmt: skip
    conforms(query, "request", asked)
    response = world[1].post(f"/{query}", json=asked)
    assert response.status_code == 200
    conforms(query, "response", response.json())
    assert response.json()[ANSWER[query]] is False


@pytest.mark.parametrize("query", ANSWER)
@pytest.mark.parametrize("time", TIMES)
def test_one_question_about_one_time_has_one_answer(world, query: str, time: str) -> None:
    registry, client = world
    first, second = (
        client.post(f"/{query}", json=question(registry, query, time=time)).json() for _ in range(2)
    )
    assert first.pop("time_evaluated") <= second.pop("time_evaluated")
    assert first == second
    assert first["time_requested"] == time
    assert first[ANSWER[query]] is (time == TIMES[1])


@pytest.mark.parametrize("query", ANSWER)
@pytest.mark.parametrize(
    "context", [{"timestamp": TIMES[0]}, {"Time": TIMES[0]}, {"locator": "shelf 3"}], ids=str
)
def test_only_the_member_time_is_the_time(world, conforms, query: str, context: dict[str, str]) -> None:
    registry, client = world
    answer = client.post(f"/{query}", json=question(registry, query, **context)).json()
    conforms(query, "response", answer)
    assert answer[ANSWER[query]] is True, "at the first time it was not"
    assert "time_requested" not in answer
    assert answer["context"] == context


@pytest.mark.parametrize("query", ANSWER)
def test_the_content_type_must_be_there_and_may_have_parameters(world, query: str) -> None:
    registry, client = world
    content = json.dumps(question(registry, query)).encode()
    fine = client.post(
        f"/{query}", content=content, headers={"content-type": "application/json; charset=utf-8"}
    )
    assert fine.status_code == 200
    missing = client.post(f"/{query}", content=content)
    assert (missing.status_code, missing.headers["content-type"]) == (415, "application/problem+json")

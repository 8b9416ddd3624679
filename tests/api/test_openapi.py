"""The OpenAPI description is true: nothing sent according to it, or against it, breaks the service (SECURITY F-32)."""

from __future__ import annotations

import collections
import io
import itertools
from typing import Any

import hypothesis
import jsonschema_rs
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from skillcred.profiles import PROFILES
from skillcred.web.app import create_app
from worlds.application import build_demo_registry

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
    unsupported_method,
)
EXAMPLES = [pytest.param(10, id="10"), pytest.param(25, id="25", marks=pytest.mark.nightly)]
"""Requests per operation and mode."""
LEAST_OPERATIONS = {GenerationMode.POSITIVE: 29, GenerationMode.NEGATIVE: 18}
"""Operations that must have been tried; some have nothing that could be sent wrongly."""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory):
    """A registry that may be written to with nonsense."""
    found = build_demo_registry(
        tmp_path_factory.mktemp("fuzzing"), verifications_per_minute=100_000, interop_enabled=True
    )
    yield found
    found.application.close()


def can_be_sent_wrongly(operation: Any) -> bool:
    """Whether there is more to it than a path and a form, in which every text has the right type."""
    forms = {"application/x-www-form-urlencoded"}
    media_types = {body.media_type for body in operation.body}
    return bool(len(list(operation.query)) or media_types - forms)


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_F_32_description_and_service_agree(registry, mode: GenerationMode, examples: int) -> None:
    app = create_app(registry.application, log_stream=io.StringIO())
    schema = schemathesis.openapi.from_asgi("/openapi.json", app).exclude(operation_id="changeInteropStatus")
    roles = itertools.cycle(["operator", "body", "provider"])
    tried: collections.Counter[str] = collections.Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not can_be_sent_wrongly(operation):
            continue  # hypothesis would look for hundreds of requests and find none
        strategy = operation.as_strategy(generation_mode=mode)

        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=strategy)
        def check(case: schemathesis.Case) -> None:
            headers = {"Authorization": f"Bearer {getattr(registry, next(roles) + '_secret')}"}
            case.call_and_validate(headers=headers, checks=CHECKS)
            tried[case.operation.label] += 1

        check()
    assert len(tried) >= LEAST_OPERATIONS[mode], sorted(tried)


def test_description_is_openapi_3_1(served) -> None:
    document = served.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["operationId"], (method, path)
            assert operation["summary"], (method, path)
            for status, response in operation["responses"].items():
                if status >= "400" and path not in ("/readyz", "/1.0/identifiers/{identifier}"):
                    as_oauth = method == "post" and path.startswith("/issuers/")
                    expected = "application/json" if as_oauth else "application/problem+json"
                    assert list(response["content"]) == [expected], (method, path, status)


def test_every_body_has_an_example_that_its_schema_accepts(served) -> None:
    document = served.client.get("/openapi.json").json()
    seen = 0
    for operations in document["paths"].values():
        for operation in operations.values():
            media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in media.get("examples", {}).values():
                schema = media["schema"] | {"components": document["components"]}
                jsonschema_rs.Draft202012Validator(schema).validate(example["value"])
                seen += 1
    assert seen >= 11


@pytest.mark.parametrize("profile", PROFILES)
def test_examples_of_the_description_can_be_issued(served, profile: str) -> None:
    document = served.client.get("/openapi.json").json()
    media = document["paths"]["/v1/credentials"]["post"]["requestBody"]["content"]["application/json"]
    headers = served.bearer("provider") | {"Idempotency-Key": f"example-{profile}"}
    response = served.client.post(
        "/v1/credentials", json=media["examples"][profile]["value"], headers=headers
    )
    assert response.status_code == 201, response.text
    verified = served.client.post(
        "/v1/verifications", content=response.content, headers={"Content-Type": "application/vc"}
    )
    assert verified.json()["verdict"] in ("valid", "invalid")
    assert {step["code"] for step in verified.json()["steps"]} >= {"proof_verified", "profile_conforms"}

"""The OpenAPI description: what FastAPI cannot know because bodies are read by our own parser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from skillcred.web.api.examples import load_issuance_examples
from skillcred.web.bodies import RequestModel
from skillcred.web.problems import PROBLEM_MEDIA_TYPE, TITLES

DESCRIPTION: Final = (
    "Issues and verifies W3C verifiable credentials for skills, and tells which national body vouches for the "
    "issuer. Faults are RFC 9457 problems with a stable `code`. JSON is read strictly: UTF-8, no member twice, "
    "no unknown members, at most 32 levels deep and 1 MiB long."
)
PROBLEM_SCHEMA: Final = "Problem"
COMMON_STATUSES: Final = (400, 405, 413, 500, 503)
"""What any route may answer."""

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable reason code"},
        "pointer": {"type": "string", "description": "RFC 6901 JSON pointer into what was sent"},
        "request_id": {"type": "string", "description": "Name this when you report the problem"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "pointer": {"type": "string"},
                },
            },
        },
    },
}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problems of a route: `statuses` and those that any route may answer."""
    schema = {"$ref": f"#/components/schemas/{PROBLEM_SCHEMA}"}
    return {
        status: {"description": TITLES[status], "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*statuses, *COMMON_STATUSES})
    }


def json_request(model: type[RequestModel], **examples: object) -> dict[str, Any]:
    """The `requestBody` of a route that reads `model` through `JsonBody`."""
    content: dict[str, Any] = {"schema": model.model_json_schema(ref_template="#/components/schemas/{model}")}
    if examples:
        content["examples"] = _examples(examples)
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def _examples(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: {"value": value} for name, value in values.items()}


def install_openapi(app: FastAPI) -> None:
    """Make `app` describe itself once, when it is first asked."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            _complete(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas[PROBLEM_SCHEMA] = _PROBLEM
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    issuing = document["paths"]["/v1/credentials"]["post"]["requestBody"]["content"]["application/json"]
    issuing["examples"] = _examples(load_issuance_examples())
    for path in document["paths"].values():
        for operation in path.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                schemas.update(media["schema"].pop("$defs", {}))
            _replace_validation_response(operation["responses"])


def _replace_validation_response(responses: dict[str, Any]) -> None:
    """FastAPI adds its own shape of 422 wherever there is a parameter; ours is a problem like all others, and endpoints
    that answer as OAuth 2.0 does have none."""
    described = responses.get("422", {}).get("content", {})
    if "application/json" in described and PROBLEM_MEDIA_TYPE not in responses["400"]["content"]:
        del responses["422"]
    elif "application/json" in described:
        responses["422"] = problem_responses(422)[422]

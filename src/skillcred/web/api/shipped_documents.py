"""The schemas, contexts and type metadata of our own, as files that never change under one name.

They are read once, when the server is made; a request can only name one of them, never a path
(SECURITY W-12).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from skillcred.errors import NotFoundError
from skillcred.profiles import PROFILES
from skillcred.shipped import shipped_path
from skillcred.web.api.openapi import problem_responses
from skillcred.web.media_types import JSON, JSON_LD
from skillcred.web.middleware.security_headers import PUBLIC_ARTEFACT_HEADERS

SCHEMA_MEDIA_TYPE: Final = "application/schema+json"
CACHE_SECONDS: Final = 24 * 60 * 60
NOT_SCHEMAS: Final = frozenset({"codes", "contexts", "examples", "registry", "types"})
"""Folders below `schemas/` that hold something else."""

router = APIRouter(tags=["schemas and contexts"])


@dataclass(frozen=True, slots=True)
class ShippedDocument:
    """One file, ready to be sent."""

    content: bytes
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class ShippedDocuments:
    """All files that are served: JSON Schemas by their path below `schemas/`, contexts by file name, the metadata of
    types of SD-JWT VC by the last part of `vct`."""

    schemas: Mapping[str, ShippedDocument]
    contexts: Mapping[str, ShippedDocument]
    types: Mapping[str, ShippedDocument]


def load_shipped_documents() -> ShippedDocuments:
    """Read them all. Raises `ConfigurationError` if the installation lacks them."""
    root = shipped_path("schemas")
    schemas = (
        path for path in sorted(root.rglob("*.json")) if path.relative_to(root).parts[0] not in NOT_SCHEMAS
    )
    contexts = sorted((root / "contexts").glob("*.jsonld"))
    return ShippedDocuments(
        {
            path.relative_to(root).as_posix(): _document(path.read_bytes(), SCHEMA_MEDIA_TYPE)
            for path in schemas
        },
        {path.name: _document(path.read_bytes(), JSON_LD) for path in contexts},
        {
            profile.type_name: _document(shipped_path(profile.type_path).read_bytes(), JSON)
            for profile in PROFILES.values()
        },
    )


def get_shipped_documents(request: Request) -> ShippedDocuments:
    """Those that this server has read."""
    return cast(ShippedDocuments, request.app.state.shipped_documents)


ShippedDocumentsDep = Annotated[ShippedDocuments, Depends(get_shipped_documents)]


def _document(content: bytes, media_type: str) -> ShippedDocument:
    return ShippedDocument(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _response(request: Request, documents: Mapping[str, ShippedDocument], name: str) -> Response:
    document = documents.get(name)
    if document is None:
        raise NotFoundError("There is no such file.")
    headers = {
        **PUBLIC_ARTEFACT_HEADERS,
        "Cache-Control": f"public, max-age={CACHE_SECONDS}",
        "ETag": document.etag,
    }
    if request.headers.get("if-none-match") == document.etag:
        return Response(status_code=304, headers=headers)
    return Response(document.content, headers=headers, media_type=document.media_type)


def _described(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The file", "content": {media_type: {"schema": {"type": "object"}}}},
        304: {"description": "The client has it already"},
        **problem_responses(404),
    }


@router.get(
    "/v1/schemas/{path:path}",
    operation_id="getSchema",
    summary="Get a JSON Schema",
    response_class=Response,
    responses=_described(SCHEMA_MEDIA_TYPE),
)
def get_schema(request: Request, shipped: ShippedDocumentsDep, path: str) -> Response:
    """A JSON Schema of ours, by its path."""
    return _response(request, shipped.schemas, path)


@router.get(
    "/v1/contexts/{name}",
    operation_id="getContext",
    summary="Get a JSON-LD context",
    response_class=Response,
    responses=_described(JSON_LD),
)
def get_context(request: Request, shipped: ShippedDocumentsDep, name: str) -> Response:
    """A JSON-LD context of ours, by its file name."""
    return _response(request, shipped.contexts, name)


@router.get(
    "/v1/types/{type_name}",
    operation_id="getTypeMetadata",
    summary="Get the metadata of a type of SD-JWT VC",
    response_class=Response,
    responses=_described(JSON),
)
def get_type_metadata(request: Request, shipped: ShippedDocumentsDep, type_name: str) -> Response:
    """Type Metadata (SD-JWT VC, section 5) by the last part of `vct`, the very bytes that `vct#integrity` is for."""
    return _response(request, shipped.types, type_name)

"""DID documents of the deployment and of the organisations on it (did:web)."""

from __future__ import annotations

import json
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from skillcred.encoding.json_types import JsonObject
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import problem_responses
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.middleware.security_headers import PUBLIC_ARTEFACT_HEADERS

MEDIA_TYPE: Final = "application/did+json"
CACHE_SECONDS: Final = 60
"""Short, so that a key that was given up is soon gone everywhere."""

router = APIRouter(tags=["DID documents"])
_responses: Final = {
    200: {"description": "The DID document", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}},
    **problem_responses(404),
}


def _response(document: JsonObject) -> Response:
    headers = {**PUBLIC_ARTEFACT_HEADERS, "Cache-Control": f"public, max-age={CACHE_SECONDS}"}
    content = json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return Response(content, headers=headers, media_type=MEDIA_TYPE)


@router.get(
    "/.well-known/did.json",
    operation_id="getDeploymentDidDocument",
    summary="Get the DID document of the operator",
    response_class=Response,
    responses=_responses,
)
def get_deployment_did_document(application: ApplicationDep) -> Response:
    """The DID document of the operator of this deployment."""
    return _response(application.publish_did_document(None))


@router.get(
    "/issuers/{slug}/did.json",
    operation_id="getIssuerDidDocument",
    summary="Get the DID document of an organisation",
    response_class=Response,
    responses=_responses,
)
def get_issuer_did_document(application: ApplicationDep, slug: Segment) -> Response:
    """The DID document of an organisation that has its DID here."""
    return _response(application.publish_did_document(slug))

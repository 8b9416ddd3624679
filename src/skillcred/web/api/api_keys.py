"""API keys. The secret is shown once, when a key is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from skillcred.services.records import Role
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep

router = APIRouter(tags=["API keys"])


class CreateApiKeyRequest(RequestModel):
    """An API key to be made, for the caller's organisation unless the operator names another."""

    organisation_id: str | None = Field(default=None, max_length=100)
    role: Literal["operator", "body_admin", "issuer", "verifier"]
    label: str = Field(min_length=1, max_length=100, description="What it is for; not the name of a person")


class ApiKeyResponse(BaseModel):
    """An API key without its secret."""

    id: str
    organisation_id: str
    role: str
    label: str
    created_at: datetime
    revoked_at: datetime | None


class CreatedApiKeyResponse(ApiKeyResponse):
    """A new API key."""

    secret: str = Field(description="Shown this once; only a digest of it is kept")


@router.get(
    "/v1/api-keys",
    operation_id="listApiKeys",
    summary="List the organisation's API keys",
    responses=problem_responses(401, 403),
)
def list_api_keys(application: ApplicationDep, actor: ActorDep) -> list[ApiKeyResponse]:
    """All API keys of the caller's organisation."""
    return [
        ApiKeyResponse.model_validate(key, from_attributes=True) for key in application.list_api_keys(actor)
    ]


@router.post(
    "/v1/api-keys",
    operation_id="createApiKey",
    summary="Make an API key",
    status_code=201,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(
        CreateApiKeyRequest, issuer={"role": "issuer", "label": "student information system"}
    ),
)
def create_api_key(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[CreateApiKeyRequest, Depends(JsonBody(CreateApiKeyRequest))],
) -> CreatedApiKeyResponse:
    """Make an API key."""
    organisation_id = body.organisation_id or actor.organisation.id
    key, secret = application.create_api_key(actor, organisation_id, Role(body.role), body.label)
    return CreatedApiKeyResponse(
        **ApiKeyResponse.model_validate(key, from_attributes=True).model_dump(), secret=secret
    )


@router.delete(
    "/v1/api-keys/{api_key_id}",
    operation_id="revokeApiKey",
    summary="Revoke an API key",
    status_code=204,
    response_class=Response,
    responses=problem_responses(401, 403, 404, 409, 422),
)
def revoke_api_key(
    application: ApplicationDep,
    actor: ActorDep,
    api_key_id: Segment,
) -> Response:
    """Revoke an API key of the caller's organisation. It stops working at once."""
    application.revoke_api_key(actor, api_key_id)
    return Response(status_code=204)

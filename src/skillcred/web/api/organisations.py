"""Organisations that use this deployment. The operator admits them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from skillcred.services.records import OrganisationKind
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep

router = APIRouter(tags=["organisations"])


class CreateOrganisationRequest(RequestModel):
    """An organisation to be admitted. Its DID and first key are made with it; with `did`, it is a body that has both
    already and keeps its keys elsewhere."""

    kind: Literal["operator", "national_body", "provider", "verifier"]
    slug: str = Field(pattern=r"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$", examples=["harbour"])
    name: str = Field(min_length=1, max_length=200)
    country: str = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    did_method: Literal["web", "key"] = "web"
    algorithm: Literal["Ed25519", "P-256", "P-384"] = "Ed25519"
    did: str | None = Field(default=None, min_length=1, max_length=2000, examples=["did:web:body.example"])


class OrganisationResponse(BaseModel):
    """An organisation of this deployment."""

    id: str
    kind: str
    slug: str
    did: str
    name: str
    country: str
    created_at: datetime
    keys_elsewhere: bool


@router.post(
    "/v1/organisations",
    operation_id="createOrganisation",
    summary="Admit an organisation",
    status_code=201,
    responses=problem_responses(401, 403, 408, 409, 415, 422),
    openapi_extra=json_request(
        CreateOrganisationRequest,
        provider={"kind": "provider", "slug": "harbour", "name": "Harbour Training Centre", "country": "PH"},
    ),
)
def create_organisation(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[CreateOrganisationRequest, Depends(JsonBody(CreateOrganisationRequest))],
) -> OrganisationResponse:
    """Admit an organisation (operator only)."""
    organisation = application.create_organisation(
        kind=OrganisationKind(body.kind),
        slug=body.slug,
        name=body.name,
        country=body.country,
        did_method=body.did_method,
        algorithm=body.algorithm,
        did=body.did,
        actor=actor,
    )
    return OrganisationResponse.model_validate(organisation, from_attributes=True)

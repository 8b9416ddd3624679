"""The registry of national bodies: anybody may read it, bodies and the operator write it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.identities import ACCREDITATIONS_PATH
from skillcred.services.records import Accreditation, AccreditationEvent, AccreditationEventKind, NationalBody
from skillcred.trust import (
    AccreditationScope,
    Action,
    ScopeLevel,
    Succession,
    read_recorded_document,
)
from skillcred.web.api.identifiers import MAX_SEGMENT_CHARACTERS, Segment, identifier_of
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import Instant, JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep, IdempotencyKey, tell_registry_age

router = APIRouter(tags=["registry"])
TELLS_AGE: Final = [Depends(tell_registry_age)]

Did = Annotated[
    str, Field(min_length=7, max_length=MAX_SEGMENT_CHARACTERS, examples=["did:web:body.example"])
]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["PH"])]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class EnrolNationalBodyRequest(RequestModel):
    """A national body whose DID the operator has checked."""

    did: Did
    name: Name
    country: Country
    website: str | None = Field(default=None, max_length=500, pattern=r"^https://[^\s]+$")


class ScopeLevelRequest(RequestModel):
    """The highest level that may be awarded."""

    framework: str = Field(pattern=r"^[A-Z0-9\-]{2,20}$", examples=["EQF", "PH-PQF"])
    level: str = Field(min_length=1, max_length=20, examples=["4"])


class ScopeRequest(RequestModel):
    """What a provider may issue, or a body below accredit others for. An absent restriction means no restriction."""

    action: Literal["issue", "accredit"] = "issue"
    profiles: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=20)
    isced_fields: list[Annotated[str, Field(pattern=r"^[0-9]{2,4}$")]] = Field(default=[], max_length=200)
    max_level: ScopeLevelRequest | None = None
    countries: list[Country] = Field(default=[], max_length=250)


class AccreditProviderRequest(RequestModel):
    """An accreditation, signed by the caller's national body."""

    provider_did: Did
    provider_name: Name
    scope: ScopeRequest
    valid_from: Instant
    valid_until: Instant | None = None


class SuccessorRequest(RequestModel):
    """Who follows a provider and keeps its records. The successor is not thereby accredited."""

    kind: Literal["merger", "renaming", "closure"]
    did: Did | None = None
    name: Name


class ChangeAccreditationRequest(RequestModel):
    """Something that happened to an accreditation. `successor` goes with `succeeded`, and with nothing else."""

    kind: Literal["suspended", "reinstated", "ended", "withdrawn", "succeeded"]
    effective_at: Instant
    reason: str = Field(min_length=1, max_length=1000)
    successor: SuccessorRequest | None = None


class NationalBodyResponse(BaseModel):
    """A national body as enrolled."""

    did: str
    name: str
    country: str
    website: str | None
    enrolled_at: datetime
    ended_at: datetime | None


class AccreditationResponse(BaseModel):
    """An accreditation in the registry."""

    id: str
    body_did: str
    provider_did: str
    valid_from: datetime
    valid_until: datetime | None
    recorded_at: datetime


class SuccessorResponse(BaseModel):
    """Who follows a provider."""

    kind: str
    did: str | None
    name: str


class AccreditationEventResponse(BaseModel):
    """Something that happened to an accreditation."""

    id: str
    kind: str
    effective_at: datetime
    recorded_at: datetime
    reason: str
    successor: SuccessorResponse | None


class AccreditationDetailResponse(AccreditationResponse):
    """An accreditation with the credential that the body signed and everything that happened since."""

    credential: dict[str, Any]
    events: list[AccreditationEventResponse]


def _body(body: NationalBody) -> NationalBodyResponse:
    return NationalBodyResponse.model_validate(body, from_attributes=True)


def _accreditation(accreditation: Accreditation) -> AccreditationResponse:
    return AccreditationResponse.model_validate(accreditation, from_attributes=True)


def _event(event: AccreditationEvent) -> AccreditationEventResponse:
    return AccreditationEventResponse.model_validate(event, from_attributes=True)


def _detail(accreditation: Accreditation, events: list[AccreditationEvent]) -> AccreditationDetailResponse:
    return AccreditationDetailResponse(
        **_accreditation(accreditation).model_dump(),
        credential=read_recorded_document(accreditation.content),
        events=[_event(event) for event in events],
    )


@router.get(
    "/v1/registry/bodies",
    operation_id="listNationalBodies",
    summary="List the national bodies",
    dependencies=TELLS_AGE,
    responses=problem_responses(),
)
def list_national_bodies(application: ApplicationDep) -> list[NationalBodyResponse]:
    """All national bodies that are or were enrolled."""
    return [_body(body) for body in application.list_national_bodies()]


@router.get(
    "/v1/registry/bodies/{did}",
    operation_id="getNationalBody",
    summary="Get a national body",
    dependencies=TELLS_AGE,
    responses=problem_responses(404, 422),
)
def get_national_body(application: ApplicationDep, did: Segment) -> NationalBodyResponse:
    """The national body with exactly that DID."""
    return _body(application.get_national_body(did))


@router.post(
    "/v1/registry/bodies",
    operation_id="enrolNationalBody",
    summary="Enrol a national body",
    status_code=201,
    responses=problem_responses(401, 403, 408, 409, 415, 422),
    openapi_extra=json_request(
        EnrolNationalBodyRequest,
        body={"did": "did:web:body.example", "name": "National Skills Authority", "country": "PH"},
    ),
)
def enrol_national_body(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[EnrolNationalBodyRequest, Depends(JsonBody(EnrolNationalBodyRequest))],
) -> NationalBodyResponse:
    """Enrol a national body (operator only)."""
    return _body(
        application.enrol_national_body(
            actor, did=body.did, name=body.name, country=body.country, website=body.website
        )
    )


@router.get(
    "/v1/registry/accreditations",
    operation_id="listAccreditations",
    summary="List accreditations",
    dependencies=TELLS_AGE,
    responses=problem_responses(422),
)
def list_accreditations(
    application: ApplicationDep,
    provider: Annotated[str | None, Query(max_length=MAX_SEGMENT_CHARACTERS, description="DID")] = None,
    body: Annotated[str | None, Query(max_length=MAX_SEGMENT_CHARACTERS, description="DID")] = None,
) -> list[AccreditationResponse]:
    """Accreditations of a provider, by a body, or all."""
    found = application.list_accreditations(provider_did=provider, body_did=body)
    return [_accreditation(accreditation) for accreditation in found]


@router.get(
    ACCREDITATIONS_PATH + "{accreditation_id:path}",
    operation_id="getAccreditation",
    summary="Get an accreditation",
    dependencies=TELLS_AGE,
    responses=problem_responses(404, 422),
)
def get_accreditation(
    application: ApplicationDep,
    accreditation_id: Segment,
) -> AccreditationDetailResponse:
    """The accreditation as signed, and what happened to it since. One that another deployment gave, as they are in a
    copy of its registry, is named by its whole identifier, percent-encoded."""
    identifier = identifier_of(accreditation_id, application.settings.base_url, ACCREDITATIONS_PATH)
    found = application.get_accreditation(identifier)
    return _detail(found.accreditation, list(found.events))


@router.post(
    ACCREDITATIONS_PATH.rstrip("/"),
    operation_id="accreditProvider",
    summary="Accredit a provider",
    status_code=201,
    responses=problem_responses(401, 403, 408, 409, 415, 422),
    openapi_extra=json_request(
        AccreditProviderRequest,
        training={
            "provider_did": "did:web:provider.example",
            "provider_name": "Harbour Training Centre",
            "scope": {
                "profiles": ["training", "proficiency"],
                "isced_fields": ["0715"],
                "max_level": {"framework": "EQF", "level": "4"},
                "countries": ["PH"],
            },
            "valid_from": "2026-01-01T00:00:00Z",
            "valid_until": "2030-12-31T23:59:59Z",
        },
    ),
)
def accredit_provider(
    application: ApplicationDep,
    actor: ActorDep,
    idempotency_key: IdempotencyKey,
    body: Annotated[AccreditProviderRequest, Depends(JsonBody(AccreditProviderRequest))],
) -> AccreditationDetailResponse:
    """Accredit a provider in the name of the caller's national body."""
    level = body.scope.max_level
    scope = AccreditationScope(
        profiles=tuple(body.scope.profiles),
        isced_fields=tuple(body.scope.isced_fields),
        max_level=None if level is None else ScopeLevel(level.framework, level.level),
        countries=tuple(body.scope.countries),
        action=Action(body.scope.action),
    )
    wanted = AccreditationRequest(
        provider_did=body.provider_did,
        provider_name=body.provider_name,
        scope=scope,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
    )
    return _detail(application.accredit_provider(actor, wanted, idempotency_key), [])


@router.post(
    ACCREDITATIONS_PATH + "{accreditation_id}/events",
    operation_id="changeAccreditation",
    summary="Suspend, reinstate, end or withdraw an accreditation, or name a successor",
    status_code=201,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(
        ChangeAccreditationRequest,
        suspension={
            "kind": "suspended",
            "effective_at": "2026-09-01T00:00:00Z",
            "reason": "Inspection found no qualified assessors.",
        },
        merger={
            "kind": "succeeded",
            "effective_at": "2026-09-01T00:00:00Z",
            "reason": "The two schools have become one.",
            "successor": {"kind": "merger", "did": "did:web:new.example", "name": "United Training Centre"},
        },
    ),
)
def change_accreditation(
    application: ApplicationDep,
    actor: ActorDep,
    accreditation_id: Segment,
    body: Annotated[ChangeAccreditationRequest, Depends(JsonBody(ChangeAccreditationRequest))],
) -> AccreditationEventResponse:
    """Record what the caller's national body decided about one of its accreditations."""
    follows = body.successor
    return _event(
        application.change_accreditation(
            actor,
            identifier_of(accreditation_id, application.settings.base_url, ACCREDITATIONS_PATH),
            kind=AccreditationEventKind(body.kind),
            effective_at=body.effective_at,
            reason=body.reason,
            successor=None if follows is None else Succession(follows.kind, follows.did, follows.name),
        )
    )

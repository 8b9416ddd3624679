"""Signing keys of the caller's organisation. Private parts never leave the key manager."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from skillcred.services.records import SigningKey
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import Instant, JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep

router = APIRouter(tags=["keys"])

AlgorithmName = Literal["Ed25519", "P-256", "P-384", "BLS12381G2", "ML-DSA-44"]


class CreateKeyRequest(RequestModel):
    """A key to be made."""

    algorithm: AlgorithmName = "Ed25519"


class RotateKeyRequest(RequestModel):
    """The active key is to be replaced; without an algorithm, by one of its own kind."""

    algorithm: AlgorithmName | None = None


class KeyResponse(BaseModel):
    """The public part and the life of a key. `id` is its verification method."""

    id: str
    algorithm: str
    public_key_multibase: str
    state: str
    activated_at: datetime
    retired_at: datetime | None
    compromised_at: datetime | None


class ReportStolenKeyRequest(RequestModel):
    """Since when somebody else may have the key; from now on, if it is not known."""

    since: Instant | None = None


class NotSignedAnewResponse(BaseModel):
    """A status list that still has the signature of a stolen key, and the stable code of why."""

    list_id: str
    view: str
    code: str


class StolenKeyResponse(BaseModel):
    """The key as it is recorded now, how many status lists were signed anew, and those that could not be: until they
    are, no credential in them is valid."""

    key: KeyResponse
    lists_signed_anew: int
    lists_not_signed: list[NotSignedAnewResponse]


def _response(key: SigningKey) -> KeyResponse:
    return KeyResponse.model_validate(key, from_attributes=True)


@router.get(
    "/v1/keys",
    operation_id="listKeys",
    summary="List the organisation's keys",
    responses=problem_responses(401, 403),
)
def list_keys(application: ApplicationDep, actor: ActorDep) -> list[KeyResponse]:
    """All keys of the caller's organisation, also those no longer in use."""
    return [_response(key) for key in application.list_keys(actor)]


@router.post(
    "/v1/keys",
    operation_id="createKey",
    summary="Make a key",
    status_code=201,
    responses=problem_responses(401, 403, 408, 409, 415, 422),
    openapi_extra=json_request(CreateKeyRequest, ed25519={"algorithm": "Ed25519"}),
)
def create_key(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[CreateKeyRequest, Depends(JsonBody(CreateKeyRequest))],
) -> KeyResponse:
    """Make a key of an algorithm that the organisation has no active key of."""
    return _response(application.create_key(actor, body.algorithm))


@router.post(
    "/v1/keys/rotate",
    operation_id="rotateKey",
    summary="Replace the active key",
    status_code=201,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(RotateKeyRequest, same_kind={}),
)
def rotate_key(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[RotateKeyRequest, Depends(JsonBody(RotateKeyRequest))],
) -> KeyResponse:
    """Make a new active key and retire the old one, in one step."""
    return _response(application.rotate_key(actor, body.algorithm))


@router.post(
    "/v1/keys/{key_id}/retire",
    operation_id="retireKey",
    summary="Retire a key",
    responses=problem_responses(401, 403, 404, 409, 422),
)
def retire_key(
    application: ApplicationDep,
    actor: ActorDep,
    key_id: Segment,
) -> KeyResponse:
    """Stop signing with a key. What it signed while it was active still verifies."""
    return _response(application.retire_key(actor, key_id))


@router.post(
    "/v1/keys/{key_id}/compromise",
    operation_id="reportStolenKey",
    summary="Report a key as stolen",
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(ReportStolenKeyRequest, now={}, known={"since": "2026-09-01T00:00:00Z"}),
)
def report_stolen_key(
    application: ApplicationDep,
    actor: ActorDep,
    key_id: Segment,
    body: Annotated[ReportStolenKeyRequest, Depends(JsonBody(ReportStolenKeyRequest))],
) -> StolenKeyResponse:
    """Report a key of the caller's organisation as stolen, for good: of what it signed, only what provably existed
    before is believed. Status lists are signed anew with a sound key at once. It may be repeated."""
    done = application.report_stolen_key(actor, key_id, body.since)
    return StolenKeyResponse(
        key=_response(done.key),
        lists_signed_anew=len(done.lists.published),
        lists_not_signed=[
            NotSignedAnewResponse(list_id=each.list_id, view=each.view.value, code=each.code)
            for each in done.lists.failed
        ],
    )

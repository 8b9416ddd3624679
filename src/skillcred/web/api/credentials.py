"""Credentials: issue one, get it again byte for byte."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from skillcred.securing import MECHANISM_NAMES, secured_media_type
from skillcred.services.identities import CREDENTIALS_PATH
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.records import StoredCredential
from skillcred.web.api.identifiers import Segment, identifier_of, path_of
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep, IdempotencyKey
from skillcred.web.media_types import CREDENTIAL, ENVELOPES, JSON, choose_media_type

DEFAULT_MECHANISM: Final = "eddsa-rdfc-2022"
DESCRIBED: Final = (CREDENTIAL, JSON, *ENVELOPES)

router = APIRouter(tags=["credentials"])


class IssueCredentialRequest(RequestModel):
    """A credential to be issued by the caller's organisation."""

    profile: str = Field(max_length=64, description="Kind of credential", examples=["training"])
    credential: dict[str, Any] = Field(
        description="What the credential says, with the member names of the standards (name, credentialSubject, "
        "awardedDate, validFrom, validUntil, …). Issuer, id, proof and the like are added by the service."
    )
    securing_mechanism: str = Field(default=DEFAULT_MECHANISM, max_length=64)
    revocable: bool = Field(default=True, description="Whether its status can be looked up and changed")
    holder_key: dict[str, Any] | None = Field(
        default=None,
        description="The holder's public key as JWK, for mechanisms that bind to one (dc+sd-jwt, vc+sd-jwt)",
    )
    second_mechanism: str | None = Field(
        default=None,
        max_length=64,
        description="An experimental cryptosuite for one more proof, mldsa44-rdfc-2024 or mldsa44-jcs-2024",
    )
    renews: str | None = Field(
        default=None,
        max_length=2048,
        description="Id of the credential that this one takes the place of; if that is revoked, so is this",
    )


def _signed(description: str) -> dict[str, Any]:
    whole = {"type": "object", "description": "The signed credential"}
    enveloped = {"type": "string", "description": "The credential in its envelope"}
    content = {name: {"schema": enveloped if name in ENVELOPES else whole} for name in DESCRIBED}
    return {"description": description, "content": content}


def _offered(media_type: str) -> tuple[str, ...]:
    """What a credential of `media_type` can be sent as; an envelope is no JSON."""
    return (CREDENTIAL, JSON) if media_type == CREDENTIAL else (media_type,)


def _response(
    request: Request, credential: StoredCredential, status: int, headers: dict[str, str]
) -> Response:
    media_type = choose_media_type(request, _offered(credential.media_type))
    return Response(credential.content, status, {"Vary": "Accept", **headers}, media_type)


@router.post(
    CREDENTIALS_PATH.rstrip("/"),
    operation_id="issueCredential",
    summary="Issue a credential",
    status_code=201,
    response_class=Response,
    responses={
        201: _signed("The signed credential"),
        **problem_responses(401, 403, 404, 406, 408, 409, 415, 422),
    },
    openapi_extra=json_request(IssueCredentialRequest),
)
def issue_credential(
    request: Request,
    application: ApplicationDep,
    actor: ActorDep,
    idempotency_key: IdempotencyKey,
    body: Annotated[IssueCredentialRequest, Depends(JsonBody(IssueCredentialRequest))],
) -> Response:
    """Issue and sign a credential. Sending the same again under the same key gives the same bytes again."""
    if body.securing_mechanism in MECHANISM_NAMES:  # before anything is issued
        choose_media_type(request, _offered(secured_media_type(body.securing_mechanism)))
    wanted = IssuanceRequest(
        body.profile,
        body.credential,
        body.securing_mechanism,
        body.revocable,
        holder_key=body.holder_key,
        second_mechanism=body.second_mechanism,
        renews=body.renews,
    )
    stored = application.issue_credential(actor, wanted, idempotency_key)
    location = path_of(stored.credential_id, application.settings.base_url, CREDENTIALS_PATH)
    return _response(request, stored, 201, {"Location": location})


@router.get(
    CREDENTIALS_PATH + "{credential_id}",
    operation_id="getCredential",
    summary="Get an issued credential",
    response_class=Response,
    responses={200: _signed("The signed credential"), **problem_responses(401, 403, 404, 406, 422)},
)
def get_credential(
    request: Request,
    application: ApplicationDep,
    actor: ActorDep,
    credential_id: Segment,
) -> Response:
    """The credential as it was handed out, if the caller's organisation issued it."""
    identifier = identifier_of(credential_id, application.settings.base_url, CREDENTIALS_PATH)
    return _response(request, application.get_credential(actor, identifier), 200, {})

"""What wallets read first: metadata of credential issuers and their authorization servers, and offers by reference.

Metadata is where the specification puts it, between host and path, and after the path as well, where older wallets
look.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import NotFoundError
from skillcred.exchange.oid4vci.identifiers import WellKnown
from skillcred.exchange.oid4vci.metadata import choose_media_type
from skillcred.services.offer_forms import OFFERS_PATH
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import problem_responses
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.middleware.security_headers import PUBLIC_ARTEFACT_HEADERS
from skillcred.web.oid4vci.oauth_route import answer_preflight, oauth_json

CACHE_SECONDS: Final = 60
"""Short, because wallets refuse what was signed with a key that is gone."""
ISSUER: Final = WellKnown.CREDENTIAL_ISSUER.value
SERVER: Final = WellKnown.AUTHORIZATION_SERVER.value
BELOW: Final = "/issuers/{slug}/.well-known/"

router = APIRouter(tags=["wallets"])
IssuerPath = Annotated[
    str, Path(description="The path of the credential issuer identifier, such as issuers/school")
]
_object: Final[dict[str, Any]] = {"schema": {"type": "object"}}
_issuer_responses: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Credential issuer metadata",
        "content": {"application/json": _object, "application/jwt": {"schema": {"type": "string"}}},
    },
    **problem_responses(404),
}
_responses: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The document", "content": {"application/json": _object}},
    **problem_responses(404),
}


def _public(content: bytes, media_type: str) -> Response:
    headers = {
        **PUBLIC_ARTEFACT_HEADERS,
        "Cache-Control": f"public, max-age={CACHE_SECONDS}",
        "Vary": "Accept",
    }
    return Response(content, headers=headers, media_type=media_type)


def _json(document: JsonObject) -> Response:
    return _public(json.dumps(document, ensure_ascii=False).encode("utf-8"), "application/json")


def _issuer_metadata(request: Request, application: ApplicationDep, slug: str) -> Response:
    publish = application.wallet_issuing.publish_metadata
    accepted = ",".join(request.headers.getlist("accept"))
    if choose_media_type(accepted or None) == "application/jwt":
        return _public(publish.signed(slug), "application/jwt")
    return _json(publish(slug))


def _slug_of(application: ApplicationDep, path: str) -> str:
    """The slug of the issuer whose identifier has this path."""
    slug = application.wallet_issuing.issuers.slug_of_path(path)
    if slug is None:
        raise NotFoundError("There is no such credential issuer.")
    return slug


@router.get(
    f"/.well-known/{ISSUER}/{{issuer_path:path}}",
    operation_id="getCredentialIssuerMetadata",
    summary="Get the metadata of a credential issuer",
    response_class=Response,
    responses=_issuer_responses,
)
def get_credential_issuer_metadata(
    request: Request, application: ApplicationDep, issuer_path: IssuerPath
) -> Response:
    """What a provider issues into wallets, and where (OID4VCI 1.0 section 12.2); signed if only that is accepted."""
    return _issuer_metadata(request, application, _slug_of(application, issuer_path))


@router.get(
    BELOW + ISSUER,
    operation_id="getCredentialIssuerMetadataBelow",
    summary="Get the metadata of a credential issuer, where older wallets look",
    response_class=Response,
    responses=_issuer_responses,
)
def get_credential_issuer_metadata_below(
    request: Request, application: ApplicationDep, slug: Segment
) -> Response:
    """The same as below the well-known address of the host."""
    return _issuer_metadata(request, application, slug)


@router.get(
    f"/.well-known/{SERVER}/{{issuer_path:path}}",
    operation_id="getAuthorizationServerMetadata",
    summary="Get the metadata of the authorization server of a credential issuer",
    response_class=Response,
    responses=_responses,
)
def get_authorization_server_metadata(application: ApplicationDep, issuer_path: IssuerPath) -> Response:
    """Where and how a wallet gets access tokens (RFC 8414)."""
    return _json(
        application.wallet_issuing.publish_metadata.authorization_server(_slug_of(application, issuer_path))
    )


@router.get(
    BELOW + SERVER,
    operation_id="getAuthorizationServerMetadataBelow",
    summary="Get the metadata of an authorization server, where older wallets look",
    response_class=Response,
    responses=_responses,
)
def get_authorization_server_metadata_below(application: ApplicationDep, slug: Segment) -> Response:
    """The same as below the well-known address of the host."""
    return _json(application.wallet_issuing.publish_metadata.authorization_server(slug))


OFFER_PATH: Final = f"/issuers/{{slug}}/{OFFERS_PATH}/{{reference}}"


@router.get(
    OFFER_PATH,
    operation_id="readCredentialOffer",
    summary="Read a credential offer that was handed on by reference",
    response_class=Response,
    responses=_responses,
)
def read_credential_offer(application: ApplicationDep, slug: Segment, reference: Segment) -> Response:
    """The offer (OID4VCI 1.0 section 4.1.3), as often as it is asked for until it is claimed."""
    response = oauth_json(application.wallet_issuing.view_offers.read(slug, reference))
    response.headers.update(PUBLIC_ARTEFACT_HEADERS)
    return response


answer_preflight(router, OFFER_PATH, BELOW + ISSUER, BELOW + SERVER)

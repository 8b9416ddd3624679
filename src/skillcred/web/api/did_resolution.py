"""DID resolution over HTTP: one address for two generations of clients, told apart by `Accept`.

DID Resolution 1.0 (Candidate Recommendation), section 10.1 (HTTP(S) Binding): `application/did-resolution`,
`application/did-url-dereferencing`, or the media type of a bare document. Clients of the Universal Resolver and of
the did:key suite send `application/ld+json;profile="https://w3id.org/did-resolution"` and read string codes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from skillcred.encoding.json_types import JsonObject
from skillcred.identifiers.resolution import (
    Asked,
    ResolutionAnswer,
    ResolutionFault,
    ResolutionOptions,
)
from skillcred.web.api.openapi import problem_responses
from skillcred.web.dependencies import ApplicationDep, limit_resolutions
from skillcred.web.faults import NotAcceptableError
from skillcred.web.media_types import MAX_HEADER_CHARACTERS, choose_media_type
from skillcred.web.middleware.security_headers import PUBLIC_ARTEFACT_HEADERS

PATH: Final = "/1.0/identifiers/{identifier:path}"
RESOLUTION: Final = "application/did-resolution"
DEREFERENCING: Final = "application/did-url-dereferencing"
DOCUMENTS: Final = (
    "application/did",
    "application/did+json",
    "application/did+ld+json",
    "application/json",
    "application/ld+json",
)
LEGACY_PROFILE: Final = "https://w3id.org/did-resolution"
LEGACY_MEDIA_TYPE: Final = f'application/ld+json;profile="{LEGACY_PROFILE}"'
LEGACY_CONTEXT: Final = "https://w3id.org/did-resolution/v1"
ERROR_TYPES: Final = "https://www.w3.org/ns/did#"
KEY_ERROR_TYPES: Final = "https://w3id.org/security#"
FEATURES: Final = frozenset(
    {"service", "serviceType", "relativeRef", "versionId", "versionTime", "hl", "transformKeys"}
    | {"expandRelativeUrls", "verificationRelationship", "noCache"}
)
"""Options of the specification that no method here can honour; leaving one unheard could give a wrong key."""

STATUSES: Final[Mapping[ResolutionFault, int]] = MappingProxyType(
    {
        ResolutionFault.INVALID_DID: 400,
        ResolutionFault.INVALID_DID_URL: 400,
        ResolutionFault.INVALID_OPTIONS: 400,
        ResolutionFault.NOT_FOUND: 404,
        ResolutionFault.REPRESENTATION_NOT_SUPPORTED: 406,
        ResolutionFault.INVALID_DID_DOCUMENT: 500,
        ResolutionFault.METHOD_NOT_SUPPORTED: 501,
        ResolutionFault.FEATURE_NOT_SUPPORTED: 501,
        ResolutionFault.INTERNAL_ERROR: 500,
        ResolutionFault.INVALID_PUBLIC_KEY: 400,
        ResolutionFault.INVALID_PUBLIC_KEY_LENGTH: 400,
        ResolutionFault.INVALID_PUBLIC_KEY_TYPE: 400,
        ResolutionFault.UNSUPPORTED_PUBLIC_KEY_TYPE: 400,
    }
)
"""DID Resolution 1.0 section 10.1; for did:key's own errors, which it does not list, as for a DID that is wrong."""
TITLES: Final[Mapping[ResolutionFault, str]] = MappingProxyType(
    {
        ResolutionFault.INVALID_DID: "This is not a DID that can exist.",
        ResolutionFault.INVALID_DID_URL: "This is not a DID URL.",
        ResolutionFault.INVALID_OPTIONS: "An option is not known or has a wrong value.",
        ResolutionFault.NOT_FOUND: "There is no such document or part of it.",
        ResolutionFault.REPRESENTATION_NOT_SUPPORTED: "The answer cannot be written as was asked.",
        ResolutionFault.INVALID_DID_DOCUMENT: "What is published for this DID is not a document about it.",
        ResolutionFault.METHOD_NOT_SUPPORTED: "DIDs of this method are not resolved here.",
        ResolutionFault.FEATURE_NOT_SUPPORTED: "Only DIDs and DID URLs with a fragment are resolved here.",
        ResolutionFault.INTERNAL_ERROR: "The document could not be had.",
        ResolutionFault.INVALID_PUBLIC_KEY: "The key in this DID is not a good one.",
        ResolutionFault.INVALID_PUBLIC_KEY_LENGTH: "The key in this DID has not the length that its type says.",
        ResolutionFault.INVALID_PUBLIC_KEY_TYPE: "Keys of this type are not written in that format.",
        ResolutionFault.UNSUPPORTED_PUBLIC_KEY_TYPE: "Keys of this type are not supported.",
    }
)

router = APIRouter(tags=["DID documents"])


class Generation(Enum):
    """Who is asking: a client of DID Resolution 1.0, or one of the string codes before it."""

    CURRENT = "current"
    LEGACY = "legacy"


@router.get(
    PATH,
    operation_id="resolveDid",
    summary="Resolve a DID or dereference a DID URL",
    response_class=Response,
    responses={
        200: {
            "description": "A resolution or dereferencing result, or a bare document, as `Accept` asks",
            "content": {
                media_type: {"schema": {"type": "object"}}
                for media_type in (RESOLUTION, DEREFERENCING, *DOCUMENTS)
            },
        },
        **{
            status: {
                "description": "Why not, in the resolution metadata",
                "content": {
                    media_type: {"schema": {"type": "object"}}
                    for media_type in (RESOLUTION, DEREFERENCING, "application/ld+json")
                }
                # what has a line break in it is no path of this route, and so a problem like any other address
                | (problem_responses(404)[404]["content"] if status == 404 else {}),
            }
            for status in (400, 404, 406, 500, 501)
        },
        429: problem_responses(429)[429],
        503: problem_responses(503)[503],
    },
    dependencies=[Depends(limit_resolutions)],
)
def resolve_did(
    request: Request,
    application: ApplicationDep,
    identifier: str = Path(description="A DID or DID URL, percent-encoded", examples=["did:web:example.com"]),
) -> Response:
    """The document of a DID, or the verification method that a DID URL names."""
    generation = _generation_of(request)
    options, fault = _read_options(request)
    if fault is not None:
        unread = Asked(identifier, None, is_url=False)
        return _write(ResolutionAnswer(unread, fault=fault), generation, RESOLUTION)
    answer = application.resolve_did(identifier, options)
    if generation is Generation.LEGACY:
        return _write(answer, generation, LEGACY_MEDIA_TYPE)
    first, second = (DEREFERENCING, RESOLUTION) if answer.asked.is_url else (RESOLUTION, DEREFERENCING)
    try:
        media_type = choose_media_type(request, (first, second, *DOCUMENTS))
    except NotAcceptableError:
        refused = ResolutionAnswer(answer.asked, fault=ResolutionFault.REPRESENTATION_NOT_SUPPORTED)
        return _write(refused, generation, first)
    return _write(answer, generation, media_type)


def _generation_of(request: Request) -> Generation:
    header = ",".join(request.headers.getlist("accept"))[:MAX_HEADER_CHARACTERS]
    for part in header.split(","):
        name, *parameters = (text.strip() for text in part.split(";"))
        profiles = [text for text in parameters if text.lower().startswith("profile=")]
        if name.lower() == "application/ld+json" and any(LEGACY_PROFILE in text for text in profiles):
            return Generation.LEGACY
    return Generation.CURRENT


def _read_options(request: Request) -> tuple[ResolutionOptions, ResolutionFault | None]:
    query = request.query_params
    experimental = query.get("enableExperimentalPublicKeyTypes", "false")
    options = ResolutionOptions(query.get("publicKeyFormat"), experimental == "true")
    names = set(query) - {"publicKeyFormat", "enableExperimentalPublicKeyTypes"}
    if names - FEATURES or len(query) != len(query.multi_items()) or experimental not in ("true", "false"):
        return options, ResolutionFault.INVALID_OPTIONS
    return options, ResolutionFault.FEATURE_NOT_SUPPORTED if names else None


def _write(answer: ResolutionAnswer, generation: Generation, media_type: str) -> Response:
    status = 200 if answer.fault is None else STATUSES[answer.fault]
    body: JsonObject
    if generation is Generation.LEGACY:
        body, media_type = _legacy_body(answer), LEGACY_MEDIA_TYPE
    elif answer.fault is None and media_type in DOCUMENTS:
        body = answer.resource or {}
    elif media_type == DEREFERENCING:
        body = _result(answer, media_type, ("contentStream", "contentMetadata", "dereferencingMetadata"))
    else:
        media_type = RESOLUTION
        body = _result(answer, media_type, ("didDocument", "didDocumentMetadata", "didResolutionMetadata"))
    content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return Response(content, status, {**PUBLIC_ARTEFACT_HEADERS, "Vary": "Accept"}, media_type)


def _result(answer: ResolutionAnswer, media_type: str, names: tuple[str, str, str]) -> JsonObject:
    metadata: JsonObject = {"contentType": media_type}
    if answer.fault is not None:
        base = KEY_ERROR_TYPES if "PUBLIC_KEY" in answer.fault.name else ERROR_TYPES
        metadata["error"] = {"type": base + answer.fault.name, "title": TITLES[answer.fault]}
    resource, resource_metadata, result_metadata = names
    return {resource: answer.resource, resource_metadata: {}, result_metadata: metadata}


def _legacy_body(answer: ResolutionAnswer) -> JsonObject:
    """What the did:key suite reads: `didDocument` is there in any case, as an empty object if there is none."""
    metadata: JsonObject = {"contentType": "application/did+ld+json"}
    if answer.fault is not None:
        metadata = {"error": answer.fault.legacy, "message": TITLES[answer.fault]}
    name = "didDereferencingMetadata" if answer.asked.is_url else "didResolutionMetadata"
    return {
        "@context": LEGACY_CONTEXT,
        "didDocument": answer.resource or {},
        "didDocumentMetadata": {},
        name: metadata,
    }

"""The VC-API: issue, verify, derive, change a status. See `docs/operations.md` for when it is there at all."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from skillcred.bootstrap import Application
from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.errors import InputError, NotFoundError
from skillcred.model.conformance import BASE_CONTEXT_2, ENVELOPED_CREDENTIAL
from skillcred.services.identities import STATUS_LISTS_PATH
from skillcred.services.interop import INTEROP_PATH, Interop
from skillcred.services.issue_interop_credential import SignedDocument
from skillcred.services.records import StatusView
from skillcred.verification import build_presentation_report_json, build_report_json
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.api.status_lists import list_responses, offered_types, parse_view, status_list_response
from skillcred.web.bodies import parse_request, read_json_body
from skillcred.web.dependencies import ApplicationDep, limit_verifications
from skillcred.web.media_types import JSON, choose_media_type
from skillcred.web.vcapi.requests import (
    DeriveRequest,
    IssueInteropRequest,
    UpdateStatusRequest,
    VerifyCredentialRequest,
    VerifyPresentationRequest,
    answer,
)
from skillcred.web.vcapi.results import result_response

router = APIRouter(prefix=INTEROP_PATH, tags=["VC-API"], dependencies=[Depends(limit_verifications)])
JsonContent = Annotated[bytes, Depends(read_json_body)]
_OBJECT: Final[dict[str, Any]] = {"application/json": {"schema": {"type": "object"}}}
_FAULTS: Final = problem_responses(408, 415, 429)


def _interop(application: Application) -> Interop:
    if application.interop is None:
        raise NotFoundError("The VC-API is not switched on.")
    return application.interop


@router.get(
    "/issuers",
    operation_id="listInteropIssuers",
    summary="List the issuing endpoints",
    response_class=Response,
    responses={
        200: {"description": "Endpoints with their DIDs", "content": _OBJECT},
        **problem_responses(429),
    },
)
def list_issuers(application: ApplicationDep) -> Response:
    """What to write into the configuration of a test suite: where to issue, as whom, with what."""
    issuers = [
        {
            "id": issuer.did,
            "endpoint": f"{application.settings.base_url}{INTEROP_PATH}/{issuer.name}/credentials/issue",
            "mechanism": issuer.mechanism,
            "algorithm": issuer.algorithm.value,
            "credentialStatus": issuer.has_status,
        }
        for issuer in _interop(application).issuers.values()
    ]
    return Response(json.dumps({"issuers": issuers}), media_type=JSON)


@router.post(
    "/{issuer}/credentials/issue",
    operation_id="issueInteropCredential",
    summary="Sign a credential as it is, for a test",
    status_code=201,
    response_class=Response,
    responses={
        201: {"description": "The secured credential", "content": _OBJECT},
        **_FAULTS,
        **problem_responses(404),
    },
    openapi_extra=json_request(IssueInteropRequest),
)
def issue_credential(
    request: Request, application: ApplicationDep, issuer: Segment, content: JsonContent
) -> Response:
    """Sign the credential with the key and the mechanism of the endpoint. Where the name of the endpoint ends in
    `-status`, the credential gets an entry of a status list, which lasts as long as the process."""
    interop = _interop(application)
    if issuer not in interop.issuers:
        raise NotFoundError("There is no such issuing endpoint.")

    def work() -> Response:
        body = parse_request(IssueInteropRequest, content)
        options = body.options.model_dump(exclude_none=True, exclude={"credentialId"})
        signed = interop.issue_credential(issuer, body.credential, options, body.options.credentialId)
        return Response(_written(signed), 201, media_type=JSON)

    return answer(request, work)


@router.post(
    "/credentials/verify",
    operation_id="verifyInteropCredential",
    summary="Verify a credential of anybody",
    response_class=Response,
    responses={200: {"description": "It holds, with what else was found", "content": _OBJECT}, **_FAULTS},
    openapi_extra=json_request(VerifyCredentialRequest),
)
def verify_credential(request: Request, application: ApplicationDep, content: JsonContent) -> Response:
    """200 if signature and data model are in order; issuer and trust are findings in the body."""
    interop = _interop(application)

    def work() -> Response:
        body = parse_request(VerifyCredentialRequest, content)
        _check_expectations(body.verifiableCredential, body.options.domain, body.options.challenge)
        report = interop.verify_credential(body.verifiableCredential)
        return result_response(
            [report.steps],
            build_report_json(report),
            checks=body.options.checks,
            request_id=request.state.request_id,
        )

    return answer(request, work)


@router.post(
    "/presentations/verify",
    operation_id="verifyInteropPresentation",
    summary="Verify a presentation of anybody",
    response_class=Response,
    responses={200: {"description": "It holds, with what else was found", "content": _OBJECT}, **_FAULTS},
    openapi_extra=json_request(VerifyPresentationRequest),
)
def verify_presentation(request: Request, application: ApplicationDep, content: JsonContent) -> Response:
    """200 if the presentation and each credential in it are in order. One without a proof is taken as it is,
    unless a challenge or a domain was to be answered."""
    interop = _interop(application)

    def work() -> Response:
        body = parse_request(VerifyPresentationRequest, content)
        given = [item for item in (body.verifiablePresentation, body.presentation) if item is not None]
        if len(given) != 1:
            raise InputError("Send one verifiablePresentation, or one presentation.", code="invalid_value")
        options = body.options
        report = interop.verify_credential.presentation(
            given[0], challenge=options.challenge, domain=options.domain
        )
        return result_response(
            [report.steps, *(item.report.steps for item in report.credentials)],
            build_presentation_report_json(report),
            checks=options.checks,
            request_id=request.state.request_id,
        )

    return answer(request, work)


@router.post(
    "/credentials/derive",
    operation_id="deriveInteropCredential",
    summary="Make a credential that shows less",
    status_code=201,
    response_class=Response,
    responses={201: {"description": "The derived credential", "content": _OBJECT}, **_FAULTS},
    openapi_extra=json_request(DeriveRequest),
)
def derive_credential(request: Request, application: ApplicationDep, content: JsonContent) -> Response:
    """What a holder's wallet does, offered for test suites."""
    interop = _interop(application)

    def work() -> Response:
        body = parse_request(DeriveRequest, content)
        derived = interop.derive_credential(body.verifiableCredential, body.options.selectivePointers)
        return Response(derived, 201, media_type=JSON)

    return answer(request, work)


@router.post(
    "/credentials/status",
    operation_id="changeInteropStatus",
    summary="Change the status of a credential that was issued here",
    response_class=Response,
    responses={
        200: {"description": "The status that holds now", "content": _OBJECT},
        **_FAULTS,
        **problem_responses(404, 409),
    },
    openapi_extra=json_request(UpdateStatusRequest),
)
def change_status(request: Request, application: ApplicationDep, content: JsonContent) -> Response:
    """For credentials of the endpoints with a status. The next time that somebody gets the list, it tells."""
    interop = _interop(application)

    def work() -> Response:
        body = parse_request(UpdateStatusRequest, content)
        view = StatusView(body.credentialStatus.statusPurpose)
        interop.statuses.set_status(body.credentialId, view, body.status, body.credentialStatus.stated())
        held: JsonObject = {
            "credentialId": body.credentialId,
            "statusPurpose": view.value,
            "status": body.status,
        }
        return Response(_encode(held), media_type=JSON)

    return answer(request, work)


@router.get(
    STATUS_LISTS_PATH + "{list_id}/{view}",
    operation_id="getInteropStatusList",
    summary="Get a status list of a test issuer",
    response_class=Response,
    responses={**list_responses(), **problem_responses(429)},
)
def get_status_list(
    request: Request, application: ApplicationDep, list_id: Segment, view: Segment
) -> Response:
    """The current version of a status list of the credentials that were issued here."""
    interop = _interop(application)
    wanted = parse_view(view)
    media_type = choose_media_type(request, offered_types(wanted))
    return status_list_response(request, interop.statuses.get_list(list_id, wanted), media_type)


def _encode(document: JsonObject) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _written(signed: SignedDocument) -> bytes:
    """The signed credential as JSON: as it is, or as an EnvelopedVerifiableCredential (VCDM 2.0 section 4.13)."""
    if signed.media_type == "application/vc":
        return signed.content
    binary = signed.media_type.endswith("+cose")
    data = base64.b64encode(signed.content) if binary else signed.content
    url = f"data:{signed.media_type}{';base64' if binary else ''},{data.decode('ascii')}"
    return _encode({"@context": BASE_CONTEXT_2, "type": ENVELOPED_CREDENTIAL, "id": url})


def _check_expectations(document: JsonObject, domain: str | None, challenge: str | None) -> None:
    """Every proof must name the domain and challenge that were asked for. What it says is checked by signature
    afterwards (Data Integrity 1.0 section 4.4, steps 9 and 10)."""
    for name, wanted in (("domain", domain), ("challenge", challenge)):
        for proof in as_list(document.get("proof")):
            if wanted is not None and (not isinstance(proof, dict) or wanted not in as_list(proof.get(name))):
                raise InputError(f"A proof was made for another {name}.", code=f"{name}_mismatch")

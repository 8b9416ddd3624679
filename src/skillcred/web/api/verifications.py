"""Verifications: hand in a document, get the report. Public, rate-limited, nothing is kept (SECURITY PR-07)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from skillcred.model.datetimes import parse_instant
from skillcred.services.report_bytes import encode_report
from skillcred.web.api.openapi import problem_responses
from skillcred.web.api.plain_verifications import VERIFICATIONS_PATH
from skillcred.web.bodies import FILE_PART, SubmittedDocument, read_submitted_document
from skillcred.web.dependencies import ApplicationDep, limit_verifications
from skillcred.web.media_types import (
    CREDENTIAL,
    ENVELOPES,
    IMAGES,
    JSON,
    JSON_LD,
    MULTIPART_FORM,
    PRESENTATION,
)

router = APIRouter(tags=["verifications"])

_Outcome = Literal["passed", "failed", "indeterminate", "not_applicable"]


class _Response(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProblemResponse(_Response):
    """One finding."""

    code: str
    message: str
    pointer: str | None
    type: str


class EvidenceReferenceResponse(_Response):
    """Evidence that a check lacked."""

    kind: str
    id: str


class StepResponse(_Response):
    """One check: how it ended, why, and what to do next."""

    step: str
    outcome: _Outcome
    code: str
    sentence: str
    next_step: str | None
    problems: list[ProblemResponse]
    warnings: list[ProblemResponse]
    needs: list[EvidenceReferenceResponse]
    details: dict[str, Any]


class SummaryResponse(_Response):
    """What the credential says of itself, in short."""

    title: dict[str, str]
    issuer_id: str | None
    issuer_name: str | None
    issuer_registered_name: str | None
    subject_id: str | None
    profile: str | None
    award_date: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None


class VoucherResponse(_Response):
    """A national body that authorised the issuer for this credential on the award date."""

    body_did: str
    body_name: str
    country: str
    accreditation_id: str
    since: datetime
    until: datetime | None
    status_now: str
    status_now_since: datetime | None


class EvidenceResponse(_Response):
    """A piece of evidence that was used, or why it could not be had."""

    kind: str
    id: str
    sha256: str | None
    retrieved_at: datetime
    source: str
    unavailable: str | None


class VerificationReportResponse(_Response):
    """The report on one document."""

    format: Literal["skillcred-report-1"]
    verdict: Literal["valid", "invalid", "indeterminate"]
    reason: str = Field(description="Stable code of the check that decided the verdict")
    sentence: str
    next_step: str | None
    evaluated_at: datetime
    policy: str
    document_sha256: str
    summary: SummaryResponse | None
    vouched_by: list[VoucherResponse]
    warnings: list[ProblemResponse]
    steps: list[StepResponse]
    claims: dict[str, Any] | None = Field(
        description="What the signature covers; null where none was verified"
    )
    evidence: list[EvidenceResponse]
    diagnostics: dict[str, Any]


class HolderResponse(_Response):
    """Whether the one who presents is the one whom the credentials are about."""

    state: Literal["proven", "not_proven", "mismatch"]
    holder_id: str | None = Field(description="Whom the verified presentation names")
    presenter_id: str | None = Field(description="Whose key made the presentation")


class PresentedCredentialResponse(_Response):
    """One credential of a presentation, with a report of its own."""

    pointer: str
    holder: Literal["proven", "not_proven", "mismatch"]
    report: VerificationReportResponse


class PresentationReportResponse(_Response):
    """The report on one presentation."""

    format: Literal["skillcred-presentation-report-1"]
    verdict: Literal["valid", "invalid", "indeterminate"]
    reason: str = Field(description="Stable code of the check that decided the verdict")
    sentence: str
    next_step: str | None
    evaluated_at: datetime
    policy: str
    document_sha256: str
    challenge: str | None
    domain: str | None
    holder: HolderResponse
    warnings: list[ProblemResponse]
    steps: list[StepResponse]
    credentials: list[PresentedCredentialResponse]
    evidence: list[EvidenceResponse]


_DOCUMENT: Final[dict[str, Any]] = {
    "schema": {"type": "object", "description": "A verifiable credential or presentation"}
}
_ENVELOPE: Final[dict[str, Any]] = {
    "schema": {"type": "string", "description": "A credential or presentation in an envelope"}
}
_BADGE: Final[dict[str, Any]] = {
    "schema": {"type": "string", "format": "binary", "description": "A badge with a credential baked into it"}
}
_QUESTION = 512
"""Longest challenge or domain, in characters."""
_UPLOAD: Final[dict[str, Any]] = {
    "schema": {
        "type": "object",
        "required": [FILE_PART],
        "additionalProperties": False,
        "properties": {FILE_PART: {"type": "string", "contentMediaType": JSON, "format": "binary"}},
    }
}


@router.post(
    VERIFICATIONS_PATH,
    operation_id="verifyDocument",
    summary="Verify a credential or a presentation",
    response_class=Response,
    responses={
        200: {
            "description": "The report, whatever the verdict",
            "model": VerificationReportResponse | PresentationReportResponse,
        },
        **problem_responses(408, 415, 422, 429),
    },
    dependencies=[Depends(limit_verifications)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                CREDENTIAL: _DOCUMENT,
                PRESENTATION: _DOCUMENT,
                JSON: _DOCUMENT,
                JSON_LD: _DOCUMENT,
                **dict.fromkeys(ENVELOPES, _ENVELOPE),
                **dict.fromkeys(IMAGES, _BADGE),
                MULTIPART_FORM: _UPLOAD,
            },
        }
    },
)
def verify_document(
    application: ApplicationDep,
    document: Annotated[SubmittedDocument, Depends(read_submitted_document)],
    at: Annotated[
        str | None,
        Query(
            max_length=64,
            description="Verify as of this instant instead of now (date and time with offset)",
            examples=["2026-06-01T12:00:00Z"],
        ),
    ] = None,
    asked_at: Annotated[
        str | None,
        Query(
            max_length=64,
            description="Tell also whether the issuer was authorised on this date; it changes no verdict",
            examples=["2026-03-03T12:00:00Z"],
        ),
    ] = None,
    challenge: Annotated[
        str | None,
        Query(
            max_length=_QUESTION, description="What the presentation has to answer; for presentations only"
        ),
    ] = None,
    domain: Annotated[
        str | None,
        Query(max_length=_QUESTION, description="Whom the presentation must be for; for presentations only"),
    ] = None,
) -> Response:
    """Verify the document in the body, or in the part `file` of a form. It is not kept."""
    instant = None if at is None else parse_instant(at)
    if challenge is not None or domain is not None:
        presented = application.verify_document.presentation(
            document.content, media_type=document.media_type, at=instant, challenge=challenge, domain=domain
        )
        return Response(encode_report(presented.report), media_type=JSON)
    asked = None if asked_at is None else parse_instant(asked_at)
    found = application.verify_document.upload(
        document.content, media_type=document.media_type, at=instant, asked_at=asked
    )
    return Response(encode_report(found.report), media_type=JSON)

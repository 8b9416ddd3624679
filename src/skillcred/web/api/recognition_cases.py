"""Cases of recognition before an authority."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import JSONResponse, Response

from skillcred.recognition.case import Answer
from skillcred.recognition.workflow import (
    MAX_CHARACTERS,
    MAX_ITEMS,
    CaseState,
    Decision,
    DecisionKind,
    DecisionStage,
    Measure,
    MeasureKind,
)
from skillcred.services.case_records import RecognitionCase
from skillcred.services.read_recognition_cases import build_case_json, build_case_summary
from skillcred.services.records import Actor
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.api.recognition_requests import (
    DAY,
    CreateRecognitionRequest,
    Documents,
    build_documents,
    parse_day,
)
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep

router = APIRouter(tags=["recognition"])
CASES_PATH: Final = "/v1/recognition-cases"
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
Texts = Annotated[list[Text], Field(max_length=MAX_ITEMS)]
AnswerText = Literal["met", "not_met", "unknown"]
_CASE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The case", "content": {"application/json": {"schema": {"type": "object"}}}}
}


class SubmitCaseRequest(CreateRecognitionRequest):
    """A case for an authority: the caller itself, or, where the operator submits it, the body with this DID."""

    authority_did: str | None = Field(default=None, min_length=1, max_length=300)


class CaseEvidenceRequest(RequestModel):
    """More credentials."""

    credentials: Documents


class EvidenceWantedRequest(RequestModel):
    """What the authority asks for."""

    items: Texts


class FindingsRequest(RequestModel):
    """What the authority found on the five elements, and on conditions by their code."""

    elements: dict[Annotated[str, Field(max_length=40)], AnswerText] = Field(default={}, max_length=5)
    conditions: dict[Annotated[str, Field(max_length=60)], AnswerText] = Field(
        default={}, max_length=MAX_ITEMS
    )


class MeasureRequest(RequestModel):
    """A compensation measure."""

    kind: Literal[
        "adaptation_period",
        "aptitude_test",
        "knowledge_test",
        "adaptation_course",
        "bridging_course",
        "other",
    ]
    description: Text | None = None
    until: str | None = Field(default=None, pattern=DAY)


class DecisionRequest(RequestModel):
    """A decision. A refusal needs `appeal`, a conditional one `measures`, a partial one `differences`, a
    provisional one `final_due`."""

    kind: Literal["full", "partial", "conditional", "refused"]
    stage: Literal["provisional", "final"] = "final"
    reasons: Texts
    measures: list[MeasureRequest] = Field(default=[], max_length=MAX_ITEMS)
    differences: list[Text] = Field(default=[], max_length=MAX_ITEMS)
    appeal: Text | None = None
    final_due: str | None = Field(default=None, pattern=DAY)

    def build(self) -> Decision:
        """As the services take it. Raises `QuestionError` for a day that does not exist."""
        return Decision(
            kind=DecisionKind(self.kind),
            stage=DecisionStage(self.stage),
            reasons=tuple(self.reasons),
            measures=tuple(
                Measure(
                    MeasureKind(item.kind), item.description, parse_day(item.until, f"/measures/{n}/until")
                )
                for n, item in enumerate(self.measures)
            ),
            differences=tuple(self.differences),
            appeal=self.appeal,
            final_due=parse_day(self.final_due, "/final_due"),
        )


class AnnulmentRequest(RequestModel):
    """Why a decision is set aside."""

    reason: str = Field(min_length=1, max_length=1000)


def _show(
    application: ApplicationDep, actor: Actor, case: RecognitionCase, status: int = 200
) -> JSONResponse:
    return JSONResponse(build_case_json(application.read_recognition_cases.get(actor, case.id)), status)


@router.post(
    CASES_PATH,
    operation_id="submitRecognitionCase",
    summary="Submit a case to an authority",
    status_code=201,
    response_class=JSONResponse,
    responses={201: _CASE[200], **problem_responses(400, 401, 403, 413, 415, 422)},
    openapi_extra=json_request(SubmitCaseRequest),
)
def submit_recognition_case(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[SubmitCaseRequest, Depends(JsonBody(SubmitCaseRequest))],
) -> JSONResponse:
    """Keeps the credentials with the case until it is withdrawn or was closed long enough; prepares the comparison."""
    case = application.submit_recognition_case(actor, body.build(), body.authority_did)
    return _show(application, actor, case, 201)


@router.get(
    CASES_PATH,
    operation_id="listRecognitionCases",
    summary="List the cases of one's authority",
    response_class=JSONResponse,
    responses={
        200: {
            "description": "The cases with their deadlines",
            "content": {"application/json": {"schema": {"type": "array"}}},
        },
        **problem_responses(401, 403, 422),
    },
)
def list_recognition_cases(
    application: ApplicationDep,
    actor: ActorDep,
    state: Annotated[
        Literal[
            "submitted",
            "under_review",
            "evidence_requested",
            "provisionally_decided",
            "decided",
            "issued",
            "withdrawn",
            "annulled",
        ]
        | None,
        Query(),
    ] = None,
) -> JSONResponse:
    """All cases, or those in one state."""
    wanted = None if state is None else CaseState(state)
    found = application.read_recognition_cases.list_all(actor, wanted)
    return JSONResponse([build_case_summary(case, deadlines) for case, deadlines in found])


@router.get(
    CASES_PATH + "/{case_id}",
    operation_id="getRecognitionCase",
    summary="Get a case",
    response_class=JSONResponse,
    responses={**_CASE, **problem_responses(401, 403, 404, 422)},
)
def get_recognition_case(application: ApplicationDep, actor: ActorDep, case_id: Segment) -> JSONResponse:
    """One case with the prepared comparison, its deadlines, and what happened."""
    return JSONResponse(build_case_json(application.read_recognition_cases.get(actor, case_id)))


@router.post(
    CASES_PATH + "/{case_id}/review",
    operation_id="takeRecognitionCase",
    summary="Take a case, which confirms its receipt",
    response_class=JSONResponse,
    responses={**_CASE, **problem_responses(401, 403, 404, 409, 422)},
)
def take_recognition_case(application: ApplicationDep, actor: ActorDep, case_id: Segment) -> JSONResponse:
    """From here on the file counts as complete, until more is asked for."""
    return _show(application, actor, application.assess_recognition_case.take(actor, case_id))


@router.post(
    CASES_PATH + "/{case_id}/evidence-requests",
    operation_id="requestCaseEvidence",
    summary="Ask for more evidence",
    response_class=JSONResponse,
    responses={**_CASE, **problem_responses(400, 401, 403, 404, 409, 415, 422)},
    openapi_extra=json_request(EvidenceWantedRequest, transcript={"items": ["A transcript of records."]}),
)
def request_case_evidence(
    application: ApplicationDep,
    actor: ActorDep,
    case_id: Segment,
    body: Annotated[EvidenceWantedRequest, Depends(JsonBody(EvidenceWantedRequest))],
) -> JSONResponse:
    """Until it comes, no time limit runs."""
    case = application.assess_recognition_case.request_evidence(actor, case_id, body.items)
    return _show(application, actor, case)


@router.post(
    CASES_PATH + "/{case_id}/evidence",
    operation_id="addCaseEvidence",
    summary="Hand in more evidence",
    response_class=JSONResponse,
    responses={**_CASE, **problem_responses(400, 401, 403, 404, 409, 413, 415, 422)},
    openapi_extra=json_request(CaseEvidenceRequest),
)
def add_case_evidence(
    application: ApplicationDep,
    actor: ActorDep,
    case_id: Segment,
    body: Annotated[CaseEvidenceRequest, Depends(JsonBody(CaseEvidenceRequest))],
) -> JSONResponse:
    """All credentials of the case are verified again, and the comparison is prepared anew."""
    contents = build_documents(body.credentials)
    case = application.submit_recognition_case.add_evidence(actor, case_id, contents)
    return _show(application, actor, case)


@router.post(
    CASES_PATH + "/{case_id}/findings",
    operation_id="recordCaseFindings",
    summary="Record what the authority found",
    response_class=JSONResponse,
    responses={**_CASE, **problem_responses(400, 401, 403, 404, 409, 415, 422)},
    openapi_extra=json_request(FindingsRequest, found={"elements": {"profile": "not_met"}, "conditions": {}}),
)
def record_case_findings(
    application: ApplicationDep,
    actor: ActorDep,
    case_id: Segment,
    body: Annotated[FindingsRequest, Depends(JsonBody(FindingsRequest))],
) -> JSONResponse:
    """`not_met` on an element is a substantial difference. The comparison is prepared anew."""
    case = application.assess_recognition_case.record_findings(
        actor,
        case_id,
        elements={name: Answer(value) for name, value in body.elements.items()},
        conditions={name: Answer(value) for name, value in body.conditions.items()},
    )
    return _show(application, actor, case)


@router.post(
    CASES_PATH + "/{case_id}/decision",
    operation_id="decideRecognitionCase",
    summary="Decide a case",
    response_class=JSONResponse,
    responses={**_CASE, **problem_responses(400, 401, 403, 404, 409, 415, 422)},
    openapi_extra=json_request(
        DecisionRequest, full={"kind": "full", "reasons": ["No substantial difference."]}
    ),
)
def decide_recognition_case(
    application: ApplicationDep,
    actor: ActorDep,
    case_id: Segment,
    body: Annotated[DecisionRequest, Depends(JsonBody(DecisionRequest))],
) -> JSONResponse:
    """A provisional decision is there for managed agreements only, and can be decided again, finally."""
    case = application.assess_recognition_case.decide(actor, case_id, body.build())
    return _show(application, actor, case)


@router.post(
    CASES_PATH + "/{case_id}/statement",
    operation_id="issueCaseStatement",
    summary="Issue the statement of the decision",
    response_class=Response,
    responses={
        200: {
            "description": "The signed statement",
            "content": {"application/vc": {"schema": {"type": "object"}}},
        },
        **problem_responses(401, 403, 404, 409, 422, 503),
    },
)
def issue_case_statement(application: ApplicationDep, actor: ActorDep, case_id: Segment) -> Response:
    """Asking again gives the same bytes again."""
    _, stored = application.issue_recognition_statement.decide(actor, case_id)
    return Response(stored.content, media_type=stored.media_type)


@router.post(
    CASES_PATH + "/{case_id}/withdrawal",
    operation_id="withdrawRecognitionCase",
    summary="Withdraw a case before it is decided",
    response_class=JSONResponse,
    responses={**_CASE, **problem_responses(401, 403, 404, 409, 422)},
)
def withdraw_recognition_case(application: ApplicationDep, actor: ActorDep, case_id: Segment) -> JSONResponse:
    """The credentials of the case are erased."""
    return _show(application, actor, application.assess_recognition_case.withdraw(actor, case_id))


@router.post(
    CASES_PATH + "/{case_id}/annulment",
    operation_id="annulRecognitionDecision",
    summary="Set a decision aside",
    response_class=JSONResponse,
    responses={**_CASE, **problem_responses(400, 401, 403, 404, 409, 415, 422)},
    openapi_extra=json_request(AnnulmentRequest, appeal={"reason": "The appeal was allowed."}),
)
def annul_recognition_decision(
    application: ApplicationDep,
    actor: ActorDep,
    case_id: Segment,
    body: Annotated[AnnulmentRequest, Depends(JsonBody(AnnulmentRequest))],
) -> JSONResponse:
    """The statement that was issued of it is revoked."""
    case = application.assess_recognition_case.annul(actor, case_id, body.reason)
    return _show(application, actor, case)

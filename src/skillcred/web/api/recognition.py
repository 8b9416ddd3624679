"""What credentials are worth in another country. Public; nothing of what is sent is kept."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import JSONResponse

from skillcred.recognition.wire import build_result_json
from skillcred.services.pair_view import build_pair_json
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.api.recognition_requests import COUNTRY, DAY, CreateRecognitionRequest, parse_day
from skillcred.web.bodies import JsonBody
from skillcred.web.dependencies import ApplicationDep, limit_resolutions, limit_verifications

router = APIRouter(tags=["recognition"])
Country = Annotated[str, Path(pattern=COUNTRY, description="ISO 3166-1 alpha-2")]
Day = Annotated[str | None, Query(pattern=DAY, description="Day that is asked about; today unless given")]
EXAMPLE: Final = {
    "credentials": [],
    "destination": "NO",
    "purpose": "study",
    "at": "2026-03-01",
    "said": ["refugee_or_displaced"],
}


@router.post(
    "/v1/recognitions",
    operation_id="createRecognition",
    summary="Tell what credentials are worth in another country",
    dependencies=[Depends(limit_verifications)],
    openapi_extra=json_request(CreateRecognitionRequest, refugee=EXAMPLE),
    response_class=JSONResponse,
    responses={
        200: {
            "description": "What may be expected, and why",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problem_responses(400, 413, 415, 422, 429),
    },
)
def create_recognition(
    application: ApplicationDep,
    request: Annotated[CreateRecognitionRequest, Depends(JsonBody(CreateRecognitionRequest))],
) -> JSONResponse:
    """Verifies what is sent, then explains. The answer is no decision: the competent body decides."""
    return JSONResponse(build_result_json(application.recognition(request.build())))


@router.get(
    "/v1/recognitions/{origin}/{destination}",
    operation_id="getCountryPair",
    summary="Tell what exists between two countries, in this direction",
    dependencies=[Depends(limit_resolutions)],
    response_class=JSONResponse,
    responses={
        200: {
            "description": "Agreements and procedures",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problem_responses(422, 429),
    },
)
def get_country_pair(
    application: ApplicationDep, origin: Country, destination: Country, at: Day = None
) -> JSONResponse:
    """Agreements that name both countries, whether they bind on that day, and the procedures of the destination."""
    return JSONResponse(build_pair_json(application.recognition.between(origin, destination, parse_day(at))))

"""What credentials are worth in another country. Public; nothing of what is sent is kept."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.responses import JSONResponse

from skillcred.profiles import Level
from skillcred.recognition.questions import read_day
from skillcred.recognition.records import Purpose
from skillcred.recognition.wire import build_result_json
from skillcred.services.pair_view import build_pair_json
from skillcred.services.recognition import (
    MAX_CONDITIONS,
    MAX_HOURS,
    RecognitionRequest,
)
from skillcred.services.recognition_evidence import MAX_CREDENTIALS, RecognitionRequestError
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ApplicationDep, limit_resolutions, limit_verifications

router = APIRouter(tags=["recognition"])
_COUNTRY: Final = r"^[A-Z]{2}$"
Day = Annotated[
    str | None,
    Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Day that is asked about; today unless given"),
]
Country = Annotated[str, Path(pattern=_COUNTRY, description="ISO 3166-1 alpha-2")]


class LevelRequest(RequestModel):
    """A level of a framework."""

    framework: str = Field(min_length=1, max_length=40)
    code: str = Field(min_length=1, max_length=20)


class CreateRecognitionRequest(RequestModel):
    """Credentials of one holder, and where they are to be of use. `said` are conditions that the holder says are met;
    they prove nothing. `nationality` is read only where the text of an agreement asks for it."""

    credentials: list[dict[str, Any] | Annotated[str, Field(max_length=200_000)]] = Field(
        max_length=MAX_CREDENTIALS
    )
    destination: str = Field(pattern=_COUNTRY)
    purpose: str = Field(max_length=40, description=", ".join(Purpose))
    occupation: str | None = Field(default=None, pattern=r"^[0-9]{1,4}$", description="ISCO-08")
    at: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="Today unless given")
    said: list[Annotated[str, Field(max_length=60)]] = Field(default=[], max_length=MAX_CONDITIONS)
    nationality: str | None = Field(default=None, pattern=_COUNTRY)
    level_sought: LevelRequest | None = None
    hours_sought: int | None = Field(default=None, ge=1, le=MAX_HOURS)


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
    if request.purpose not in frozenset(Purpose):
        raise RecognitionRequestError(
            "There is no such purpose.", code="recognition_unknown_purpose", pointer="/purpose"
        )
    level = request.level_sought
    result = application.recognition(
        RecognitionRequest(
            documents=[
                (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)).encode("utf-8")
                for item in request.credentials
            ],
            destination=request.destination,
            purpose=Purpose(request.purpose),
            occupation=request.occupation,
            at=_day(request.at),
            said=tuple(request.said),
            nationality=request.nationality,
            level_sought=None if level is None else Level(level.framework, level.code),
            hours_sought=request.hours_sought,
        )
    )
    return JSONResponse(build_result_json(result))


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
    return JSONResponse(build_pair_json(application.recognition.between(origin, destination, _day(at))))


def _day(text: str | None) -> date | None:
    return None if text is None else read_day(text, "/at")

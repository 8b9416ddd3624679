"""What verified credentials show of an occupation's skills. Public; nothing of what is sent is kept."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import JSONResponse

from skillcred.recognition.classification import ATTRIBUTION
from skillcred.recognition.skills_wire import build_occupation_json, build_profile_json
from skillcred.services.profile_skills import MAX_WORDS
from skillcred.services.recognition_evidence import MAX_CREDENTIALS
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ApplicationDep, limit_resolutions, limit_verifications

router = APIRouter(tags=["recognition"])


class CreateSkillsProfileRequest(RequestModel):
    """Credentials of one holder, and an occupation of ESCO by its address."""

    credentials: list[dict[str, Any] | Annotated[str, Field(max_length=200_000)]] = Field(
        max_length=MAX_CREDENTIALS
    )
    occupation: str = Field(max_length=200, description="http://data.europa.eu/esco/occupation/…")


EXAMPLE = {
    "credentials": [],
    "occupation": "http://data.europa.eu/esco/occupation/d1d4aadf-8166-4e0b-a3c0-fad1dc4f9ac6",
}


@router.post(
    "/v1/skills-profiles",
    operation_id="createSkillsProfile",
    summary="Compare what credentials show with what an occupation asks for",
    dependencies=[Depends(limit_verifications)],
    openapi_extra=json_request(CreateSkillsProfileRequest, empty=EXAMPLE),
    response_class=JSONResponse,
    responses={
        200: {
            "description": "Held, partly held and missing, with the evidence",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problem_responses(400, 404, 413, 415, 422, 429),
    },
)
def create_skills_profile(
    application: ApplicationDep,
    request: Annotated[CreateSkillsProfileRequest, Depends(JsonBody(CreateSkillsProfileRequest))],
) -> JSONResponse:
    """Verifies what is sent, then compares. It is information and no assessment."""
    made = application.profile_skills(
        [
            (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)).encode("utf-8")
            for item in request.credentials
        ],
        request.occupation,
    )
    return JSONResponse(build_profile_json(made.profile, made.release))


@router.get(
    "/v1/occupations",
    operation_id="listOccupations",
    summary="Find occupations of ESCO",
    dependencies=[Depends(limit_resolutions)],
    response_class=JSONResponse,
    responses={
        200: {
            "description": "Occupations, at most 50",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problem_responses(404, 422, 429),
    },
)
def list_occupations(
    application: ApplicationDep,
    isco: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,4}$", description="ISCO-08, or its beginning")
    ] = None,
    words: Annotated[str | None, Query(min_length=2, max_length=MAX_WORDS, description="In a label")] = None,
) -> JSONResponse:
    """By the ISCO-08 code, by words in a label, or both."""
    found = application.profile_skills.find_occupations(isco=isco, words=words)
    return JSONResponse(
        {"attribution": ATTRIBUTION, "occupations": [build_occupation_json(concept) for concept in found]}
    )

"""Is the process alive, and can it do its work?"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from skillcred.web.api.openapi import problem_responses
from skillcred.web.dependencies import ApplicationDep

router = APIRouter(tags=["operation"])


class HealthResponse(BaseModel):
    """The process answers."""

    status: str


class ReadinessItemResponse(BaseModel):
    """One thing that the service needs."""

    name: str
    ok: bool
    code: str
    age_seconds: int | None = None


class ReadinessResponse(BaseModel):
    """Whether all is there that the service needs."""

    ready: bool
    items: list[ReadinessItemResponse]


@router.get(
    "/healthz", operation_id="getHealth", summary="Is the process alive?", responses=problem_responses()
)
def get_health() -> HealthResponse:
    """Answers as long as the process can answer at all; looks at nothing else."""
    return HealthResponse(status="alive")


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Can the service do its work?",
    responses={
        **problem_responses(),
        200: {"description": "All is there", "model": ReadinessResponse},
        503: {"description": "Something is missing", "model": ReadinessResponse},
    },
)
def get_readiness(application: ApplicationDep) -> Response:
    """Database, migrations, keystore, status lists: each with a stable code where it is not as it should be."""
    items = [
        ReadinessItemResponse(name=item.name, ok=item.ok, code=item.code, age_seconds=item.age_seconds)
        for item in application.check_readiness()
    ]
    ready = all(item.ok for item in items)
    return JSONResponse(ReadinessResponse(ready=ready, items=items).model_dump(), 200 if ready else 503)

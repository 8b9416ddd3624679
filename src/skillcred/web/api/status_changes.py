"""Many changes of status under one reason: started with one request, carried out behind it, visible as progress."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from pydantic import BaseModel, Field

from skillcred.errors import SkillcredError
from skillcred.services.batch_records import BatchSelection, StatusBatch
from skillcred.services.get_status_batch import BatchProgress
from skillcred.services.start_status_batch import StatusBatchRequest
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.bodies import Instant, JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep, IdempotencyKey
from skillcred.web.logs import Log, describe_fault

PATH: Final = "/v1/status-changes"
MAX_LISTED: Final = 10_000
"""Most credentials that one request lists by name, which is about what fits into a body."""

router = APIRouter(tags=["status"])


class SelectionRequest(RequestModel):
    """Which credentials of the caller's organisation: those listed, or else those that meet every condition."""

    credential_ids: tuple[Annotated[str, Field(max_length=2048)], ...] = Field(
        default=(), max_length=MAX_LISTED, strict=False
    )
    issued_under: str | None = Field(
        default=None,
        min_length=1,
        max_length=255,
        description="What the idempotency keys of an issuance batch start with",
    )
    profile: str | None = Field(default=None, max_length=64)
    issued_from: Instant | None = None
    issued_until: Instant | None = Field(default=None, description="The first instant after the window")
    verification_method: str | None = Field(
        default=None, max_length=2048, description="The key that signed; it must not sign any more"
    )


class ChangeStatusesRequest(RequestModel):
    """What is to be changed, and why."""

    kind: Literal["suspended", "reinstated", "revoked"]
    reason: str = Field(min_length=1, max_length=1000)
    effective_at: Instant | None = Field(
        default=None,
        description="When each is recorded, unless given; in the past where they should not have been relied on since",
    )
    selection: SelectionRequest


class FailureResponse(BaseModel):
    """A credential that could not be changed, and why."""

    credential_id: str
    code: str


class StatusChangesResponse(BaseModel):
    """How far it is. `total` = `done` + `already` + `failed` once it is finished; what a cancelled one lacks of that
    was left alone."""

    id: str
    state: Literal["running", "finished", "cancelled"]
    kind: str
    reason: str
    effective_at: datetime | None
    retroactive: bool
    selection: dict[str, Any]
    total: int
    done: int
    already: int
    failed: int
    started_at: datetime
    finished_at: datetime | None
    failures: list[FailureResponse]


@router.post(
    PATH,
    operation_id="changeStatuses",
    summary="Revoke or suspend many credentials, or lift their suspension",
    status_code=202,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(
        ChangeStatusesRequest,
        batch={
            "kind": "revoked",
            "reason": "The title was misspelt.",
            "selection": {"issued_under": "2026-intake/"},
        },
    ),
)
def change_statuses(
    request: Request,
    response: Response,
    application: ApplicationDep,
    actor: ActorDep,
    idempotency_key: IdempotencyKey,
    background: BackgroundTasks,
    body: Annotated[ChangeStatusesRequest, Depends(JsonBody(ChangeStatusesRequest))],
) -> StatusChangesResponse:
    """Write down which credentials are meant, and begin. The address in `Location` tells how far it is."""
    selection = BatchSelection(**body.selection.model_dump())
    wanted = StatusBatchRequest(body.kind, body.reason, selection, body.effective_at)
    batch = application.start_status_batch(actor, wanted, idempotency_key)
    log: Log = request.app.state.log

    def carry_out() -> None:
        try:
            for _ in application.run_status_batches.run(batch.id):
                pass
        except SkillcredError as fault:
            # what is committed stays; whoever looks for waiting batches next goes on from there
            log("status_batch_interrupted", batch=batch.id, **describe_fault(fault))

    background.add_task(carry_out)
    response.headers["Location"] = f"{PATH}/{batch.id}"
    return _response(BatchProgress(batch, ()))


@router.get(
    PATH + "/{batch_id}",
    operation_id="getStatusChanges",
    summary="See how far a change of many statuses is",
    responses=problem_responses(401, 403, 404, 422),
)
def get_status_changes(
    application: ApplicationDep, actor: ActorDep, batch_id: Segment
) -> StatusChangesResponse:
    """Progress, and the first thousand credentials that could not be changed."""
    return _response(application.get_status_batch(actor, batch_id))


@router.post(
    PATH + "/{batch_id}/cancellation",
    operation_id="cancelStatusChanges",
    summary="Stop a change of many statuses that is under way",
    responses=problem_responses(401, 403, 404, 409, 422),
)
def cancel_status_changes(
    application: ApplicationDep, actor: ActorDep, batch_id: Segment
) -> StatusChangesResponse:
    """What was changed stays changed; what was not looked at yet is left alone."""
    application.cancel_status_batch(actor, batch_id)
    return _response(application.get_status_batch(actor, batch_id))


def _response(progress: BatchProgress) -> StatusChangesResponse:
    batch: StatusBatch = progress.batch
    return StatusChangesResponse(
        id=batch.id,
        state=batch.state.value,
        kind=batch.kind.value,
        reason=batch.reason,
        effective_at=batch.effective_at,
        retroactive=batch.retroactive,
        selection=json.loads(batch.selection),
        total=batch.total,
        done=batch.done,
        already=batch.already,
        failed=batch.failed,
        started_at=batch.started_at,
        finished_at=batch.finished_at,
        failures=[
            FailureResponse(credential_id=item.credential_id, code=item.outcome.value)
            for item in progress.failures
            if item.outcome is not None
        ],
    )

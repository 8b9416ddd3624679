"""Changes of the registry: proposed by one person, approved by another of the same organisation; and what the operator
records of the enrolment of a body (docs/registry.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from skillcred.encoding.strict_json import parse_json_object
from skillcred.services.governance_records import Proposal, ProposalState
from skillcred.trust import Succession
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import json_request, problem_responses
from skillcred.web.api.registry import AccreditationEventResponse, ChangeAccreditationRequest
from skillcred.web.bodies import JsonBody, RequestModel
from skillcred.web.dependencies import ActorDep, ApplicationDep

router = APIRouter(tags=["registry"])

PROPOSALS_PATH = "/v1/registry/proposals"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ProposalRequest(RequestModel):
    """A change. What `change` holds depends on its kind, as docs/registry.md says; `sha256` is the digest that the
    proposer saw, if he saw it before."""

    kind: Literal[
        "enrol_body",
        "body_event",
        "accredit",
        "accreditation_event",
        "record_key",
        "hand_in_accreditation",
        "hand_in_branch",
    ]
    change: dict[str, Any]
    sha256: Sha256 | None = None


class ApprovalRequest(RequestModel):
    """An approval of what has exactly this digest."""

    sha256: Sha256


class RejectionRequest(RequestModel):
    """Why not."""

    reason: str = Field(min_length=1, max_length=1000)


class ProposalResponse(BaseModel):
    """A proposal: what it would change, the digest that is approved, and where it stands."""

    id: str
    kind: str
    change: dict[str, Any]
    sha256: str
    state: str
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None
    decided_by: str | None
    outcome: str | None


def build_proposal_response(proposal: Proposal) -> ProposalResponse:
    """The proposal as clients see it."""
    change: Any = parse_json_object(proposal.content)["change"]
    return ProposalResponse(
        id=proposal.id,
        kind=proposal.kind.value,
        change=change,
        sha256=proposal.sha256,
        state=proposal.state.value,
        proposed_at=proposal.proposed_at,
        proposed_by=proposal.proposed_by,
        decided_at=proposal.decided_at,
        decided_by=proposal.decided_by,
        outcome=proposal.outcome,
    )


@router.post(
    PROPOSALS_PATH,
    operation_id="proposeRegistryChange",
    summary="Propose a change of the registry",
    status_code=201,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(
        ProposalRequest,
        suspension={
            "kind": "body_event",
            "change": {
                "did": "did:web:body.example",
                "kind": "suspended",
                "effective_at": "2026-09-01T00:00:00Z",
                "reason": "Its mandate is before the court.",
            },
        },
    ),
)
def propose_registry_change(
    application: ApplicationDep,
    actor: ActorDep,
    body: Annotated[ProposalRequest, Depends(JsonBody(ProposalRequest))],
) -> ProposalResponse:
    """Write a change down, in the form whose digest another person of the organisation approves."""
    return build_proposal_response(
        application.propose_change(actor, body.kind, body.change, sha256=body.sha256)
    )


@router.get(
    PROPOSALS_PATH,
    operation_id="listRegistryProposals",
    summary="List the proposals of one's organisation",
    responses=problem_responses(401, 403, 422),
)
def list_registry_proposals(
    application: ApplicationDep,
    actor: ActorDep,
    state: Annotated[
        Literal["proposed", "approved", "executed", "failed", "rejected"] | None, Query()
    ] = None,
) -> list[ProposalResponse]:
    """All proposals of the caller's organisation, or those in one state."""
    wanted = None if state is None else ProposalState(state)
    return [build_proposal_response(proposal) for proposal in application.list_proposals(actor, wanted)]


@router.get(
    PROPOSALS_PATH + "/{proposal_id}",
    operation_id="getRegistryProposal",
    summary="Get a proposal",
    responses=problem_responses(401, 403, 404, 422),
)
def get_registry_proposal(
    application: ApplicationDep, actor: ActorDep, proposal_id: Segment
) -> ProposalResponse:
    """One proposal of the caller's organisation."""
    return build_proposal_response(application.list_proposals.get(actor, proposal_id))


@router.post(
    PROPOSALS_PATH + "/{proposal_id}/approval",
    operation_id="approveRegistryProposal",
    summary="Approve a proposal of somebody else",
    status_code=200,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(ApprovalRequest, approval={"sha256": "0" * 64}),
)
def approve_registry_proposal(
    application: ApplicationDep,
    actor: ActorDep,
    proposal_id: Segment,
    body: Annotated[ApprovalRequest, Depends(JsonBody(ApprovalRequest))],
) -> ProposalResponse:
    """Approve what has exactly that digest, and carry it out. Whoever proposed it cannot."""
    return build_proposal_response(
        application.decide_proposal.approve(actor, proposal_id, sha256=body.sha256)
    )


@router.post(
    PROPOSALS_PATH + "/{proposal_id}/rejection",
    operation_id="rejectRegistryProposal",
    summary="Reject a proposal, or take one's own back",
    status_code=200,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(RejectionRequest, rejection={"reason": "The scope is too wide."}),
)
def reject_registry_proposal(
    application: ApplicationDep,
    actor: ActorDep,
    proposal_id: Segment,
    body: Annotated[RejectionRequest, Depends(JsonBody(RejectionRequest))],
) -> ProposalResponse:
    """Decide against a proposal, for good; a changed one is proposed anew."""
    return build_proposal_response(application.decide_proposal.reject(actor, proposal_id, reason=body.reason))


@router.post(
    "/v1/registry/bodies/{did}/events",
    operation_id="changeEnrolment",
    summary="Suspend, reinstate, end or withdraw the enrolment of a body, or name a successor",
    status_code=201,
    responses=problem_responses(401, 403, 404, 408, 409, 415, 422),
    openapi_extra=json_request(
        ChangeAccreditationRequest,
        renaming={
            "kind": "succeeded",
            "effective_at": "2026-09-01T00:00:00Z",
            "reason": "The ministry was renamed.",
            "successor": {
                "kind": "renaming",
                "did": "did:web:new.example",
                "name": "Ministry of Skills and Work",
            },
        },
    ),
)
def change_enrolment(
    application: ApplicationDep,
    actor: ActorDep,
    did: Segment,
    body: Annotated[ChangeAccreditationRequest, Depends(JsonBody(ChangeAccreditationRequest))],
) -> AccreditationEventResponse:
    """Record what the operator decided about the enrolment of a body, where nobody else has to approve it."""
    follows = body.successor
    event = application.change_enrolment(
        actor,
        did,
        kind=body.kind,
        effective_at=body.effective_at,
        reason=body.reason,
        successor=None if follows is None else Succession(follows.kind, follows.did, follows.name),
    )
    return AccreditationEventResponse.model_validate(event, from_attributes=True)

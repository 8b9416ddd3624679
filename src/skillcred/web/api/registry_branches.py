"""Branches of the published registry that national bodies sign on machines of their own (docs/registry.md)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.services.governance_records import ProposalKind
from skillcred.web.api.identifiers import Segment
from skillcred.web.api.openapi import problem_responses
from skillcred.web.api.registry_proposals import ProposalResponse, build_proposal_response
from skillcred.web.bodies import read_json_body
from skillcred.web.dependencies import ActorDep, ApplicationDep
from skillcred.web.media_types import JSON

router = APIRouter(tags=["registry"])

BRANCH_PATH = "/v1/registry/branches/{did}"


@router.get(
    BRANCH_PATH,
    operation_id="prepareRegistryBranch",
    summary="Get what a body has to sign next",
    response_class=Response,
    responses={
        **problem_responses(401, 403, 404, 409, 422),
        200: {"content": {JSON: {"schema": {"type": "object"}}}},
    },
)
def prepare_registry_branch(application: ApplicationDep, actor: ActorDep, did: Segment) -> Response:
    """The next version of the branch of a body that keeps its keys elsewhere, unsigned, with the files it is about. For
    the body and for the operator; `skillcred registry branch show` checks and shows it."""
    return Response(application.prepare_branch(actor, did).package, media_type=JSON)


@router.post(
    BRANCH_PATH,
    operation_id="handInRegistryBranch",
    summary="Hand in a branch that its body signed",
    status_code=201,
    responses=problem_responses(401, 403, 404, 408, 409, 413, 415, 422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {
                        "type": "object",
                        "description": "Signed metadata of a role with targets, by The Update Framework 1.0.",
                        "required": ["signatures", "signed"],
                    }
                }
            },
        }
    },
)
def hand_in_registry_branch(
    application: ApplicationDep,
    actor: ActorDep,
    did: Segment,
    content: Annotated[bytes, Depends(read_json_body)],
) -> ProposalResponse:
    """Propose that the branch is published as it is: the body of the request is the signed file, byte for byte. The
    signature shows that the body signed it; the API key says which of its people hands it in, so another approves."""
    parse_json_object(content)  # UTF-8, among other things
    change: JsonObject = {"did": did, "metadata": content.decode("utf-8")}
    return build_proposal_response(application.propose_change(actor, ProposalKind.HAND_IN_BRANCH, change))

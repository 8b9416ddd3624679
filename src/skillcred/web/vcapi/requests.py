"""Bodies of the VC-API (W3C CCG draft, sections 3.2 to 3.4). Members that are not honoured are refused.

Faults of a request are answered with 400, as the API describes, where our own API would say 422.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from skillcred.errors import InputError
from skillcred.web.bodies import RequestModel
from skillcred.web.problems import build_problem, problem_response

MAX_POINTERS: Final = 1000
"""Most JSON pointers in one request; the mechanisms have their own, lower limits."""
MAX_ID_CHARACTERS: Final = 2048
"""Longest name of a credential."""
Pointers = list[str]
CredentialId = Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARACTERS)]


class IssueOptions(RequestModel):
    """`mandatoryPointers` is for mechanisms with selective disclosure: what every derived credential shows.
    `credentialId` is by what the status of a credential without an `id` is changed later."""

    mandatoryPointers: Pointers | None = Field(default=None, max_length=MAX_POINTERS)
    credentialId: CredentialId | None = None


class IssueInteropRequest(RequestModel):
    """A credential to be signed as it is."""

    credential: dict[str, Any]
    options: IssueOptions = IssueOptions()


class VerifyOptions(RequestModel):
    """What the verifier insists on. `checks` that names nothing but `proof` leaves validity and status unjudged."""

    checks: list[str] | None = Field(default=None, max_length=10)
    challenge: str | None = Field(default=None, max_length=1000)
    domain: str | None = Field(default=None, max_length=1000)


class VerifyCredentialRequest(RequestModel):
    """A secured credential, embedded or enveloped."""

    verifiableCredential: dict[str, Any]
    options: VerifyOptions = VerifyOptions()


class VerifyPresentationRequest(RequestModel):
    """A presentation, secured or not. `presentation` is the name of one without a proof."""

    verifiablePresentation: dict[str, Any] | None = None
    presentation: dict[str, Any] | None = None
    options: VerifyOptions = VerifyOptions()


class DeriveOptions(RequestModel):
    """What the derived credential is to show beside the mandatory parts."""

    selectivePointers: Pointers = Field(default_factory=list, max_length=MAX_POINTERS)


class DeriveRequest(RequestModel):
    """A credential with a base proof, from which one with less in it is to be made."""

    verifiableCredential: dict[str, Any]
    options: DeriveOptions = DeriveOptions()


class CredentialStatus(RequestModel):
    """Which status is meant. What is said beside type and purpose has to be what stands in the credential."""

    type: Literal["BitstringStatusListEntry", "BitstringStatusList"]
    statusPurpose: Literal["revocation", "suspension"]
    id: str | None = None
    statusListIndex: str | None = None
    statusListCredential: str | None = None

    def stated(self) -> dict[str, str]:
        """The members that name the entry, as far as they were given."""
        given: dict[str, str] = self.model_dump(exclude_none=True, exclude={"type", "statusPurpose"})
        return given


class UpdateStatusRequest(RequestModel):
    """A status to be set, or cleared with `status: false`; older clients leave `status` out."""

    credentialId: CredentialId
    credentialStatus: CredentialStatus
    status: bool = True


def answer(request: Request, work: Callable[[], Response]) -> Response:
    """What `work` gives; where it raises an `InputError`, the problem with status 400."""
    try:
        return work()
    except InputError as error:
        problem = replace(build_problem(error), status=HTTPStatus.BAD_REQUEST)
        return problem_response(problem, request.state.request_id)

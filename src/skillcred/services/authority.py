"""What a body of this deployment may pass on: within its enrolment, or within what it was accredited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from skillcred.errors import AuthorisationError, ConflictError, InputError
from skillcred.services.ports import UnitOfWork
from skillcred.services.records import Accreditation, AccreditationEventKind
from skillcred.trust import AccreditationScope, Action, read_recorded_statement
from skillcred.trust.chains import MAX_CHAIN_LINKS
from skillcred.trust.scope import find_widenings

_OVER = (
    AccreditationEventKind.SUSPENDED,
    AccreditationEventKind.ENDED,
    AccreditationEventKind.WITHDRAWN,
    AccreditationEventKind.SUCCEEDED,
)


_NOTHING: Final = object()


def check_narrower(
    unit: UnitOfWork, signer_did: str, subject_did: str, scope: AccreditationScope, *, at: datetime
) -> None:
    """That `signer_did` may accredit `subject_did` with `scope` now.

    Raises `AuthorisationError` (`body_not_enrolled`), `InputError` (`scope_too_wide`) and `ConflictError`
    (`accreditation_loop`, `chain_too_long`). Later changes above are judged when a credential is verified.
    """
    allowed = list(_scopes_of(unit, signer_did, at))
    if not allowed:
        raise AuthorisationError(
            "The organisation is not an enrolled national body, nor accredited by one to accredit.",
            code="body_not_enrolled",
        )
    excess = min((_widenings(scope, parent) for parent in allowed), key=len)
    if excess:
        raise InputError(
            f"The scope goes beyond what the organisation may pass on: {', '.join(excess)}.",
            code="scope_too_wide",
            pointer="/scope",
        )
    _check_place(unit, signer_did, subject_did)


def may_accredit(unit: UnitOfWork, did: str, at: datetime) -> bool:
    """Whether `did` is an enrolled body, or one that was accredited to accredit, and may pass anything on at `at`."""
    return next(_scopes_of(unit, did, at), _NOTHING) is not _NOTHING


def _widenings(scope: AccreditationScope, parent: AccreditationScope | None) -> tuple[str, ...]:
    return () if parent is None else find_widenings(scope, parent)


def _scopes_of(unit: UnitOfWork, did: str, at: datetime) -> Iterator[AccreditationScope | None]:
    """Everything that `did` may pass on at `at`; `None` is a scope without limits."""
    body = unit.registry.find_body(did)
    if body is not None and body.ended_at is None and not _is_over(unit, body.did):
        if not body.scopes:
            yield None
        yield from (replace(scope, action=Action.ACCREDIT) for scope in body.scopes)
    for accreditation in unit.registry.list_accreditations(provider_did=did):
        if _in_force(unit, accreditation, at):
            statement = read_recorded_statement(accreditation.content)
            yield from (scope for scope in statement.scopes if scope.action is Action.ACCREDIT)


def _is_over(unit: UnitOfWork, body_did: str) -> bool:
    events = unit.registry.list_body_events(body_did)
    return bool(events) and events[-1].kind in _OVER


def _in_force(unit: UnitOfWork, accreditation: Accreditation, at: datetime) -> bool:
    events = unit.registry.list_events(accreditation.id)
    if events and events[-1].kind in _OVER:
        return False
    until = accreditation.valid_until
    return accreditation.valid_from <= at and (until is None or at <= until)


def _check_place(unit: UnitOfWork, signer_did: str, subject_did: str) -> None:
    """That the subject does not stand above the signer, and that the chain does not become too long: a longer one would
    be signed and then help nobody."""
    level, above = {signer_did}, {signer_did}
    shortest: int | None = None
    for links in range(1, MAX_CHAIN_LINKS + 1):
        if shortest is None and any(unit.registry.find_body(did) is not None for did in level):
            shortest = links
        level = {
            accreditation.body_did
            for did in level
            for accreditation in unit.registry.list_accreditations(provider_did=did)
        } - above
        above |= level
    if subject_did in above - {signer_did}:
        raise ConflictError(
            "The organisation would stand above itself.", code="accreditation_loop", pointer="/provider_did"
        )
    if shortest is None or shortest >= MAX_CHAIN_LINKS:
        raise ConflictError("The chain of accreditations would become too long.", code="chain_too_long")

"""A credential may be issued as the renewal of another. Revoking the parent revokes its renewals (SECURITY S-19)."""

from __future__ import annotations

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.ports import Hold, UnitOfWork
from skillcred.services.records import StatusEventKind


def check_renewal(unit: UnitOfWork, organisation_id: str, parent_id: str, *, revocable: bool) -> None:
    """Refuse a renewal that its parent does not allow, inside the transaction that reserves it.

    The list of the parent is held until the commit: a revocation that comes first is seen here, and one that comes
    later sees the renewal. Raises `NotFoundError` (`renewed_not_found`), `ConflictError` (`renewed_revoked`,
    `renewed_suspended`, `renewal_not_revocable`).
    """
    parent = unit.issuances.find_credential(parent_id)
    if parent is None or parent.organisation_id != organisation_id:
        raise NotFoundError("There is no such credential to renew.", code="renewed_not_found")
    copies = unit.statuses.find_slots([parent_id]).get(parent_id)
    if copies is None:
        return  # it has no status that could be evaded
    if not revocable:
        raise ConflictError(
            "The renewal of a credential with a status must have one.", code="renewal_not_revocable"
        )
    unit.statuses.find_list(copies[0].list_id, hold=Hold.SHARED)
    state = unit.statuses.find_slots([parent_id])[parent_id][0].state  # the same for all copies
    if state is StatusEventKind.REVOKED:
        raise ConflictError("A revoked credential is not renewed.", code="renewed_revoked")
    if state is StatusEventKind.SUSPENDED:
        raise ConflictError("A suspended credential is not renewed.", code="renewed_suspended")

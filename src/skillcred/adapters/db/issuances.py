"""Reservations, and the signed bytes that came of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update

from skillcred.adapters.db.offer_rows import CredentialCopyRow
from skillcred.adapters.db.rows import CredentialRow, IssuanceRow
from skillcred.adapters.db.statements import Statements
from skillcred.services.records import (
    CredentialCopy,
    Issuance,
    IssuancePurpose,
    IssuanceState,
    StoredCredential,
)


class SqlIssuanceRepository:
    """`IssuanceRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def reserve(self, issuance: Issuance) -> None:
        """Record a reservation. Raises `ConflictError` (`issuance_taken`)."""
        self._statements.insert(
            IssuanceRow(
                **asdict(issuance) | {"purpose": issuance.purpose.value, "state": issuance.state.value}
            ),
            taken="issuance_taken",
        )

    def find(self, organisation_id: str, idempotency_key: str) -> Issuance | None:
        """The issuance of that organisation under that idempotency key, unless it is void."""
        row = self._statements.find(
            select(IssuanceRow).where(
                IssuanceRow.organisation_id == organisation_id,
                IssuanceRow.idempotency_key == idempotency_key,
                IssuanceRow.state != IssuanceState.VOID.value,
            )
        )
        return None if row is None else _issuance(row)

    def take_over(self, issuance_id: str, *, expired_before: datetime, lease_until: datetime) -> bool:
        """Atomically extend the lease of a reserved issuance whose lease ended."""
        return (
            self._statements.change(
                update(IssuanceRow)
                .where(
                    IssuanceRow.id == issuance_id,
                    IssuanceRow.state == IssuanceState.RESERVED.value,
                    IssuanceRow.lease_until <= expired_before,
                )
                .values(lease_until=lease_until)
            )
            == 1
        )

    def end_lease(self, issuance_id: str, *, at: datetime) -> None:
        """End the lease of a reserved issuance."""
        self._statements.change(
            update(IssuanceRow)
            .where(IssuanceRow.id == issuance_id, IssuanceRow.state == IssuanceState.RESERVED.value)
            .values(lease_until=at)
        )

    def set_state(self, issuance_id: str, state: IssuanceState, *, expected: IssuanceState) -> bool:
        """Move an issuance from `expected` to `state`."""
        return (
            self._statements.change(
                update(IssuanceRow)
                .where(IssuanceRow.id == issuance_id, IssuanceRow.state == expected.value)
                .values(state=state.value)
            )
            == 1
        )

    def list_in_state(self, state: IssuanceState, *, reserved_before: datetime) -> list[Issuance]:
        """Issuances in `state` that were reserved before an instant, oldest first."""
        rows = self._statements.list_all(
            select(IssuanceRow)
            .where(IssuanceRow.state == state.value, IssuanceRow.reserved_at < reserved_before)
            .order_by(IssuanceRow.position)
        )
        return [_issuance(row) for row in rows]

    def list_renewals(self, organisation_id: str, credential_ids: Collection[str]) -> list[str]:
        """The credentials that were reserved as renewals of these."""
        query = select(IssuanceRow.credential_id).where(
            IssuanceRow.organisation_id == organisation_id, IssuanceRow.renews.in_(credential_ids)
        )
        return [credential_id for (credential_id,) in self._statements.list_tuples(query)]

    def find_latest_reservation(self, key_id: str) -> datetime | None:
        """When the latest reservation that names this key was made."""
        row = self._statements.find(
            select(IssuanceRow).where(IssuanceRow.key_id == key_id).order_by(IssuanceRow.reserved_at.desc())
        )
        return None if row is None else row.reserved_at

    def store_credential(self, credential: StoredCredential) -> None:
        """Record the signed bytes. Raises `ConflictError` (`credential_taken`)."""
        values = asdict(credential)
        del values["copies"]
        self._statements.insert(CredentialRow(**values), taken="credential_taken")
        copies = [
            {"credential_id": credential.credential_id, "number": number, **asdict(copy)}
            for number, copy in enumerate(credential.copies, 1)
        ]
        self._statements.insert_many(CredentialCopyRow, copies, taken="credential_taken")

    def find_credential(self, credential_id: str) -> StoredCredential | None:
        """The stored credential or accreditation with that id."""
        row = self._statements.find(select(CredentialRow).where(CredentialRow.credential_id == credential_id))
        if row is None:
            return None
        copies = self._statements.list_all(
            select(CredentialCopyRow)
            .where(CredentialCopyRow.credential_id == credential_id)
            .order_by(CredentialCopyRow.number)
        )
        return _credential(row, copies)

    def find_credential_by_sha256(self, sha256: str) -> StoredCredential | None:
        """The one with exactly those bytes, or a copy with them, by their hex digest."""
        query = select(CredentialRow).where(CredentialRow.sha256 == sha256).order_by(CredentialRow.position)
        row = self._statements.find(query.limit(1))
        if row is not None:
            return self.find_credential(row.credential_id)
        among_copies = select(CredentialCopyRow).where(CredentialCopyRow.sha256 == sha256)
        copy = self._statements.find(among_copies.order_by(CredentialCopyRow.position).limit(1))
        return None if copy is None else self.find_credential(copy.credential_id)


def _issuance(row: IssuanceRow) -> Issuance:
    return Issuance(
        id=row.id,
        organisation_id=row.organisation_id,
        purpose=IssuancePurpose(row.purpose),
        idempotency_key=row.idempotency_key,
        request_sha256=row.request_sha256,
        credential_id=row.credential_id,
        profile=row.profile,
        profile_sha256=row.profile_sha256,
        mechanism=row.mechanism,
        key_id=row.key_id,
        prepared=row.prepared,
        to_be_signed_sha256=row.to_be_signed_sha256,
        state=IssuanceState(row.state),
        reserved_at=row.reserved_at,
        lease_until=row.lease_until,
        actor=row.actor,
        renews=row.renews,
    )


def _credential(row: CredentialRow, copies: Sequence[CredentialCopyRow]) -> StoredCredential:
    return StoredCredential(
        credential_id=row.credential_id,
        issuance_id=row.issuance_id,
        organisation_id=row.organisation_id,
        content=row.content,
        media_type=row.media_type,
        sha256=row.sha256,
        stored_at=row.stored_at,
        copies=tuple(CredentialCopy(copy.copy_id, copy.content, copy.sha256) for copy in copies),
    )

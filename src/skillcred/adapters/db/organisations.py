"""Organisations, their signing keys, their API keys, and what they did."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update

from skillcred.adapters.db.rows import ApiKeyRow, AuditEntryRow, OrganisationRow, SigningKeyRow
from skillcred.adapters.db.statements import Statements
from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.names import build_skeleton
from skillcred.services.ports import Hold
from skillcred.services.records import (
    ApiKey,
    AuditEntry,
    KeyState,
    Organisation,
    OrganisationKind,
    Role,
    SigningKey,
)


class SqlOrganisationRepository:
    """`OrganisationRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, organisation: Organisation) -> None:
        """Record. Raises `ConflictError` (`slug_taken`, `did_taken`, `name_taken`, or `already_recorded`
        where somebody else was faster)."""
        for taken, code in (
            (self.find_by_slug(organisation.slug), "slug_taken"),
            (self.find_by_did(organisation.did), "did_taken"),
            (self.find_by_name(organisation.name), "name_taken"),
        ):
            if taken is not None:
                raise ConflictError("Another organisation has it.", code=code)
        self._statements.insert(
            OrganisationRow(
                **asdict(organisation) | {"kind": organisation.kind.value},
                name_skeleton=build_skeleton(organisation.name),
            )
        )

    def get(self, organisation_id: str) -> Organisation:
        """Raises `NotFoundError`."""
        row = self._statements.find(select(OrganisationRow).where(OrganisationRow.id == organisation_id))
        if row is None:
            raise NotFoundError("There is no such organisation.")
        return _organisation(row)

    def find_by_slug(self, slug: str) -> Organisation | None:
        """The organisation with that last DID path segment."""
        row = self._statements.find(select(OrganisationRow).where(OrganisationRow.slug == slug))
        return None if row is None else _organisation(row)

    def find_by_did(self, did: str) -> Organisation | None:
        """The organisation with exactly that DID."""
        row = self._statements.find(select(OrganisationRow).where(OrganisationRow.did == did))
        return None if row is None else _organisation(row)

    def find_by_name(self, name: str) -> Organisation | None:
        """The organisation whose name is, or looks like, `name`."""
        skeleton = build_skeleton(name)
        row = self._statements.find(select(OrganisationRow).where(OrganisationRow.name_skeleton == skeleton))
        return None if row is None else _organisation(row)

    def list_all(self, kind: OrganisationKind | None = None) -> list[Organisation]:
        """All, or all of one kind, in order of creation."""
        query = select(OrganisationRow).order_by(OrganisationRow.position)
        if kind is not None:
            query = query.where(OrganisationRow.kind == kind.value)
        return [_organisation(row) for row in self._statements.list_all(query)]


class SqlSigningKeyRepository:
    """`SigningKeyRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, key: SigningKey) -> None:
        """Record a key. Raises `ConflictError` (`signing_key_taken`)."""
        self._statements.insert(
            SigningKeyRow(**asdict(key) | {"state": key.state.value}), taken="signing_key_taken"
        )

    def update(self, key: SigningKey) -> None:
        """Replace state and windows of a key. Raises `NotFoundError`."""
        changed = self._statements.change(
            update(SigningKeyRow)
            .where(SigningKeyRow.id == key.id, SigningKeyRow.organisation_id == key.organisation_id)
            .values(
                state=key.state.value,
                activated_at=key.activated_at,
                retired_at=key.retired_at,
                compromised_at=key.compromised_at,
                certificates=key.certificates,
            )
        )
        if changed == 0:
            raise NotFoundError("There is no such key.")

    def find_active(
        self, organisation_id: str, algorithm: str, *, hold: Hold | None = None
    ) -> SigningKey | None:
        """The active key of that algorithm."""
        row = self._statements.find(
            select(SigningKeyRow).where(
                SigningKeyRow.organisation_id == organisation_id,
                SigningKeyRow.algorithm == algorithm,
                SigningKeyRow.state == KeyState.ACTIVE.value,
            ),
            hold=hold,
        )
        return None if row is None else _signing_key(row)

    def list_for(self, organisation_id: str) -> list[SigningKey]:
        """All keys of an organisation, oldest first."""
        rows = self._statements.list_all(
            select(SigningKeyRow)
            .where(SigningKeyRow.organisation_id == organisation_id)
            .order_by(SigningKeyRow.position)
        )
        return [_signing_key(row) for row in rows]


class SqlApiKeyRepository:
    """`ApiKeyRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, key: ApiKey) -> None:
        """Record."""
        self._statements.insert(ApiKeyRow(**asdict(key) | {"role": key.role.value}), taken="api_key_taken")

    def find(self, api_key_id: str) -> ApiKey | None:
        """The key with that public id, revoked or not."""
        row = self._statements.find(select(ApiKeyRow).where(ApiKeyRow.id == api_key_id))
        return None if row is None else _api_key(row)

    def revoke(self, api_key_id: str, *, organisation_id: str, at: datetime) -> None:
        """Revoke; the first revocation counts. Raises `NotFoundError` also where the key is another's."""
        row = self._statements.find(
            select(ApiKeyRow).where(ApiKeyRow.id == api_key_id, ApiKeyRow.organisation_id == organisation_id)
        )
        if row is None:
            raise NotFoundError("There is no such API key.")
        self._statements.change(
            update(ApiKeyRow)
            .where(ApiKeyRow.id == api_key_id, ApiKeyRow.revoked_at.is_(None))
            .values(revoked_at=at)
        )

    def list_for(self, organisation_id: str) -> list[ApiKey]:
        """All keys of an organisation, oldest first."""
        rows = self._statements.list_all(
            select(ApiKeyRow).where(ApiKeyRow.organisation_id == organisation_id).order_by(ApiKeyRow.position)
        )
        return [_api_key(row) for row in rows]


class SqlAuditRepository:
    """`AuditRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, entry: AuditEntry) -> None:
        """Record."""
        self._statements.insert(AuditEntryRow(**asdict(entry)))

    def list_for(self, organisation_id: str) -> list[AuditEntry]:
        """All entries of an organisation, oldest first."""
        rows = self._statements.list_all(
            select(AuditEntryRow)
            .where(AuditEntryRow.organisation_id == organisation_id)
            .order_by(AuditEntryRow.position)
        )
        return [AuditEntry(row.at, row.actor, row.organisation_id, row.action, row.subject) for row in rows]


def _organisation(row: OrganisationRow) -> Organisation:
    return Organisation(
        id=row.id,
        kind=OrganisationKind(row.kind),
        slug=row.slug,
        did=row.did,
        name=row.name,
        country=row.country,
        created_at=row.created_at,
        keys_elsewhere=row.keys_elsewhere,
    )


def _signing_key(row: SigningKeyRow) -> SigningKey:
    return SigningKey(
        id=row.id,
        organisation_id=row.organisation_id,
        algorithm=row.algorithm,
        public_key_multibase=row.public_key_multibase,
        state=KeyState(row.state),
        activated_at=row.activated_at,
        retired_at=row.retired_at,
        compromised_at=row.compromised_at,
        certificates=row.certificates,
    )


def _api_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        organisation_id=row.organisation_id,
        role=Role(row.role),
        secret_sha256=row.secret_sha256,
        label=row.label,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )

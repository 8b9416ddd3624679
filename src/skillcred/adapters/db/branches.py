"""Branches that their bodies sign elsewhere, in SQL."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from skillcred.adapters.db.registry_rows import HandedInBranchRow
from skillcred.adapters.db.statements import Statements
from skillcred.services.branch_ports import HandedInBranch


class SqlBranchRepository:
    """`BranchRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, branch: HandedInBranch) -> None:
        """Record. Raises `ConflictError` (`branch_version`)."""
        self._statements.insert(HandedInBranchRow(**asdict(branch)), taken="branch_version")

    def find_latest(self, body_did: str) -> HandedInBranch | None:
        """The one with the highest version."""
        row = HandedInBranchRow
        query = select(row).where(row.body_did == body_did).order_by(row.version.desc())
        found = self._statements.find(query)
        return None if found is None else _branch(found)

    def list_for(self, body_did: str) -> list[HandedInBranch]:
        """All of a body, by version."""
        row = HandedInBranchRow
        query = select(row).where(row.body_did == body_did).order_by(row.version)
        return [_branch(found) for found in self._statements.list_all(query)]


def _branch(row: HandedInBranchRow) -> HandedInBranch:
    return HandedInBranch(
        body_did=row.body_did,
        version=row.version,
        signed=row.signed,
        statements=row.statements,
        credentials=row.credentials,
        signed_with=row.signed_with,
        expires_at=row.expires_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )

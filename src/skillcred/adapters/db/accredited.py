"""Everybody who was accredited, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from skillcred.adapters.db.rows import AccreditationRow
from skillcred.adapters.db.statements import Statements
from skillcred.services.accredited_ports import Accredited

VALUES_AT_ONCE: Final = 1000
"""Most values named in one query; SQLite takes 32,766 and PostgreSQL 65,535."""


class SqlAccreditedLookup:
    """`AccreditedLookup` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list_accredited(self, did: str | None = None) -> list[Accredited]:
        """Everybody who was accredited, or that one if it was; whoever was first is first."""
        row = AccreditationRow
        ends = select(func.min(row.position).label("first"), func.max(row.position).label("latest"))
        if did is not None:
            ends = ends.where(row.provider_did == did)
        each = ends.group_by(row.provider_did).subquery()
        first, latest = aliased(AccreditationRow), aliased(AccreditationRow)
        query = (
            select(latest.provider_did, first.recorded_at, latest.id, latest.body_did)
            .select_from(each)
            .join(first, first.position == each.c.first)
            .join(latest, latest.position == each.c.latest)
            .order_by(each.c.first)
        )
        return [Accredited(*found) for found in self._statements.list_tuples(query)]

    def list_accreditors(self, dids: Collection[str]) -> dict[str, set[str]]:
        """Who gave accreditations to each of `dids`; without those who have none."""
        row = AccreditationRow
        found: dict[str, set[str]] = {}
        for some in _slices(dids):
            query = select(row.provider_did, row.body_did).where(row.provider_did.in_(some)).distinct()
            for provider, body in self._statements.list_tuples(query):
                found.setdefault(provider, set()).add(body)
        return found

    def list_received(self, dids: Collection[str], *, limit: int) -> list[tuple[str, str]]:
        """A DID and the id of an accreditation that it was given, for all that `dids` were given, at most `limit`."""
        row = AccreditationRow
        found: list[tuple[str, str]] = []
        for some in _slices(dids):
            query = select(row.provider_did, row.id).where(row.provider_did.in_(some))
            query = query.limit(limit - len(found))
            found.extend((provider, name) for provider, name in self._statements.list_tuples(query))
            if len(found) >= limit:
                break
        return found

    def list_contents(self, accreditation_ids: Collection[str]) -> dict[str, bytes]:
        """The signed bytes of those accreditations that are there, by id."""
        row = AccreditationRow
        found: dict[str, bytes] = {}
        for some in _slices(accreditation_ids):
            query = select(row.id, row.content).where(row.id.in_(some))
            found.update((name, content) for name, content in self._statements.list_tuples(query))
        return found


def _slices(values: Collection[str]) -> Iterator[list[str]]:
    """Always in the same order."""
    ordered = sorted(values)
    for start in range(0, len(ordered), VALUES_AT_ONCE):
        yield ordered[start : start + VALUES_AT_ONCE]

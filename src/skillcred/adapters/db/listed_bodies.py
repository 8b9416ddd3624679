"""Bodies that public sources name."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from skillcred.adapters.db.registry_rows import ListedBodyRow
from skillcred.adapters.db.statements import Statements
from skillcred.services.listed_records import ListedBody, ListedRole, ListedSource
from skillcred.services.ports import Hold


class SqlListedBodyRepository:
    """`ListedBodyRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def put(self, body: ListedBody) -> None:
        """Record, in place of what was recorded under the same id."""
        query = select(ListedBodyRow).where(ListedBodyRow.body_id == body.id)
        row = self._statements.find(query, hold=Hold.EXCLUSIVE)
        if row is None:
            self._statements.insert(ListedBodyRow(body_id=body.id, **_columns(body)))
            return
        for name, value in _columns(body).items():
            setattr(row, name, value)

    def find(self, body_id: str) -> ListedBody | None:
        """The listed body with that id."""
        row = self._statements.find(select(ListedBodyRow).where(ListedBodyRow.body_id == body_id))
        return None if row is None else _body(row)

    def list_all(self, *, country: str | None = None) -> list[ListedBody]:
        """All, or those of a country. Sorted here: the databases collate differently."""
        query = select(ListedBodyRow)
        if country is not None:
            query = query.where(ListedBodyRow.country == country)
        bodies = [_body(row) for row in self._statements.list_all(query)]
        return sorted(bodies, key=lambda body: (body.country, body.name, body.id))


def _columns(body: ListedBody) -> dict[str, Any]:
    """Source, and what has no column of its own, as JSON."""
    facts = {
        "identifier": body.identifier,
        "rights": body.rights,
        "confirm_first": body.confirm_first,
        "listed_by": body.listed_by,
    }
    return {
        "country": body.country,
        "name": body.name,
        "acronym": body.acronym,
        "role": body.role.value,
        "role_detail": None,
        "website": body.website,
        "source": json.dumps([[source.title, source.address] for source in body.sources]),
        "source_kind": body.source_kind,
        "as_of": body.as_of,
        "notes": json.dumps(facts),
        "imported_at": body.imported_at,
        "imported_from": body.imported_from,
    }


def _body(row: ListedBodyRow) -> ListedBody:
    facts = {} if row.notes is None else json.loads(row.notes)
    return ListedBody(
        id=row.body_id,
        country=row.country,
        name=row.name,
        role=ListedRole(row.role),
        sources=tuple(ListedSource(title, address) for title, address in json.loads(row.source)),
        source_kind=row.source_kind,
        imported_at=row.imported_at,
        imported_from=row.imported_from,
        acronym=row.acronym,
        website=row.website,
        identifier=facts.get("identifier"),
        as_of=row.as_of,
        rights=facts.get("rights"),
        confirm_first=facts.get("confirm_first", False),
        listed_by=facts.get("listed_by"),
    )

"""National bodies, accreditations and their events."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from skillcred.adapters.db.rows import AccreditationEventRow, AccreditationRow, NationalBodyRow
from skillcred.adapters.db.statements import Statements
from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.names import build_skeleton
from skillcred.services.ports import Hold
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    AccreditationEventKind,
    NationalBody,
)


class SqlRegistryRepository:
    """`RegistryRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add_body(self, body: NationalBody) -> None:
        """Enrol. Raises `ConflictError` (`did_taken`, `name_taken`, or `already_recorded`)."""
        if self.find_body(body.did) is not None:
            raise ConflictError("The body is enrolled already.", code="did_taken")
        if self.find_body_by_name(body.name) is not None:
            raise ConflictError("Another body has a name that looks like this one.", code="name_taken")
        self._statements.insert(NationalBodyRow(**asdict(body), name_skeleton=build_skeleton(body.name)))

    def find_body(self, did: str) -> NationalBody | None:
        """The body with exactly that DID."""
        row = self._statements.find(select(NationalBodyRow).where(NationalBodyRow.did == did))
        return None if row is None else _body(row)

    def find_body_by_name(self, name: str) -> NationalBody | None:
        """The body whose name is, or looks like, `name`."""
        skeleton = build_skeleton(name)
        row = self._statements.find(select(NationalBodyRow).where(NationalBodyRow.name_skeleton == skeleton))
        return None if row is None else _body(row)

    def list_bodies(self) -> list[NationalBody]:
        """All bodies, by country and name. Sorted here: the databases collate differently."""
        bodies = [_body(row) for row in self._statements.list_all(select(NationalBodyRow))]
        return sorted(bodies, key=lambda body: (body.country, body.name, body.did))

    def add_accreditation(self, accreditation: Accreditation) -> None:
        """Record a signed accreditation. Raises `ConflictError` (`accreditation_taken`)."""
        self._statements.insert(AccreditationRow(**asdict(accreditation)), taken="accreditation_taken")

    def get_accreditation(self, accreditation_id: str, *, hold: Hold | None = None) -> Accreditation:
        """Raises `NotFoundError`."""
        row = self._statements.find(
            select(AccreditationRow).where(AccreditationRow.id == accreditation_id), hold=hold
        )
        if row is None:
            raise NotFoundError("There is no such accreditation.")
        return _accreditation(row)

    def list_accreditations(
        self, *, provider_did: str | None = None, body_did: str | None = None
    ) -> list[Accreditation]:
        """Accreditations of a provider, of a body, or all; in order of recording."""
        query = select(AccreditationRow).order_by(AccreditationRow.position)
        if provider_did is not None:
            query = query.where(AccreditationRow.provider_did == provider_did)
        if body_did is not None:
            query = query.where(AccreditationRow.body_did == body_did)
        return [_accreditation(row) for row in self._statements.list_all(query)]

    def add_event(self, event: AccreditationEvent) -> None:
        """Record an event. Raises `ConflictError` (`event_taken`)."""
        self._statements.insert(
            AccreditationEventRow(**asdict(event) | {"kind": event.kind.value}), taken="event_taken"
        )

    def list_events(self, accreditation_id: str) -> list[AccreditationEvent]:
        """Events of an accreditation in order of recording."""
        rows = self._statements.list_all(
            select(AccreditationEventRow)
            .where(AccreditationEventRow.accreditation_id == accreditation_id)
            .order_by(AccreditationEventRow.position)
        )
        return [_event(row) for row in rows]


def _body(row: NationalBodyRow) -> NationalBody:
    return NationalBody(
        did=row.did,
        name=row.name,
        country=row.country,
        enrolled_at=row.enrolled_at,
        ended_at=row.ended_at,
        website=row.website,
    )


def _accreditation(row: AccreditationRow) -> Accreditation:
    return Accreditation(
        id=row.id,
        body_did=row.body_did,
        provider_did=row.provider_did,
        content=row.content,
        media_type=row.media_type,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        recorded_at=row.recorded_at,
    )


def _event(row: AccreditationEventRow) -> AccreditationEvent:
    return AccreditationEvent(
        id=row.id,
        accreditation_id=row.accreditation_id,
        kind=AccreditationEventKind(row.kind),
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        reason=row.reason,
        recorded_by=row.recorded_by,
    )

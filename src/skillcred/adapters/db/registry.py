"""National bodies, accreditations and their events."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from skillcred.adapters.db.accredited import SqlAccreditedLookup
from skillcred.adapters.db.registry_rows import RegisteredKeyRow
from skillcred.adapters.db.rows import AccreditationEventRow, AccreditationRow, BodyEventRow, NationalBodyRow
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, IntegrityError, NotFoundError
from skillcred.services.names import build_skeleton
from skillcred.services.ports import Hold
from skillcred.services.provider_names import read_provider_name
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    AccreditationEventKind,
    BodyEvent,
    KnownKey,
    NationalBody,
)
from skillcred.trust import AccreditationScope, RegisteredKey, Succession, read_scope, write_scope


class SqlRegistryRepository(SqlAccreditedLookup):
    """`RegistryRepository` in SQL."""

    def add_body(self, body: NationalBody) -> None:
        """Enrol. Raises `ConflictError` (`did_taken`, `name_taken`, or `already_recorded`)."""
        if self.find_body(body.did) is not None:
            raise ConflictError("The body is enrolled already.", code="did_taken")
        if self.find_body_by_name(body.name) is not None:
            raise ConflictError("Another body has a name that looks like this one.", code="name_taken")
        scopes = json.dumps([write_scope(scope) for scope in body.scopes]) if body.scopes else None
        self._statements.insert(
            NationalBodyRow(
                did=body.did,
                name=body.name,
                name_skeleton=build_skeleton(body.name),
                country=body.country,
                enrolled_at=body.enrolled_at,
                ended_at=body.ended_at,
                website=body.website,
                scopes=scopes,
                ceremony_sha256=body.ceremony_sha256,
            )
        )

    def find_body(self, did: str, *, hold: Hold | None = None) -> NationalBody | None:
        """The body with exactly that DID."""
        row = self._statements.find(select(NationalBodyRow).where(NationalBodyRow.did == did), hold=hold)
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
        name = read_provider_name(accreditation.content)
        skeleton = None if name is None else build_skeleton(name)
        row = AccreditationRow(**asdict(accreditation), provider_name_skeleton=skeleton)
        self._statements.insert(row, taken="accreditation_taken")

    def get_accreditation(self, accreditation_id: str, *, hold: Hold | None = None) -> Accreditation:
        """Raises `NotFoundError`."""
        row = self._statements.find(
            select(AccreditationRow).where(AccreditationRow.id == accreditation_id), hold=hold
        )
        if row is None:
            raise NotFoundError("There is no such accreditation.")
        return _accreditation(row)

    def list_accreditations(
        self, *, provider_did: str | None = None, body_did: str | None = None, like: str | None = None
    ) -> list[Accreditation]:
        """Accreditations of a provider, by a body, of providers whose name is or looks `like`; by recording."""
        query = select(AccreditationRow).order_by(AccreditationRow.position)
        if provider_did is not None:
            query = query.where(AccreditationRow.provider_did == provider_did)
        if body_did is not None:
            query = query.where(AccreditationRow.body_did == body_did)
        if like is not None:
            query = query.where(AccreditationRow.provider_name_skeleton == build_skeleton(like))
        return [_accreditation(row) for row in self._statements.list_all(query)]

    def add_event(self, event: AccreditationEvent) -> None:
        """Record an event. Raises `ConflictError` (`event_taken`)."""
        row = AccreditationEventRow(accreditation_id=event.accreditation_id, **_event_columns(event))
        self._statements.insert(row, taken="event_taken")

    def list_events(self, accreditation_id: str | None = None) -> list[AccreditationEvent]:
        """Events of an accreditation, or of all, in order of recording."""
        query = select(AccreditationEventRow).order_by(AccreditationEventRow.position)
        if accreditation_id is not None:
            query = query.where(AccreditationEventRow.accreditation_id == accreditation_id)
        return [_event(row) for row in self._statements.list_all(query)]

    def add_body_event(self, event: BodyEvent) -> None:
        """Record what happened to an enrolment. Raises `ConflictError` (`event_taken`)."""
        row = BodyEventRow(body_did=event.body_did, **_event_columns(event))
        self._statements.insert(row, taken="event_taken")

    def list_body_events(self, body_did: str) -> list[BodyEvent]:
        """Events of an enrolment in order of recording."""
        rows = self._statements.list_all(
            select(BodyEventRow).where(BodyEventRow.body_did == body_did).order_by(BodyEventRow.position)
        )
        return [
            BodyEvent(
                id=row.id,
                body_did=row.body_did,
                kind=_event_kind(row),
                effective_at=row.effective_at,
                recorded_at=row.recorded_at,
                reason=row.reason,
                recorded_by=row.recorded_by,
                successor=_successor(row),
            )
            for row in rows
        ]

    def put_known_key(self, known: KnownKey) -> None:
        """Record a key of somebody elsewhere, or new times of a recorded one, whose public part never changes: raises
        `ConflictError` (`key_conflict`)."""
        row = self._statements.find(
            select(RegisteredKeyRow).where(
                RegisteredKeyRow.entity_did == known.entity_did,
                RegisteredKeyRow.verification_method == known.key.verification_method,
            ),
            hold=Hold.EXCLUSIVE,
        )
        columns = asdict(known.key) | {"recorded_at": known.recorded_at, "recorded_by": known.recorded_by}
        if row is None:
            self._statements.insert(
                RegisteredKeyRow(entity_did=known.entity_did, **columns), taken="key_conflict"
            )
            return
        if row.public_key_multibase != known.key.public_key_multibase:
            raise ConflictError("Another key is recorded under that name.", code="key_conflict")
        for name, value in columns.items():
            setattr(row, name, value)

    def list_known_keys(self, entity_did: str | None = None) -> list[KnownKey]:
        """The keys recorded of somebody elsewhere, or of everybody, in order of recording."""
        query = select(RegisteredKeyRow).order_by(RegisteredKeyRow.position)
        if entity_did is not None:
            query = query.where(RegisteredKeyRow.entity_did == entity_did)
        rows = self._statements.list_all(query)
        return [
            KnownKey(
                row.entity_did,
                RegisteredKey(
                    row.verification_method,
                    row.public_key_multibase,
                    row.activated_at,
                    row.retired_at,
                    row.compromised_at,
                ),
                row.recorded_at,
                row.recorded_by,
            )
            for row in rows
        ]


def _body(row: NationalBodyRow) -> NationalBody:
    return NationalBody(
        did=row.did,
        name=row.name,
        country=row.country,
        enrolled_at=row.enrolled_at,
        ended_at=row.ended_at,
        website=row.website,
        scopes=_scopes(row),
        ceremony_sha256=row.ceremony_sha256,
    )


def _scopes(row: NationalBodyRow) -> tuple[AccreditationScope, ...]:
    if row.scopes is None:
        return ()
    fault = IntegrityError(f"The scopes recorded of {row.did} cannot be read.", code="registry_row_damaged")
    try:
        values = json.loads(row.scopes)
    except ValueError as error:
        raise fault from error
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise fault
    return tuple(_scope(value) for value in values)


def _scope(value: JsonObject) -> AccreditationScope:
    return read_scope(value, "/scopes")


def _event_kind(row: AccreditationEventRow | BodyEventRow) -> AccreditationEventKind:
    try:
        return AccreditationEventKind(row.kind)
    except ValueError as error:
        raise IntegrityError(
            f"The kind recorded of the event {row.id} is unknown.", code="registry_row_damaged"
        ) from error


def _event_columns(event: AccreditationEvent | BodyEvent) -> dict[str, Any]:
    successor = event.successor
    return {
        "id": event.id,
        "kind": event.kind.value,
        "effective_at": event.effective_at,
        "recorded_at": event.recorded_at,
        "reason": event.reason,
        "recorded_by": event.recorded_by,
        "successor_kind": None if successor is None else successor.kind,
        "successor_did": None if successor is None else successor.did,
        "successor_name": None if successor is None else successor.name,
    }


def _successor(row: AccreditationEventRow | BodyEventRow) -> Succession | None:
    if row.successor_kind is None or row.successor_name is None:
        return None
    return Succession(row.successor_kind, row.successor_did, row.successor_name)


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
        kind=_event_kind(row),
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        reason=row.reason,
        recorded_by=row.recorded_by,
        successor=_successor(row),
    )

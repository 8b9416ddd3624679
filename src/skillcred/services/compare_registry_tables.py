"""Are the tables of the registry what its log tells? Whoever edits a row and leaves the log alone is found here.

The log is folded: its entries hold enough for enrolments, accreditations (by the digest of the signed bytes), the
events of both, recorded keys, and branches that were handed in (their signed metadata by digest). Of an imported list
the log has a digest only, and proposals have digests of their own; their rows are not compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import SkillcredError
from skillcred.model.datetimes import format_instant
from skillcred.services.branch_ports import HandedInBranch
from skillcred.services.governance_records import LogEntry
from skillcred.services.hand_in_branch import describe_branch
from skillcred.services.ports import UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    AccreditationEventKind,
    BodyEvent,
    KnownKey,
    NationalBody,
)
from skillcred.services.registry_events import describe_event
from skillcred.services.registry_log import MAX_FAULTS
from skillcred.trust import read_recorded_statement, write_scope
from skillcred.trust.records import write_key


class RowName(NamedTuple):
    """A row by its table and its key there."""

    table: str
    key: str


@dataclass(frozen=True, slots=True)
class TableFault:
    """A row that is not as the log tells. Codes: `row_missing` (the log tells of it), `row_not_logged` (it does not),
    `row_differs`."""

    row: RowName
    code: str


@dataclass(frozen=True, slots=True)
class TableComparison:
    """How many rows the log tells of, and what is wrong, up to `MAX_FAULTS`."""

    rows: int
    faults: tuple[TableFault, ...]


ENROLMENT: Final = "enrolment"
ENROLMENT_EVENT: Final = "enrolment event"
ACCREDITATION: Final = "accreditation"
ACCREDITATION_EVENT: Final = "accreditation event"
KNOWN_KEY: Final = "key"
BRANCH: Final = "branch"
_TABLES: Final = {
    "body_enrolled": ENROLMENT,
    "accreditation_given": ACCREDITATION,
    "key_recorded": KNOWN_KEY,
    "branch_handed_in": BRANCH,
    **{f"enrolment_{kind.value}": ENROLMENT_EVENT for kind in AccreditationEventKind},
    **{f"accreditation_{kind.value}": ACCREDITATION_EVENT for kind in AccreditationEventKind},
}
"""By the action of the entry."""
_KEY_MEMBERS: Final = {
    ENROLMENT_EVENT: "event_id",
    ACCREDITATION_EVENT: "event_id",
    KNOWN_KEY: "verification_method",
    BRANCH: "version",
}
_HAVE_ACTORS: Final = frozenset(_KEY_MEMBERS)
"""The tables that say who recorded a row."""
Rows = dict[RowName, JsonObject]


@dataclass(frozen=True, slots=True)
class CompareRegistryTables:
    """The use case. It presumes a log that was verified."""

    units: UnitOfWorkFactory

    def __call__(self) -> TableComparison:
        """Compare what was recorded at one moment. Raises `UnavailableError`, `IntegrityError` (`registry_row_damaged`)
        for a row that cannot be read at all, and a strict JSON error for a log whose entries are no JSON."""
        with self.units(writes=False) as unit:
            told = fold_log(unit.registry_log.stream_entries())
            found = dict(_read_tables(unit, told))
        return TableComparison(len(told), tuple(islice(_compare(told, found), MAX_FAULTS)))


def fold_log(entries: Iterable[LogEntry]) -> Rows:
    """The rows that there should be after `entries`; of a key that was recorded again, the last."""
    told: Rows = {}
    for entry in entries:
        table = _TABLES.get(entry.action)
        if table is None:
            continue
        content = parse_json_object(entry.content)
        content.pop("organisation", None)
        facts: JsonObject = {**content, "at": format_instant(entry.at), "subject": entry.subject}
        if table in _HAVE_ACTORS:
            facts["actor"] = entry.actor
        told[_name(table, facts)] = facts
    return told


def _name(table: str, facts: JsonObject) -> RowName:
    subject = str(facts["subject"])
    member = _KEY_MEMBERS.get(table)
    return RowName(table, subject if member is None else f"{subject} {facts.get(member)}")


def _read_tables(unit: UnitOfWork, told: Rows) -> Iterator[tuple[RowName, JsonObject]]:
    registry = unit.registry
    bodies = registry.list_bodies()
    for body in bodies:
        yield _named(ENROLMENT, _of_body(body))
    logged = {str(facts["subject"]) for name, facts in told.items() if name.table == ENROLMENT}
    for did in {body.did for body in bodies} | logged:
        for change in registry.list_body_events(did):
            yield _named(ENROLMENT_EVENT, _of_event(change, change.body_did))
    for body in bodies:
        for branch in unit.branches.list_for(body.did):
            yield _named(BRANCH, _of_branch(branch))
    for accreditation in registry.list_accreditations():
        yield _named(ACCREDITATION, _of_accreditation(accreditation))
    for event in registry.list_events():
        yield _named(ACCREDITATION_EVENT, _of_event(event, event.accreditation_id))
    for known in registry.list_known_keys():
        yield _named(KNOWN_KEY, _of_key(known))


def _named(table: str, facts: JsonObject) -> tuple[RowName, JsonObject]:
    return _name(table, facts), facts


def _of_body(body: NationalBody) -> JsonObject:
    facts: JsonObject = {
        "subject": body.did,
        "at": format_instant(body.enrolled_at),
        "name": body.name,
        "country": body.country,
        "website": body.website,
        "scopes": [write_scope(scope) for scope in body.scopes],
        "ceremony_sha256": body.ceremony_sha256,
    }
    if body.ended_at is not None:  # nothing that is logged sets it: an end is an event
        facts["ended_at"] = format_instant(body.ended_at)
    return facts


def _of_accreditation(accreditation: Accreditation) -> JsonObject:
    facts: JsonObject = {
        "subject": accreditation.id,
        "at": format_instant(accreditation.recorded_at),
        "body_did": accreditation.body_did,
        "provider_did": accreditation.provider_did,
        "content_sha256": hashlib.sha256(accreditation.content).hexdigest(),
    }
    if not _dates_are_signed(accreditation):
        facts["dates_are_signed"] = False  # the log tells of none such
    return facts


def _dates_are_signed(accreditation: Accreditation) -> bool:
    """Whether the dates beside the signed bytes are those inside."""
    try:
        statement = read_recorded_statement(accreditation.content)
    except SkillcredError:  # other bytes than were recorded: those had been read
        return False
    return (accreditation.valid_from, accreditation.valid_until) == (
        statement.valid_from,
        statement.valid_until,
    )


def _of_event(event: AccreditationEvent | BodyEvent, subject: str) -> JsonObject:
    return {
        **describe_event(event),
        "subject": subject,
        "at": format_instant(event.recorded_at),
        "actor": event.recorded_by,
    }


def _of_key(known: KnownKey) -> JsonObject:
    return {
        **write_key(known.key),
        "subject": known.entity_did,
        "at": format_instant(known.recorded_at),
        "actor": known.recorded_by,
    }


def _of_branch(branch: HandedInBranch) -> JsonObject:
    return {
        **describe_branch(branch),
        "subject": branch.body_did,
        "at": format_instant(branch.recorded_at),
        "actor": branch.recorded_by,
    }


def _compare(told: Rows, found: Rows) -> Iterator[TableFault]:
    for name in sorted(told.keys() | found.keys()):
        if name not in found:
            yield TableFault(name, "row_missing")
        elif name not in told:
            yield TableFault(name, "row_not_logged")
        elif told[name] != found[name]:
            yield TableFault(name, "row_differs")

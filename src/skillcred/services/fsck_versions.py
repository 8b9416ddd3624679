"""The part of `check_storage` that walks the events of a list and its published versions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from skillcred.services.allocate_status_entry import status_list_url
from skillcred.services.fsck_ports import EventRead
from skillcred.services.ports import UnitOfWork
from skillcred.services.record_status import VALUED, fold_one
from skillcred.services.records import (
    KeyState,
    Organisation,
    SigningKey,
    StatusEventKind,
    StatusListRecord,
    StatusPublication,
    StatusView,
)
from skillcred.services.status_views import VALUED_VIEWS, build_view_bits, fold_view, list_kind, own_evidence
from skillcred.verification.status_lists import find_status_list

if TYPE_CHECKING:
    from skillcred.services.check_storage import Findings


_FINAL: Final = frozenset(
    {StatusView.REVOCATION, StatusView.TOKEN, StatusView.REVOCATION_DATES, StatusView.REFRESH}
)
"""The views whose bits are never taken back."""


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who signs a list, with every key it ever had."""

    organisation: Organisation
    keys: tuple[SigningKey, ...]


def check_versions(
    unit: UnitOfWork, base_url: str, record: StatusListRecord, entries: Set[int], findings: Findings
) -> dict[int, StatusEventKind]:
    """Check the events and versions of one list; the fold of all its events. `entries` are those given out."""
    owner = _read_owner(unit, record)
    in_order, counted = findings["events_in_order"], findings["lists_counted"]
    states: dict[int, StatusEventKind] = {}
    values: dict[StatusEventKind, dict[int, int]] = {kind: {} for kind in VALUED}
    latest: dict[StatusView, _Version] = {}
    waiting = unit.inspection.stream_publications(record.id)
    publication = next(waiting, None)
    told = 0
    events = unit.inspection.stream_events(record.id)
    while True:
        while publication is not None and publication.events <= told:
            _check_version(base_url, record, owner, publication, _Told(states, values), latest, findings)
            publication = next(waiting, None)
        event = next(events, None)
        if event is None:
            break
        told += 1
        place = f"list {record.id} event {event.sequence}"
        in_order.look(
            event.sequence == told and event.index in entries, f"{place}: out of order, or no entry"
        )
        valued = event.kind in VALUED
        good = valued is (event.value is not None) and (not valued or _fits(record, event))
        in_order.look(good, f"{place}: a value that its list has no place for")
        if valued:
            values[event.kind][event.index] = event.value or 0
        else:
            _look_for_return(states, event, place, findings)
            fold_one(states, event.index, event.kind)
    counted.look(told == record.events, f"list {record.id}: counts {record.events} events, has {told}")
    while publication is not None:
        findings["versions_increase"].look(
            False, f"{_place(publication)}: tells of {publication.events} events, there are {told}"
        )
        publication = next(waiting, None)
    return states


def _fits(record: StatusListRecord, event: EventRead) -> bool:
    """Whether the scheme of the list has the value of an event."""
    if event.kind is StatusEventKind.REFRESH:
        return record.scheme.refresh and event.value == 1
    return event.value is not None and 0 <= event.value < len(record.scheme.messages)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the events so far say: what holds, and the values."""

    states: Mapping[int, StatusEventKind]
    values: Mapping[StatusEventKind, Mapping[int, int]]

    def fold(self, view: StatusView) -> Mapping[int, int]:
        kind = VALUED_VIEWS.get(view)
        return fold_view(self.states, view) if kind is None else self.values[kind]


@dataclass(frozen=True, slots=True)
class _Version:
    """What the checks of the next version need of the one before."""

    publication: StatusPublication
    revoked: bytes | None


def _check_version(
    base_url: str,
    record: StatusListRecord,
    owner: _Owner,
    publication: StatusPublication,
    told: _Told,
    latest: dict[StatusView, _Version],
    findings: Findings,
) -> None:
    place, view = _place(publication), publication.view
    before = latest.get(view)
    previous = None if before is None else before.publication
    findings["versions_increase"].look(
        publication.version == (1 if previous is None else previous.version + 1),
        f"{place}: follows version {0 if previous is None else previous.version}",
    )
    findings["times_increase"].look(
        (previous is None or publication.published_at >= previous.published_at)
        and publication.published_at < publication.valid_until,
        f"{place}: published at {publication.published_at.isoformat()}",
    )
    data = _read_bits(base_url, record, owner, publication, findings)
    if data is not None:
        meant = build_view_bits(record, view, told.fold(view))
        findings["bits_are_folds"].look(data == meant, f"{place}: {_difference(data, meant)}")
        if view in _FINAL and before is not None and before.revoked is not None:
            kept = before.revoked if view is not StatusView.TOKEN else _invalid_bits(before.revoked)
            now = data if view is not StatusView.TOKEN else _invalid_bits(data)
            lost = int.from_bytes(kept) & ~int.from_bytes(now)
            findings["revoked_for_good"].look(lost == 0, f"{place}: takes a revocation back")
    latest[view] = _Version(publication, data)


def _read_bits(
    base_url: str,
    record: StatusListRecord,
    owner: _Owner,
    publication: StatusPublication,
    findings: Findings,
) -> bytes | None:
    """The bits of a version, if our own verifier accepts it as what it is stored as."""
    view, at = publication.view, publication.published_at
    uri = status_list_url(base_url, record.id, view)
    evidence = own_evidence(owner.organisation, owner.keys, uri, publication.content, at)
    reading = find_status_list(uri, list_kind(view), evidence=evidence, at=at)
    found = reading.status_list
    good = found is not None and (found.uri, found.issuer, found.issued_at, found.valid_until) == (
        uri,
        owner.organisation.did,
        publication.published_at.replace(microsecond=0),
        publication.valid_until.replace(microsecond=0),
    )
    why = reading.detail or reading.code
    findings["signatures_verify"].look(
        good, f"{_place(publication)}: {'says other times or names' if found else why}"
    )
    return None if found is None else found.data


def _look_for_return(
    states: Mapping[int, StatusEventKind], event: EventRead, place: str, findings: Findings
) -> None:
    good = states.get(event.index) is not StatusEventKind.REVOKED
    findings["revoked_for_good"].look(good, f"{place}: {event.kind.value} after a revocation")


def _read_owner(unit: UnitOfWork, record: StatusListRecord) -> _Owner:
    """A list that a key signed before it was reported as compromised is looked at as it was then."""
    keys = tuple(
        replace(key, state=KeyState.RETIRED) if key.state is KeyState.COMPROMISED else key
        for key in unit.signing_keys.list_for(record.organisation_id)
    )
    return _Owner(unit.organisations.get(record.organisation_id), keys)


def _invalid_bits(data: bytes) -> bytes:
    """The low bit of each entry of two bits: 1 is invalid, 2 is suspended (Token Status List section 7.1)."""
    return (int.from_bytes(data) & int.from_bytes(b"\x55" * len(data))).to_bytes(len(data))


def _difference(data: bytes, meant: bytes) -> str:
    if len(data) != len(meant):
        return f"{len(data)} bytes, not {len(meant)}"
    return f"{(int.from_bytes(data) ^ int.from_bytes(meant)).bit_count()} bits are others"


def _place(publication: StatusPublication) -> str:
    return f"list {publication.list_id} {publication.view.value} version {publication.version}"

"""Proves on what is stored that nothing about status was lost, moved back or given out twice (SECURITY F-01, S-15), and
that what is kept for recognition is what was recorded.

Reads one state of the database in streams and changes nothing. Every check counts what it looked at and says what it
found; a check that looked at nothing found nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from skillcred.errors import IntegrityError
from skillcred.issuance import decode_prepared
from skillcred.services.allocate_status_entry import status_list_url
from skillcred.services.fsck_ports import StorageInspection
from skillcred.services.fsck_recognition import RECOGNITION_CHECKS, check_recognition
from skillcred.services.fsck_versions import check_versions
from skillcred.services.ports import UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import StatusEventKind, StatusListRecord, StatusView
from skillcred.status import StatusEntryError, parse_status_entries
from skillcred.status.permutation import permute

MAX_FAULTS_SHOWN: Final = 20
"""Most faults of one check that are described; all are counted."""

CHECKS: Final = {
    "entries_in_range": "Every entry lies in its list, at the place that the order of the list gives it.",
    "entries_unique": "No entry was given out twice, and no copy of a credential has two.",
    "lists_counted": "Each list counts its entries and events rightly, and is closed when it is full.",
    "events_in_order": "The events of each list are numbered without a gap, and each has its entry.",
    "states_are_folds": "The state beside each entry is the fold of its events.",
    "copies_agree": "The copies of each credential are numbered without a gap, and the same holds for all of them.",
    "revoked_for_good": "Nothing follows a revocation, and no version of a list takes one back.",
    "versions_increase": "The versions of each view go up by one and tell of no fewer events than before.",
    "times_increase": "No version was published before the one that it follows.",
    "signatures_verify": "Our own verifier accepts every version.",
    "bits_are_folds": "The bits of every version are the fold of the events that it tells of.",
    "credentials_unchanged": "Every stored credential has the digest that was recorded.",
    "credentials_have_entries": "Every credential names the entry that it was given.",
    "renewals_follow": "Renewals of revoked credentials are revoked.",
    "batches_add_up": "Every batch of status changes did each of its credentials once.",
    **RECOGNITION_CHECKS,
}


_Places = dict[str, dict[int, tuple[str, int]]]
"""List and index of the entry, by copy, by credential."""


@dataclass(slots=True)
class CheckResult:
    """What one check looked at, and what it found."""

    name: str
    looked_at: int = 0
    found: int = 0
    faults: list[str] = field(default_factory=list)

    def look(self, good: bool, fault: str) -> None:
        """Count one thing that was looked at, and `fault` unless it was good."""
        self.looked_at += 1
        if not good:
            self.found += 1
            if len(self.faults) < MAX_FAULTS_SHOWN:
                self.faults.append(fault)


class Findings(dict[str, CheckResult]):
    """The results of all checks, by name."""

    def __init__(self) -> None:
        super().__init__((name, CheckResult(name)) for name in CHECKS)


@dataclass(frozen=True, slots=True)
class CheckStorage:
    """The use case."""

    base_url: str
    units: UnitOfWorkFactory

    def __call__(self) -> list[CheckResult]:
        """All checks, in the order of `CHECKS`. Raises what the storage raises where it cannot be read at all."""
        findings = Findings()
        with self.units(writes=False) as unit:
            known: _Places = {}
            open_lists: dict[str, str] = {}
            latest: dict[str, StatusListRecord] = {}
            for record in unit.statuses.list_lists():
                self._check_list(unit, record, known, findings)
                _check_succession(latest.get(record.organisation_id), record, findings)
                latest[record.organisation_id] = record
                if record.closed_at is None:
                    other = open_lists.setdefault(record.organisation_id, record.id)
                    findings["lists_counted"].look(
                        other == record.id, f"lists {other} and {record.id} are both open"
                    )
            for record in latest.values():
                _check_succession(record, None, findings)
            _check_copies(unit.inspection, findings)
            _check_credentials(unit.inspection, self.base_url, known, findings)
            _check_renewals(unit.inspection, findings)
            _check_batches(unit.inspection, findings)
            check_recognition(unit, findings)
        return list(findings.values())

    def _check_list(
        self, unit: UnitOfWork, record: StatusListRecord, known: _Places, findings: Findings
    ) -> None:
        slots = _check_slots(unit.inspection, record, known, findings)
        states = check_versions(unit, self.base_url, record, frozenset(slots), findings)
        check = findings["states_are_folds"]
        for index, kept in slots.items():
            folded = states.get(index)
            check.look(kept is folded, f"list {record.id} entry {index}: {_name(kept)}, not {_name(folded)}")


def _check_slots(
    inspection: StorageInspection, record: StatusListRecord, known: _Places, findings: Findings
) -> dict[int, StatusEventKind | None]:
    """The states of the entries by index; `known` is filled with where each copy of a credential has its entry."""
    slots: dict[int, StatusEventKind | None] = {}
    in_range, unique, counted = (
        findings[name] for name in ("entries_in_range", "entries_unique", "lists_counted")
    )
    number = 0
    for number, slot in enumerate(inspection.stream_slots(record.id), 1):
        place = f"list {record.id} entry {slot.index}"
        expected = (
            permute(number - 1, record.length, record.permutation_key) if number <= record.length else None
        )
        in_range.look(slot.index == expected, f"{place}: the order of the list gives {expected}")
        unique.look(slot.index not in slots, f"{place}: given out twice")
        copies = known.setdefault(slot.credential_id, {})
        unique.look(slot.copy not in copies, f"{slot.credential_id} copy {slot.copy}: has two entries")
        slots[slot.index] = slot.state
        copies[slot.copy] = (record.id, slot.index)
    counted.look(
        number == record.allocated, f"list {record.id}: counts {record.allocated} entries, has {number}"
    )
    full = record.allocated >= record.length
    counted.look(not full or record.closed_at is not None, f"list {record.id}: full, and not closed")
    return slots


def _check_succession(
    before: StatusListRecord | None, record: StatusListRecord | None, findings: Findings
) -> None:
    """A list that is closed although it is not full was followed by one with another scheme, and by nothing else."""
    if before is None or before.closed_at is None or before.allocated >= before.length:
        return
    good = record is not None and record.scheme != before.scheme
    findings["lists_counted"].look(good, f"list {before.id}: closed, and neither full nor of another scheme")


def _check_copies(inspection: StorageInspection, findings: Findings) -> None:
    check = findings["copies_agree"]
    for copies in inspection.stream_copies():
        numbered = copies.entries == copies.last + 1
        check.look(
            numbered, f"{copies.credential_id}: {copies.entries} entries, the last is of copy {copies.last}"
        )
        same = (copies.states, copies.organisations) == (1, 1)
        check.look(same, f"{copies.credential_id}: something else holds for one copy than for another")


def _check_credentials(
    inspection: StorageInspection, base_url: str, known: _Places, findings: Findings
) -> None:
    unchanged, entries = findings["credentials_unchanged"], findings["credentials_have_entries"]
    for credential in inspection.stream_credentials():
        digest = hashlib.sha256(credential.content).hexdigest()
        unchanged.look(digest == credential.sha256, f"{credential.credential_id}: other bytes")
        if credential.is_copy:
            continue
        try:
            prepared = decode_prepared(credential.prepared)
            named = {
                (entry.list_uri, entry.list_index)
                for each in (prepared, *prepared.copies)
                for entry in parse_status_entries(each.document)
            }
        except (IntegrityError, StatusEntryError) as fault:
            entries.look(False, f"{credential.credential_id}: {fault.code}")
            continue
        places = known.get(credential.credential_id, {}).values()
        given = {(status_list_url(base_url, at, view), index) for at, index in places for view in StatusView}
        other = f"{credential.credential_id}: names another entry than it was given"
        entries.look(named <= given, other)


def _check_renewals(inspection: StorageInspection, findings: Findings) -> None:
    check = findings["renewals_follow"]
    for renewal in inspection.stream_renewals():
        revoked = renewal.parent_state is StatusEventKind.REVOKED
        good = not revoked or renewal.state is StatusEventKind.REVOKED
        check.look(good and renewal.has_status, f"{renewal.credential_id}: not revoked with its parent")


def _check_batches(inspection: StorageInspection, findings: Findings) -> None:
    check = findings["batches_add_up"]
    for batch in inspection.stream_batches():
        total, before, done, already, failed = batch.stated
        good = (
            batch.stated == batch.counted
            and before == done + already + failed
            and batch.finished is (before == total)
        )
        check.look(good, f"batch {batch.batch_id}: says {batch.stated}, its items say {batch.counted}")


def _name(state: StatusEventKind | None) -> str:
    return "nothing" if state is None else state.value

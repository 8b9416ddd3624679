"""Own evidence in memory is found under the count that it was made at, and under no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from skillcred.adapters import snapshot as module
from skillcred.adapters.snapshot import CountedSnapshot
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.snapshot_ports import Area, OwnEvidence, Versions

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LIST = EvidenceReference(EvidenceKind.STATUS_LIST, "https://x.example/v1/status-lists/1/revocation")
EXTRACT = EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, "did:web:x.example")


class Counter:
    at_once = True

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Area, 0)

    def read(self) -> Versions:
        return dict(self.counts)


def test_an_area_that_changed_is_not_found_and_the_other_is() -> None:
    counter = Counter()
    snapshot = CountedSnapshot(counter)
    for reference in (LIST, EXTRACT):
        snapshot.hold(OwnEvidence(reference, "test", b"{}"), versions=snapshot.read_versions())
    counter.counts[Area.STATUS] += 1
    assert snapshot.find(LIST, versions=snapshot.read_versions(), at=NOW) is None
    assert snapshot.find(EXTRACT, versions=snapshot.read_versions(), at=NOW) is not None


def test_what_was_made_at_an_older_count_is_never_taken_for_newer() -> None:
    """A thread that read the count, and then was slow, must not hide what came in between."""
    counter = Counter()
    snapshot = CountedSnapshot(counter)
    before = snapshot.read_versions()
    counter.counts[Area.REGISTRY] += 1
    snapshot.hold(OwnEvidence(EXTRACT, "test", b"old"), versions=before)
    assert snapshot.find(EXTRACT, versions=snapshot.read_versions(), at=NOW) is None


def test_a_count_that_went_back_finds_nothing() -> None:
    """As after restoring a backup."""
    counter = Counter()
    counter.counts[Area.REGISTRY] = 7
    snapshot = CountedSnapshot(counter)
    snapshot.hold(OwnEvidence(EXTRACT, "test", b"{}"), versions=snapshot.read_versions())
    counter.counts[Area.REGISTRY] = 6
    assert snapshot.find(EXTRACT, versions=snapshot.read_versions(), at=NOW) is None


def test_evidence_ends_when_it_says() -> None:
    snapshot = CountedSnapshot(Counter())
    versions = snapshot.read_versions()
    snapshot.hold(OwnEvidence(LIST, "test", b"{}", good_until=NOW), versions=versions)
    assert snapshot.find(LIST, versions=versions, at=NOW - timedelta(microseconds=1)) is not None
    assert snapshot.find(LIST, versions=versions, at=NOW) is None


@pytest.mark.parametrize(("limit", "value"), [("MAX_HELD", 2), ("MAX_HELD_BYTES", 20)])
def test_the_oldest_makes_room(limit: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, limit, value)
    snapshot = CountedSnapshot(Counter())
    versions = snapshot.read_versions()
    references = [EvidenceReference(EvidenceKind.DID_DOCUMENT, f"did:web:{n}.example") for n in range(3)]
    for reference in references:
        snapshot.hold(OwnEvidence(reference, "test", b"0123456789"), versions=versions)
    held = [snapshot.find(reference, versions=versions, at=NOW) is not None for reference in references]
    assert held == [False, True, True]


def test_what_is_too_large_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_HELD_BYTES", 5)
    snapshot = CountedSnapshot(Counter())
    versions = snapshot.read_versions()
    snapshot.hold(OwnEvidence(LIST, "test", b"012345"), versions=versions)
    assert snapshot.find(LIST, versions=versions, at=NOW) is None


def held(snapshot: CountedSnapshot, name: str, counter: Counter, at: datetime = NOW) -> list[OwnEvidence]:
    return list(snapshot.recall(name, versions=counter.read(), at=at))


def test_a_name_recalls_all_that_is_held_under_it_and_what_that_leads_to() -> None:
    counter = Counter()
    snapshot = CountedSnapshot(counter)
    other = EvidenceReference(EvidenceKind.DID_DOCUMENT, "did:web:authority.example")
    extract = OwnEvidence(EXTRACT, "test", b"{}", leads_to=(other, EXTRACT))
    document = OwnEvidence(EvidenceReference(EvidenceKind.DID_DOCUMENT, EXTRACT.id), "test", b"{}")
    authority = OwnEvidence(other, "test", b"{}", good_until=NOW + timedelta(minutes=1))
    assert held(snapshot, EXTRACT.id, counter) == []
    snapshot.hold(extract, versions=counter.read())
    assert held(snapshot, EXTRACT.id, counter) == [extract]
    for own in (document, authority):
        snapshot.hold(own, versions=counter.read())
    for _ in range(2):
        assert held(snapshot, EXTRACT.id, counter) == [extract, document, authority]
    assert held(snapshot, LIST.id, counter) == []
    assert held(snapshot, EXTRACT.id, counter, NOW + timedelta(minutes=1)) == [extract, document]


def test_a_name_recalls_nothing_of_an_area_that_changed() -> None:
    counter = Counter()
    snapshot = CountedSnapshot(counter)
    list_of_then = OwnEvidence(LIST, "test", b"{}", leads_to=(EXTRACT,))
    for own in (list_of_then, OwnEvidence(EXTRACT, "test", b"{}")):
        snapshot.hold(own, versions=counter.read())
    assert len(held(snapshot, LIST.id, counter)) == 2
    counter.counts[Area.REGISTRY] += 1
    assert held(snapshot, LIST.id, counter) == [list_of_then]
    counter.counts[Area.STATUS] += 1
    assert held(snapshot, LIST.id, counter) == []
    snapshot.hold(list_of_then, versions=counter.read())
    assert held(snapshot, LIST.id, counter) == [list_of_then]


def test_what_made_room_is_not_recalled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_HELD", 1)
    counter = Counter()
    snapshot = CountedSnapshot(counter)
    for reference in (EXTRACT, LIST):
        snapshot.hold(OwnEvidence(reference, "test", b"{}"), versions=counter.read())
    assert held(snapshot, EXTRACT.id, counter) == []
    assert len(held(snapshot, LIST.id, counter)) == 1

"""What every storage promises about cases and about what a deployment adds to the recognition data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from skillcred.errors import ConflictError
from skillcred.recognition.workflow import (
    CaseState,
    Decision,
    DecisionKind,
    DecisionStage,
    Measure,
    MeasureKind,
    Progress,
)
from skillcred.services.case_records import CaseDocument, CaseEvent, CaseEventKind, RecognitionCase
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.recognition_data_ports import ImportedTable, StoredVouching
from skillcred.services.records import Organisation, OrganisationKind

T0 = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
BODY = Organisation("o1", OrganisationKind.NATIONAL_BODY, "body", "did:web:body.example", "Body", "DE", T0)
DECISION = Decision(
    DecisionKind.CONDITIONAL,
    DecisionStage.PROVISIONAL,
    ("Der Abschluss ist vergleichbar.",),
    (Measure(MeasureKind.APTITUDE_TEST, "Prüfung", date(2027, 1, 31)), Measure(MeasureKind.OTHER)),
    ("Pharmakologie",),
    "Widerspruch binnen eines Monats.",
    date(2026, 12, 31),
)
CASE = RecognitionCase(
    "c1",
    BODY.did,
    BODY.id,
    Progress(CaseState.PROVISIONALLY_DECIDED, T0, T0, T0, DECISION, T0, ("ein Zeugnis",)),
    '{"purpose": "study"}',
    '{"outcome": "x"}',
    3,
    T0,
    '{"type": "RecognitionSubject"}',
    "https://service.example/v1/recognition-statements/a",
)
PLAIN = RecognitionCase("c2", BODY.did, BODY.id, Progress(CaseState.SUBMITTED, T0), "{}", "{}", 1, T0)


@pytest.fixture
def stored(units: UnitOfWorkFactory) -> UnitOfWorkFactory:
    with units(writes=True) as unit:
        unit.organisations.add(BODY)
        unit.cases.add(CASE)
        unit.cases.add(PLAIN)
        unit.commit()
    return units


def test_all_members_come_back(stored: UnitOfWorkFactory) -> None:
    with stored(writes=False) as unit:
        assert unit.cases.find("c1") == CASE
        assert unit.cases.find("c2") == PLAIN
        assert unit.cases.find("c3") is None
        assert unit.cases.list_for(BODY.did) == [CASE, PLAIN]
        assert unit.cases.list_for(BODY.did, CaseState.SUBMITTED) == [PLAIN]
        assert unit.cases.list_for("did:web:other.example") == []


def test_an_id_is_taken_once(stored: UnitOfWorkFactory) -> None:
    with stored(writes=True) as unit, pytest.raises(ConflictError) as caught:
        unit.cases.add(PLAIN)
    assert caught.value.code == "case_taken"


def test_only_the_version_that_was_read_is_replaced(stored: UnitOfWorkFactory) -> None:
    changed = replace(PLAIN, version=2, prepared='{"outcome": "y"}')
    with stored(writes=True) as unit:
        assert not unit.cases.replace(changed, expected_version=7)
        assert unit.cases.replace(changed, expected_version=1)
        assert not unit.cases.replace(changed, expected_version=1)
        unit.commit()
    with stored(writes=False) as unit:
        assert unit.cases.find("c2") == changed
        assert unit.cases.find("c1") == CASE


def test_documents_and_events_keep_their_order_and_can_be_erased(stored: UnitOfWorkFactory) -> None:
    documents = [CaseDocument("c1", bytes([n]) * 3, f"{n:064x}", T0) for n in (2, 1)]
    events = [
        CaseEvent("c1", T0, "key", kind, "note") for kind in (CaseEventKind.TAKEN, CaseEventKind.DECIDED)
    ]
    with stored(writes=True) as unit:
        unit.cases.add_documents(documents)
        for event in events:
            unit.cases.add_event(event)
        unit.commit()
    with stored(writes=True) as unit:
        assert unit.cases.list_documents("c1") == documents
        assert unit.cases.list_documents("c2") == []
        assert unit.cases.list_events("c1") == events
        assert unit.cases.erase_documents("c2") == 0
        assert unit.cases.erase_documents("c1") == 2
        unit.commit()
    with stored(writes=False) as unit:
        assert unit.cases.list_documents("c1") == []
        assert unit.cases.list_events("c1") == events


def test_closed_cases_are_found_until_their_evidence_was_erased(stored: UnitOfWorkFactory) -> None:
    states, later = (CaseState.PROVISIONALLY_DECIDED, CaseState.ISSUED), T0 + timedelta(seconds=1)
    documents = [CaseDocument(name, b"a document", f"{1:064x}", T0) for name in ("c1", "c2")]
    with stored(writes=True) as unit:
        unit.cases.add_documents(documents)
        assert unit.cases.list_closed(states, before=later, count=5) == [CASE]
        assert unit.cases.list_closed(states, before=T0, count=5) == []
        assert unit.cases.list_closed((CaseState.ISSUED,), before=later, count=5) == []
        both = (*states, CaseState.SUBMITTED)
        assert unit.cases.list_closed(both, before=later, count=5) == [CASE, PLAIN]
        assert unit.cases.list_closed(both, before=later, count=1) == [CASE]
        assert unit.cases.blank_documents("c1") == 1
        unit.cases.add_event(CaseEvent("c1", T0, "service", CaseEventKind.EVIDENCE_ERASED, ""))
        unit.commit()
    with stored(writes=False) as unit:
        assert unit.cases.list_closed(both, before=later, count=5) == [PLAIN]
        [blank] = unit.cases.list_documents("c1")
        assert (blank.content, blank.sha256, blank.is_erased) == (b"", f"{1:064x}", True)
        assert unit.cases.list_documents("c2") == documents[1:]
        assert not documents[1].is_erased


def test_tables_and_vouchings_change_the_fingerprint(units: UnitOfWorkFactory) -> None:
    table = ImportedTable("nuffic", b"a,b", "0" * 64, "2026-11-23", T0, "local")
    vouching = StoredVouching("1" * 64, b"{}", T0, "local")
    seen = []
    steps = (
        lambda unit: unit.recognition_data.put_table(table),
        lambda unit: unit.recognition_data.put_table(replace(table, content=b"c", sha256="2" * 64)),
        lambda unit: unit.recognition_data.add_vouching(vouching),
        lambda unit: unit.recognition_data.remove_vouching(vouching.sha256),
    )
    with units(writes=False) as unit:
        seen.append(unit.recognition_data.read_fingerprint())
    for step in steps:
        with units(writes=True) as unit:
            step(unit)
            unit.commit()
        with units(writes=False) as unit:
            seen.append(unit.recognition_data.read_fingerprint())
            assert unit.recognition_data.read_fingerprint() == seen[-1]
    assert len({*seen[:4]}) == 4
    with units(writes=True) as unit:
        assert unit.recognition_data.list_tables() == [replace(table, content=b"c", sha256="2" * 64)]
        assert unit.recognition_data.list_vouchings() == []
        assert unit.recognition_data.remove_table("nuffic")
        assert not unit.recognition_data.remove_table("nuffic")
        unit.recognition_data.add_vouching(vouching)
        with pytest.raises(ConflictError):
            unit.recognition_data.add_vouching(vouching)

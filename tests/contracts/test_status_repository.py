"""What every storage promises about status lists, run over the fake, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.ports import Hold, UnitOfWorkFactory
from skillcred.services.records import (
    Organisation,
    OrganisationKind,
    StatusEvent,
    StatusEventKind,
    StatusListRecord,
    StatusPublication,
    StatusSlot,
    StatusView,
)
from skillcred.status.scheme import StatusScheme

T0 = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
SCHOOL = Organisation("id-school", OrganisationKind.PROVIDER, "school", "did:web:a", "School", "PH", T0)
OTHER = Organisation("id-other", OrganisationKind.PROVIDER, "other", "did:web:b", "Other", "KE", T0)
LIST = StatusListRecord("list-1", SCHOOL.id, 131_072, bytes(range(32)), 0, T0)
SLOT = StatusSlot(LIST.id, 7, "https://example.org/v1/credentials/1", SCHOOL.id, T0)
EVENT = StatusEvent("event-1", LIST.id, 7, StatusEventKind.SUSPENDED, T0, False, T0, "a typo", "key-1", 1)
PUBLICATION = StatusPublication(
    LIST.id, StatusView.REVOCATION, 1, 0, b"{\x00}", "application/vc", T0, T0 + timedelta(days=1)
)


@pytest.fixture(autouse=True)
def organisations(units: UnitOfWorkFactory) -> None:
    with units(writes=True) as unit:
        unit.organisations.add(SCHOOL)
        unit.organisations.add(OTHER)
        unit.statuses.add_list(LIST)
        unit.statuses.add_slots([SLOT])
        unit.commit()


def test_a_list_comes_back(units: UnitOfWorkFactory) -> None:
    with units(writes=False) as unit:
        assert unit.statuses.find_list(LIST.id) == LIST
        assert unit.statuses.find_open_list(SCHOOL.id) == LIST
        assert unit.statuses.find_open_list(OTHER.id) is None
        assert unit.statuses.find_list("nothing") is None
        assert unit.statuses.list_lists() == unit.statuses.list_lists(SCHOOL.id) == [LIST]


def test_one_list_is_open(units: UnitOfWorkFactory) -> None:
    """SECURITY S-17."""
    second = replace(LIST, id="list-2")
    with units(writes=True) as unit, pytest.raises(ConflictError) as caught:
        unit.statuses.add_list(second)
    assert caught.value.code == "status_list_taken"
    with units(writes=True) as unit:
        held = unit.statuses.find_open_list(SCHOOL.id, hold=Hold.EXCLUSIVE)
        assert held is not None
        closed = replace(held, allocated=131_072, closed_at=T0 + timedelta(days=1))
        unit.statuses.update_list(closed)
        unit.statuses.add_list(second)
        unit.statuses.add_list(replace(LIST, id="list-3", organisation_id=OTHER.id))
        unit.commit()
    with units(writes=False) as unit:
        assert unit.statuses.find_list(LIST.id) == closed
        assert unit.statuses.find_open_list(SCHOOL.id) == second


def test_schemes_and_values_come_back(units: UnitOfWorkFactory) -> None:
    scheme = StatusScheme(("one", "zw\u00f6", "3", "4"), ("https://a.example/s",), refresh=True)
    told = replace(LIST, id="list-2", scheme=scheme)
    values = [(7, 3), (9, 1), (7, 0), (9, 2)]
    with units(writes=True) as unit:
        unit.statuses.update_list(replace(LIST, closed_at=T0))
        unit.statuses.add_list(told)
        for index in (7, 9):
            slot = replace(SLOT, list_id=told.id, index=index, credential_id=f"urn:{index}")
            unit.statuses.add_slots([slot])
        events = [
            replace(
                EVENT,
                id=f"value-{number}",
                list_id=told.id,
                index=index,
                kind=StatusEventKind.MESSAGE,
                sequence=number,
                value=value,
            )
            for number, (index, value) in enumerate(values, 1)
        ]
        refresh = replace(events[0], id="refresh", kind=StatusEventKind.REFRESH, sequence=5, value=1)
        unit.statuses.add_events([*events, refresh])
        unit.commit()
    with units(writes=False) as unit:
        assert unit.statuses.find_list(told.id) == unit.statuses.find_latest_list(SCHOOL.id) == told
        assert unit.statuses.find_latest_list(OTHER.id) is None
        assert unit.statuses.list_values(told.id, StatusEventKind.MESSAGE) == {7: 0, 9: 2}
        assert unit.statuses.list_values(told.id, StatusEventKind.REFRESH) == {7: 1}
        assert unit.statuses.list_values(LIST.id, StatusEventKind.MESSAGE) == {}
        assert unit.statuses.list_events(told.id) == [*events, refresh]
        assert unit.statuses.list_states(told.id) == {}


def test_an_entry_is_given_out_once(units: UnitOfWorkFactory) -> None:
    """SECURITY S-16: neither to two credentials, nor two entries to one copy, nor one to two copies."""
    fresh = replace(SLOT, index=9, credential_id="urn:fresh")
    for slot in (replace(SLOT, credential_id="urn:another"), replace(SLOT, index=8), replace(SLOT, copy=1)):
        with units(writes=True) as unit, pytest.raises(ConflictError) as caught:
            unit.statuses.add_slots([fresh, slot])
        assert caught.value.code == "status_slot_taken"
    with units(writes=False) as unit:
        names = [SLOT.credential_id, "urn:another", "urn:fresh"]
        assert unit.statuses.find_slots(names) == {SLOT.credential_id: (SLOT,)}
        assert unit.statuses.list_slots(LIST.id) == [SLOT]


def test_copies_have_entries_of_their_own(units: UnitOfWorkFactory) -> None:
    copies = [replace(SLOT, index=90 - number, copy=number) for number in (2, 1, 3)]
    with units(writes=True) as unit:
        unit.statuses.add_slots(copies)
        unit.statuses.add_slots([])
        unit.commit()
    with units(writes=False) as unit:
        found = unit.statuses.find_slots([SLOT.credential_id])
        assert found == {SLOT.credential_id: (SLOT, copies[1], copies[0], copies[2])}
        assert unit.statuses.list_slots(LIST.id) == [SLOT, *copies]


def test_a_change_of_more_entries_than_one_statement_names(units: UnitOfWorkFactory) -> None:
    indexes = range(1000, 6500)
    with units(writes=True) as unit:
        unit.statuses.add_slots(
            [replace(SLOT, index=index, credential_id="urn:many", copy=index - 1000) for index in indexes]
        )
        unit.statuses.set_slot_states(LIST.id, indexes, StatusEventKind.REVOKED)
        unit.commit()
    with units(writes=False) as unit:
        assert unit.statuses.list_states(LIST.id) == dict.fromkeys(indexes, StatusEventKind.REVOKED)


def test_states_and_events(units: UnitOfWorkFactory) -> None:
    revoked = replace(EVENT, id="event-2", kind=StatusEventKind.REVOKED, retroactive=True, sequence=2)
    with units(writes=True) as unit:
        unit.statuses.add_slots([replace(SLOT, index=8, credential_id="urn:another")])
        for event in (EVENT, revoked):
            unit.statuses.add_events([event])
            unit.statuses.set_slot_states(LIST.id, [7, 8], event.kind)
        unit.commit()
    with units(writes=False) as unit:
        assert unit.statuses.count_events(LIST.id) == 2
        assert (
            unit.statuses.list_events(LIST.id)
            == unit.statuses.list_events(LIST.id, index=7)
            == [EVENT, revoked]
        )
        assert unit.statuses.list_events(LIST.id, index=8) == []
        assert unit.statuses.list_states(LIST.id) == dict.fromkeys((7, 8), StatusEventKind.REVOKED)
        assert unit.statuses.find_slots([SLOT.credential_id, "urn:nothing"]) == {
            SLOT.credential_id: (replace(SLOT, state=StatusEventKind.REVOKED),)
        }
        assert unit.statuses.find_slots([]) == {}
    with units(writes=True) as unit, pytest.raises(ConflictError):
        unit.statuses.add_events([EVENT])
    with units(writes=True) as unit, pytest.raises(NotFoundError):
        unit.statuses.set_slot_states(LIST.id, [7, 9], None)
    with units(writes=True) as unit, pytest.raises(NotFoundError):
        unit.statuses.update_list(replace(LIST, id="nothing"))


def test_what_the_publisher_asks_for(units: UnitOfWorkFactory) -> None:
    hour = timedelta(hours=1)
    revoked = replace(
        EVENT,
        id="event-2",
        sequence=2,
        kind=StatusEventKind.REVOKED,
        effective_at=T0 - hour,
        recorded_at=T0 + hour,
    )
    second = replace(PUBLICATION, version=2, events=2, published_at=T0 + hour)
    token = replace(PUBLICATION, view=StatusView.TOKEN, version=7)
    with units(writes=True) as unit:
        unit.statuses.add_events([EVENT, revoked])
        for publication in (PUBLICATION, second, token):
            unit.statuses.add_publication(publication)
        unit.commit()
    with units(writes=False) as unit:
        statuses = unit.statuses
        assert statuses.list_revocation_dates(LIST.id) == {7: (T0 - hour, T0 + hour)}
        found = [statuses.find_recording(LIST.id, sequence) for sequence in range(4)]
        assert found == [None, T0, T0 + hour, None]
        heads = {(head.view, head.version): head for head in statuses.list_publication_heads()}
        assert heads.keys() == {(StatusView.REVOCATION, 2), (StatusView.TOKEN, 7)}
        head = heads[StatusView.REVOCATION, 2]
        assert (head.list_id, head.events) == (LIST.id, 2)
        assert (head.published_at, head.valid_until) == (T0 + hour, PUBLICATION.valid_until)


def test_publications(units: UnitOfWorkFactory) -> None:
    second = replace(PUBLICATION, version=2, events=3, published_at=T0 + timedelta(hours=1))
    with units(writes=True) as unit:
        unit.statuses.add_publication(PUBLICATION)
        unit.statuses.add_publication(second)
        unit.statuses.add_publication(replace(PUBLICATION, view=StatusView.SUSPENSION))
        unit.commit()
    with units(writes=True) as unit, pytest.raises(ConflictError) as caught:
        unit.statuses.add_publication(replace(second, content=b"other"))
    assert caught.value.code == "publication_taken"
    with units(writes=False) as unit:
        statuses = unit.statuses
        assert statuses.find_publication(LIST.id, StatusView.REVOCATION) == second
        assert statuses.find_publication("nothing", StatusView.REVOCATION) is None
        assert statuses.list_publications(LIST.id, StatusView.REVOCATION) == [PUBLICATION, second]
        view = StatusView.REVOCATION
        assert statuses.find_publication_at(LIST.id, view, T0 + timedelta(minutes=59)) == PUBLICATION
        assert statuses.find_publication_at(LIST.id, view, T0 + timedelta(hours=1)) == second
        assert statuses.find_publication_at(LIST.id, view, T0 - timedelta(hours=1)) is None


def test_the_latest_seen_version_only_moves_forward(units: UnitOfWorkFactory) -> None:
    """SECURITY S-08."""
    uri = "https://issuer.example/status/1"
    for seen, expected in (
        (T0, T0),
        (T0 + timedelta(hours=1), T0 + timedelta(hours=1)),
        (T0, T0 + timedelta(hours=1)),
    ):
        with units(writes=True) as unit:
            unit.statuses.record_seen(uri, seen)
            unit.commit()
        with units(writes=False) as unit:
            assert unit.statuses.find_seen(uri) == expected
            assert unit.statuses.find_seen("https://issuer.example/status/2") is None

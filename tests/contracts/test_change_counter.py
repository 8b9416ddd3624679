"""What every counter of changes promises, run over the fake, SQLite and PostgreSQL (docs/adr/0008)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from skillcred.adapters.db import SqlChangeCounter, SqlUnitOfWorkFactory, build_engine, upgrade
from skillcred.adapters.db.change_counter import AREA_OF_TABLE, NOT_COUNTED
from skillcred.adapters.db.rows import Base
from skillcred.errors import UnavailableError
from skillcred.services.ports import UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    AccreditationEventKind,
    KeyState,
    NationalBody,
    Organisation,
    OrganisationKind,
    SigningKey,
    StatusEvent,
    StatusEventKind,
    StatusListRecord,
    StatusPublication,
    StatusSlot,
    StatusView,
)
from skillcred.services.snapshot_ports import Area, ChangeCounter
from worlds.databases import upgrade_new
from worlds.in_memory import InMemoryChangeCounter, InMemoryStorage

T0 = datetime(2026, 6, 1, 12, tzinfo=UTC)
SCHOOL = Organisation("id-school", OrganisationKind.PROVIDER, "school", "did:web:a", "School", "PH", T0)
OTHER = replace(SCHOOL, id="id-other", slug="other", did="did:web:b", name="Academy")
KEY = SigningKey("did:web:a#key-1", SCHOOL.id, "Ed25519", "z6MkKey", KeyState.ACTIVE, T0)
BODY = NationalBody("did:web:body", "Board of Skills", "PH", T0)
ACCREDITATION = Accreditation("urn:1", BODY.did, SCHOOL.did, b"{}", "application/vc", T0, None, T0)
LIST = StatusListRecord("list-1", SCHOOL.id, 131_072, bytes(32), 0, T0)
SLOT = StatusSlot(LIST.id, 7, "urn:2", SCHOOL.id, T0)

Write = Callable[[UnitOfWork], object]
CHANGES: dict[str, tuple[Area, Write]] = {
    "organisation": (Area.REGISTRY, lambda unit: unit.organisations.add(OTHER)),
    "key retired": (
        Area.REGISTRY,
        lambda unit: unit.signing_keys.update(replace(KEY, state=KeyState.RETIRED, retired_at=T0)),
    ),
    "body": (
        Area.REGISTRY,
        lambda unit: unit.registry.add_body(replace(BODY, did="did:web:c", name="Agency")),
    ),
    "accreditation": (
        Area.REGISTRY,
        lambda unit: unit.registry.add_accreditation(replace(ACCREDITATION, id="urn:3")),
    ),
    "suspension": (
        Area.REGISTRY,
        lambda unit: unit.registry.add_event(
            AccreditationEvent(
                "event-1", ACCREDITATION.id, AccreditationEventKind.SUSPENDED, T0, T0, "audit", "k"
            )
        ),
    ),
    "revocation": (
        Area.STATUS,
        lambda unit: unit.statuses.add_events(
            [StatusEvent("event-2", LIST.id, 7, StatusEventKind.REVOKED, T0, False, T0, "typo", "k", 1)]
        ),
    ),
    "publication": (
        Area.STATUS,
        lambda unit: unit.statuses.add_publication(
            StatusPublication(
                LIST.id, StatusView.REVOCATION, 1, 0, b"{}", "application/vc", T0, T0 + timedelta(days=1)
            )
        ),
    ),
}


@dataclass(frozen=True)
class Storage:
    units: UnitOfWorkFactory
    others: UnitOfWorkFactory
    """The same storage as another process sees it."""
    counter: ChangeCounter


@pytest.fixture(params=["in-memory", "sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "in-memory":
        fake = InMemoryStorage()
        _fill(fake)
        yield Storage(fake, fake, InMemoryChangeCounter(fake))
        return
    address = (
        f"sqlite:///{tmp_path / 'test.sqlite3'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    upgrade_new(address)
    engine, other = build_engine(address), build_engine(address)
    units, counter = SqlUnitOfWorkFactory(engine), SqlChangeCounter(engine)
    _fill(units)
    yield Storage(units, SqlUnitOfWorkFactory(other), counter)
    counter.close()
    engine.dispose()
    other.dispose()


def _fill(units: UnitOfWorkFactory) -> None:
    with units(writes=True) as unit:
        unit.organisations.add(SCHOOL)
        unit.signing_keys.add(KEY)
        unit.registry.add_body(BODY)
        unit.registry.add_accreditation(ACCREDITATION)
        unit.statuses.add_list(LIST)
        unit.statuses.add_slots([SLOT])
        unit.commit()


@pytest.mark.parametrize("by", ["units", "others"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_committed_change_is_counted_whoever_made_it(storage: Storage, name: str, by: str) -> None:
    area, write = CHANGES[name]
    before = storage.counter.read()
    units: UnitOfWorkFactory = getattr(storage, by)
    with units(writes=True) as unit:
        write(unit)
        unit.commit()
    assert storage.counter.read()[area] != before[area]


def test_what_is_not_committed_is_not_counted(storage: Storage) -> None:
    before = storage.counter.read()
    with storage.units(writes=True) as unit:
        unit.organisations.add(OTHER)
    with storage.units(writes=False) as unit:
        unit.organisations.list_all()
    assert storage.counter.read() == before


def test_a_change_is_not_counted_before_it_is_committed(storage: Storage) -> None:
    before = storage.counter.read()
    with storage.others(writes=True) as unit:
        unit.organisations.add(OTHER)
        assert storage.counter.read() == before
        unit.commit()
    assert storage.counter.read() != before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_issuing_and_other_areas_leave_a_count_as_it_is(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path / 'x'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    upgrade_new(address)
    engine = build_engine(address)
    units, counter = SqlUnitOfWorkFactory(engine), SqlChangeCounter(engine)
    _fill(units)
    before = counter.read()
    with units(writes=True) as unit:
        unit.statuses.add_slots([replace(SLOT, index=8, credential_id="urn:9")])
        unit.commit()
    assert counter.read() == before
    with units(writes=True) as unit:
        CHANGES["revocation"][1](unit)
        unit.commit()
    assert counter.read() == {**before, Area.STATUS: before[Area.STATUS] + 1}
    counter.close()
    engine.dispose()


def test_every_table_is_counted_or_said_not_to_be() -> None:
    """A new table has to be put into one of the two, or what is held in memory may be out of date."""
    assert AREA_OF_TABLE.keys().isdisjoint(NOT_COUNTED)
    assert AREA_OF_TABLE.keys() | NOT_COUNTED == Base.metadata.tables.keys()


def test_a_database_that_is_not_there_says_so(tmp_path: Path) -> None:
    for address in (f"sqlite:///{tmp_path / 'empty'}", "postgresql://nobody@127.0.0.1:1/none"):
        counter = SqlChangeCounter(build_engine(address))
        with pytest.raises(UnavailableError):
            counter.read()
        counter.close()


def test_a_counter_that_lost_its_connection_goes_on(tmp_path: Path) -> None:
    engine = build_engine(f"sqlite:///{tmp_path / 'x'}")
    counter = SqlChangeCounter(engine)
    with pytest.raises(UnavailableError):
        counter.read()
    upgrade(engine)
    assert counter.read() == dict.fromkeys(Area, 0)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM change_counter WHERE area = 'status'"))
    with pytest.raises(UnavailableError):
        counter.read()
    counter.close()
    engine.dispose()

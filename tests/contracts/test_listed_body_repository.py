"""What every storage promises about listed bodies, run over the fake, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from skillcred.services.listed_records import ListedBody, ListedRole, ListedSource
from skillcred.services.ports import UnitOfWorkFactory

T0 = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
KENYA = ListedBody(
    "KE-01", "KE", "Kenya National Qualifications Authority", ListedRole.NQF_AUTHORITY,
    (ListedSource("Its page", "https://body.example/a"), ListedSource("A printed report")),
    "official-page", T0, "test-1", acronym="KNQA", website="https://body.example",
    identifier="did:web:body.example", as_of="2024-06", rights="CC0-1.0", confirm_first=True,
)  # fmt: skip
PLAIN = ListedBody("EG-01", "EG", "وزارة التربية", ListedRole.OTHER, (), "page", T0, "test-1")


def put(units: UnitOfWorkFactory, *bodies: ListedBody) -> None:
    with units(writes=True) as unit:
        for body in bodies:
            unit.listed_bodies.put(body)
        unit.commit()


def test_all_members_come_back(units: UnitOfWorkFactory) -> None:
    put(units, KENYA, PLAIN)
    with units(writes=False) as unit:
        assert unit.listed_bodies.find("KE-01") == KENYA
        assert unit.listed_bodies.find("EG-01") == PLAIN
        assert unit.listed_bodies.find("XX-01") is None


def test_list_is_sorted_and_by_country(units: UnitOfWorkFactory) -> None:
    second = replace(KENYA, id="KE-00", name="Ministry of Education")
    put(units, second, KENYA, PLAIN)
    with units(writes=False) as unit:
        assert unit.listed_bodies.list_all() == [PLAIN, KENYA, second]
        assert unit.listed_bodies.list_all(country="KE") == [KENYA, second]
        assert unit.listed_bodies.list_all(country="PH") == []


def test_put_replaces_by_id(units: UnitOfWorkFactory) -> None:
    put(units, KENYA)
    renamed = replace(KENYA, name="Another Name", website=None, confirm_first=False)
    put(units, renamed)
    with units(writes=False) as unit:
        assert unit.listed_bodies.list_all() == [renamed]


def test_what_is_not_committed_is_not_there(units: UnitOfWorkFactory) -> None:
    with units(writes=True) as unit:
        unit.listed_bodies.put(KENYA)
    with units(writes=False) as unit:
        assert unit.listed_bodies.list_all() == []

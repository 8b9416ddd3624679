"""The tables of the registry against its log: rows that were edited, deleted or put in beside the log are found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.errors import SkillcredError
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm
from skillcred.services.enrol_national_body import Enrolment
from skillcred.services.records import KnownKey
from skillcred.trust import AccreditationScope, RegisteredKey, Succession
from worlds.application import build_demo_registry
from worlds.in_memory import START, FixedClock

PROVIDER = "did:web:elsewhere.example"
METHOD = f"{PROVIDER}#1"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """A registry in which everything that is logged has happened, and a hand in its database."""
    changes = {}
    if request.param == "postgresql":
        changes["database_url"] = request.getfixturevalue("module_postgres_url")
    registry = build_demo_registry(tmp_path_factory.mktemp("tables"), clock=FixedClock(), **changes)
    application, at = registry.application, START + timedelta(days=1)
    key = RegisteredKey(METHOD, PrivateKey.generate(Algorithm.ED25519).public_key.to_multikey(), START)
    for known in (key, replace(key, retired_at=at)):
        application.record_known_key(registry.operator, PROVIDER, known)
    enrolment = Enrolment(
        "did:web:b.example", "Another Body", "PH", "https://b.example", (AccreditationScope(("training",)),)
    )
    with application.enrol_national_body.units(writes=True) as unit:
        body = application.enrol_national_body.apply(unit, registry.operator, enrolment)
        unit.commit()
    for kind, successor in (
        ("suspended", None), ("succeeded", Succession("renaming", "did:web:c.example", "New Body")),
    ):  # fmt: skip
        application.change_enrolment(
            registry.operator, body.did, kind=kind, effective_at=at, reason="Law.", successor=successor
        )
    application.change_accreditation(
        registry.body, registry.accreditation.id, kind="suspended", effective_at=at, reason="Inspection."
    )
    engine = build_engine(application.settings.database_address)
    yield registry, engine
    engine.dispose()
    application.close()


def faults(rig) -> list[tuple[str, str]]:
    assert rig[0].application.verify_registry_log().faults == (), "the log itself is whole"
    return [(fault.row.table, fault.code) for fault in rig[0].application.compare_registry_tables().faults]


def test_what_was_done_by_the_service_agrees(rig) -> None:
    compared = rig[0].application.compare_registry_tables()
    assert compared.faults == ()
    assert compared.rows == 7, "two enrolments, two events of one, an accreditation, an event of it, a key"


@pytest.mark.parametrize(
    ("table", "column", "value", "where"),
    [
        ("national_body", "name", "'Other Body'", "enrolment"),
        ("national_body", "country", "'ZZ'", "enrolment"),
        ("national_body", "scopes", "NULL", "enrolment"),
        ("national_body", "ended_at", "enrolled_at", "enrolment"),
        ("body_event", "reason", "'None.'", "enrolment event"),
        ("body_event", "successor_did", "'did:web:mallory.example'", "enrolment event"),
        ("accreditation", "provider_did", "'did:web:mallory.example'", "accreditation"),
        ("accreditation", "valid_until", "recorded_at", "accreditation"),
        ("accreditation", "content", ":content", "accreditation"),
        ("accreditation_event", "kind", "'reinstated'", "accreditation event"),
        ("accreditation_event", "recorded_by", "'somebody'", "accreditation event"),
        ("registered_key", "retired_at", "NULL", "key"),
    ],
)
def test_W_30_an_edited_row_is_found(rig, table: str, column: str, value: str, where: str) -> None:
    latest = f"position = (SELECT max(position) FROM {table})"
    given = {"content": b"{}"} if value == ":content" else {}
    with rig[1].begin() as connection:
        before = connection.execute(text(f"SELECT {column} FROM {table} WHERE {latest}")).scalar()
        connection.execute(text(f"UPDATE {table} SET {column} = {value} WHERE {latest}"), given)
    try:
        assert faults(rig) == [(where, "row_differs")]
    finally:
        with rig[1].begin() as connection:
            connection.execute(text(f"UPDATE {table} SET {column} = :old WHERE {latest}"), {"old": before})
    assert faults(rig) == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("body_event", "kind", "burned"), ("accreditation_event", "kind", ""), ("national_body", "scopes", "[7]"),
     ("national_body", "scopes", "{"), ("national_body", "scopes", '[{"profiles":7}]')],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_a_fault_with_a_code(rig, table: str, column: str, value: str) -> None:
    latest = f"position = (SELECT max(position) FROM {table})"
    change = text(f"UPDATE {table} SET {column} = :value WHERE {latest}")
    with rig[1].begin() as connection:
        before = connection.execute(text(f"SELECT {column} FROM {table} WHERE {latest}")).scalar()
        connection.execute(change, {"value": value})
    try:
        with pytest.raises(SkillcredError) as caught:
            rig[0].application.compare_registry_tables()
        assert caught.value.code in {"registry_row_damaged", "invalid_accreditation"}
    finally:
        with rig[1].begin() as connection:
            connection.execute(change, {"value": before})


def test_W_30_rows_put_in_or_taken_out_are_found(rig) -> None:
    engine = rig[1]
    with SqlUnitOfWorkFactory(engine)(writes=True) as unit:
        (known,) = unit.registry.list_known_keys()
        (event,) = unit.registry.list_events()
        forged = replace(known.key, verification_method=f"{PROVIDER}#2")
        unit.registry.put_known_key(KnownKey(PROVIDER, forged, known.recorded_at, known.recorded_by))
        unit.registry.add_event(replace(event, id="forged"))
        unit.commit()
    assert faults(rig) == [("accreditation event", "row_not_logged"), ("key", "row_not_logged")]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM registered_key"))
        connection.execute(text("DELETE FROM accreditation_event"))
        connection.execute(text("DELETE FROM body_event"))
    assert faults(rig) == [
        ("accreditation event", "row_missing"), ("enrolment event", "row_missing"),
        ("enrolment event", "row_missing"), ("key", "row_missing"),
    ]  # fmt: skip

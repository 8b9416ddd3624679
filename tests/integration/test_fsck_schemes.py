"""`skillcred fsck` over lists with messages: a sound store is sound, and each damage is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.errors import IntegrityError
from skillcred.services.check_storage import CheckStorage
from skillcred.services.status_views import views_of
from worlds.application import build_demo_registry
from worlds.in_memory import FixedClock


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store whose lists have schemes, with several versions of every view."""
    changes: dict[str, Any] = {}
    if request.param == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    clock = FixedClock()
    registry = build_demo_registry(tmp_path, clock=clock, **changes)
    application, provider = registry.application, registry.provider
    address = application.settings.database_address
    registry.issue("before")
    schemes = application.status_schemes
    schemes.set(provider, messages=("a", "b", "c", "d"), references=(), refresh=True)
    made = [registry.issue(str(number)).credential_id for number in range(3)]

    def publish() -> None:
        clock.advance(minutes=1)
        engine = build_engine(address)
        with SqlUnitOfWorkFactory(engine)(writes=False) as unit:
            records = unit.statuses.list_lists()
        engine.dispose()
        for record in records:
            for view in views_of(record):
                application.publish_status_list(record.id, view)

    publish()
    for credential, kind, value in (
        (made[0], "message", 3),
        (made[1], "message", 1),
        (made[0], "refresh", 1),
        (made[0], "message", 2),
    ):
        schemes.record_value(provider, credential, kind=kind, value=value, reason="So it is.")
    application.change_status(provider, made[0], kind="revoked", reason="A typo.")
    publish()
    schemes.record_value(provider, made[0], kind="message", value=0, reason="So it is.")
    publish()
    application.close()
    return address


def check(address: str, *statements: str) -> set[str]:
    """The checks that find something once `statements` were executed."""
    engine = build_engine(address)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        results = CheckStorage("http://127.0.0.1:8000", SqlUnitOfWorkFactory(engine))()
    finally:
        engine.dispose()
    return {result.name for result in results if result.found}


def test_a_sound_store_and_a_message_that_was_changed_behind_it(address: str) -> None:
    assert check(address) == set()
    assert check(address, "UPDATE status_event SET value = 3 WHERE sequence = 4") == {"bits_are_folds"}


DAMAGES: dict[str, tuple[str, set[str]]] = {
    "a value without a place": (
        "UPDATE status_event SET value = 4 WHERE sequence = 1",
        {"events_in_order"},
    ),
    "a message without a value": (
        "UPDATE status_event SET value = NULL WHERE sequence = 1",
        {"events_in_order"},
    ),
    "a revocation with a value": (
        "UPDATE status_event SET value = 1 WHERE kind = 'revoked'",
        {"events_in_order"},
    ),
    "a refresh that was taken back": (
        "UPDATE status_event SET value = 0 WHERE kind = 'refresh'",
        {"events_in_order", "bits_are_folds"},
    ),
    "a list that was closed for nothing": (
        "UPDATE status_list SET closed_at = opened_at WHERE closed_at IS NULL AND scheme IS NOT NULL",
        {"lists_counted"},
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found(address: str, name: str) -> None:
    statement, found = DAMAGES[name]
    assert check(address, statement) == found


@pytest.mark.parametrize(
    "scheme", ["nonsense", '{"messages": ["a"], "references": [], "refresh": true}', "[]"]
)
def test_a_scheme_that_cannot_be_read_is_a_fault_of_its_own(address: str, scheme: str) -> None:
    statement = f"UPDATE status_list SET scheme = '{scheme}' WHERE scheme IS NOT NULL"
    with pytest.raises(IntegrityError) as fault:
        check(address, statement.replace(":", "\\:"))
    assert fault.value.code == "status_scheme_damaged"

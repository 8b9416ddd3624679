"""`skillcred fsck` finds nothing in a sound database, and every way in which one was damaged on purpose."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.services.batch_records import BatchSelection
from skillcred.services.check_storage import CHECKS, CheckStorage
from skillcred.services.fsck_recognition import RECOGNITION_CHECKS
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.start_status_batch import StatusBatchRequest
from skillcred.services.status_views import views_of
from worlds.application import DemoRegistry, build_demo_registry, example_claims
from worlds.commands import run_skillcred_text
from worlds.in_memory import FixedClock

BASE_URL = "http://127.0.0.1:8000"
LENGTH = 131_072


def fill(registry: DemoRegistry, clock: FixedClock) -> None:
    """Credentials, one with copies, a renewal, changes of every kind, a batch, several versions of every view."""
    application, provider = registry.application, registry.provider
    give = application.issue_credential.issuing.allocate_status_entry
    made = [registry.issue(f"no-{number}").credential_id for number in range(6)]
    give.allocate_copies(provider.organisation.id, made[4], 2)
    request = IssuanceRequest("training", example_claims(), renews=made[0])
    application.issue_credential(provider, request, "renewal")
    engine = build_engine(application.settings.database_address)
    with SqlUnitOfWorkFactory(engine)(writes=False) as unit:
        [record] = unit.statuses.list_lists()
    engine.dispose()

    def publish() -> None:
        clock.advance(minutes=1)
        for view in views_of(record):
            application.publish_status_list(record.id, view)

    application.change_status(provider, made[4], kind="revoked", reason="A typo.")
    publish()
    for credential, kind in ((made[0], "revoked"), (made[1], "suspended"), (made[2], "suspended")):
        application.change_status(provider, credential, kind=kind, reason="A typo.")
    publish()
    application.change_status(provider, made[1], kind="reinstated", reason="It was none.")
    publish()
    selection = BatchSelection(credential_ids=(made[2], made[3], "urn:nothing"))
    batch = application.start_status_batch(
        provider, StatusBatchRequest("revoked", "A typo.", selection), "batch"
    )
    list(application.run_status_batches.run(batch.id))
    stopped = application.start_status_batch(
        provider, StatusBatchRequest("revoked", "A mistake.", BatchSelection(profile="training")), "stopped"
    )
    application.cancel_status_batch(provider, stopped.id)
    publish()
    application.rotate_key(provider)
    publish()


def check(address: str) -> dict[str, list[str]]:
    """The faults by check."""
    engine = build_engine(address)
    try:
        results = CheckStorage(BASE_URL, SqlUnitOfWorkFactory(engine))()
    finally:
        engine.dispose()
    assert [result.name for result in results] == list(CHECKS)
    if not any(result.found for result in results):
        mine = [result for result in results if result.name not in RECOGNITION_CHECKS]
        assert all(result.looked_at for result in mine), "a check looked at nothing"
    return {result.name: result.faults for result in results if result.found}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file in which all is well."""
    folder = tmp_path_factory.mktemp("sound")
    clock = FixedClock()
    registry = build_demo_registry(folder, clock=clock)
    fill(registry, clock)
    address = registry.application.settings.database_address
    registry.application.close()
    file = folder / "sound.sqlite"
    with (
        closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as original,
        closing(sqlite3.connect(file)) as copy,
    ):
        original.backup(copy)
    return file


@dataclass(frozen=True)
class Damaged:
    """A copy of the sound database that can be changed with plain SQL, without any constraint in the way."""

    file: Path

    def run(self, *statements: str, **values: object) -> None:
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            for statement in statements:
                connection.execute(statement, values)
            connection.commit()

    def get(self, query: str) -> Any:
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(query).fetchone()[0]

    def without_constraints(self, table: str) -> None:
        self.run(
            f"CREATE TABLE plain AS SELECT * FROM {table}",
            f"DROP TABLE {table}",
            f"ALTER TABLE plain RENAME TO {table}",
        )

    def change_content(self, view: str, version: int, change: Callable[[bytes], bytes]) -> None:
        where = f"view = '{view}' AND version = {version}"
        content = self.get(f"SELECT content FROM status_publication WHERE {where}")
        self.run(f"UPDATE status_publication SET content = :content WHERE {where}", content=change(content))


@pytest.fixture
def damaged(sound: Path, tmp_path: Path) -> Damaged:
    file = tmp_path / "damaged.sqlite"
    shutil.copy(sound, file)
    return Damaged(file)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_sound_database(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    changes: dict[str, Any] = {}
    if database == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    clock = FixedClock()
    registry = build_demo_registry(tmp_path, clock=clock, **changes)
    fill(registry, clock)
    address = registry.application.settings.database_address
    registry.application.close()
    assert check(address) == {}


def flip(content: bytes) -> bytes:
    """Another signature of the same length."""
    document = json.loads(content)
    value = document["proof"]["proofValue"]
    document["proof"]["proofValue"] = value[:-1] + ("1" if value[-1] != "1" else "2")
    return json.dumps(document).encode()


def take_name(content: bytes) -> bytes:
    return content.replace(b"eddsa-rdfc-2022", b"eddsa-jcs-2022")


def other_token(content: bytes) -> bytes:
    header, payload, signature = content.split(b".")
    raw = bytearray(base64.urlsafe_b64decode(signature + b"=="))
    raw[0] ^= 1
    return b".".join((header, payload, base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=")))


SLOT = "list_index = (SELECT list_index FROM status_slot ORDER BY position LIMIT 1)"
EVENT = "status_event WHERE position = (SELECT min(position) FROM status_event WHERE kind = 'revoked')"


def statements(*lines: str) -> Callable[[Damaged], None]:
    return lambda damaged: damaged.run(*lines)


def unconstrained(table: str, *lines: str) -> Callable[[Damaged], None]:
    def act(damaged: Damaged) -> None:
        damaged.without_constraints(table)
        damaged.run(*lines)

    return act


def content(view: str, version: int, change: Callable[[bytes], bytes]) -> Callable[[Damaged], None]:
    return lambda damaged: damaged.change_content(view, version, change)


def older_content(view: str, version: int, older: int) -> Callable[[Damaged], None]:
    """A version hands out the signed bytes of an older one."""
    return statements(
        f"UPDATE status_publication SET content = (SELECT content FROM status_publication WHERE view = '{view}'"
        f" AND version = {older}) WHERE view = '{view}' AND version = {version}"
    )


DAMAGES: dict[str, tuple[Callable[[Damaged], None], set[str]]] = {
    "an entry behind the end": (
        statements(f"UPDATE status_slot SET list_index = {LENGTH} WHERE {SLOT}"),
        {"entries_in_range", "events_in_order", "states_are_folds", "credentials_have_entries"},
    ),
    "an entry before the start": (
        statements(f"UPDATE status_slot SET list_index = -1 WHERE {SLOT}"),
        {"entries_in_range", "events_in_order", "states_are_folds", "credentials_have_entries"},
    ),
    "an entry given out twice": (
        unconstrained(
            "status_slot",
            "INSERT INTO status_slot SELECT 99, list_id, list_index, 'urn:other', organisation_id, allocated_at, state,"
            f" copy FROM status_slot WHERE {SLOT}",
        ),
        {"entries_unique", "entries_in_range", "lists_counted"},
    ),
    "a credential with two entries": (
        unconstrained(
            "status_slot",
            "INSERT INTO status_slot SELECT 99, list_id, 5, credential_id, organisation_id, allocated_at, NULL, copy"
            f" FROM status_slot WHERE {SLOT}",
        ),
        {"entries_unique", "entries_in_range", "lists_counted", "credentials_have_entries"},
    ),
    "a copy that is lost": (
        statements("DELETE FROM status_slot WHERE copy = 1"),
        {"copies_agree", "lists_counted", "entries_in_range", "events_in_order"},
    ),
    "a copy for which something else holds": (
        statements("UPDATE status_slot SET state = 'suspended' WHERE copy = 1"),
        {"copies_agree", "states_are_folds"},
    ),
    "an entry that is lost": (
        statements("DELETE FROM status_slot WHERE position = (SELECT max(position) FROM status_slot)"),
        {"lists_counted", "credentials_have_entries", "events_in_order", "renewals_follow"},
    ),
    "a counter that went back": (
        statements("UPDATE status_list SET allocated = allocated - 1"),
        {"lists_counted"},
    ),
    "a list that is closed too early": (
        statements("UPDATE status_list SET closed_at = opened_at"),
        {"lists_counted"},
    ),
    "two open lists": (
        unconstrained(
            "status_list",
            "INSERT INTO status_list (position, id, organisation_id, length, permutation_key, allocated, opened_at,"
            " closed_at, events) SELECT 99, 'second', organisation_id, length, permutation_key, 0, opened_at, NULL, 0"
            " FROM status_list",
        ),
        {"lists_counted"},
    ),
    "a revocation that is lost": (
        statements(f"DELETE FROM {EVENT}"),
        {"events_in_order", "lists_counted", "states_are_folds", "bits_are_folds", "versions_increase"},
    ),
    "a revocation that is made a suspension": (
        statements(f"UPDATE status_event SET kind = 'suspended' WHERE id = (SELECT id FROM {EVENT})"),
        {"states_are_folds", "bits_are_folds"},
    ),
    "a state that forgot": (
        statements(f"UPDATE status_slot SET state = NULL WHERE {SLOT}"),
        {"states_are_folds"},
    ),
    "a revocation that is taken back": (
        statements(
            "INSERT INTO status_event (id, list_id, list_index, kind, effective_at, retroactive, recorded_at, reason,"
            " recorded_by, sequence) SELECT 'back', list_id, list_index, 'reinstated', effective_at, 0, recorded_at,"
            f" 'r', 'k', 99 FROM {EVENT}"
        ),
        {"revoked_for_good", "events_in_order", "lists_counted"},
    ),
    "a version that is lost": (
        statements("DELETE FROM status_publication WHERE view = 'revocation' AND version = 2"),
        {"versions_increase"},
    ),
    "a version that tells of more than there is": (
        statements("UPDATE status_publication SET events = 99 WHERE view = 'revocation' AND version = 4"),
        {"versions_increase"},
    ),
    "a version that tells of less than before": (
        statements("UPDATE status_publication SET events = 0 WHERE view = 'revocation' AND version = 4"),
        {"versions_increase", "times_increase", "bits_are_folds", "revoked_for_good"},
    ),
    "a version from before the last one": (
        statements(
            "UPDATE status_publication SET published_at = '2026-01-01T00:00:00.000000Z'"
            " WHERE view = 'token' AND version = 3"
        ),
        {"times_increase", "signatures_verify"},
    ),
    "the bytes of an older version": (
        older_content("revocation", 4, 1),
        {"signatures_verify", "bits_are_folds", "revoked_for_good"},
    ),
    "the bytes of an older token": (
        older_content("token", 4, 1),
        {"signatures_verify", "bits_are_folds", "revoked_for_good"},
    ),
    "a broken proof": (content("revocation", 2, flip), {"signatures_verify"}),
    "another cryptosuite": (content("suspension", 2, take_name), {"signatures_verify"}),
    "a broken token": (content("token", 2, other_token), {"signatures_verify"}),
    "bytes that are no list": (content("revocation", 2, lambda _: b"{}"), {"signatures_verify"}),
    "a key that is not the issuer's": (
        statements("UPDATE signing_key SET organisation_id = 'nobody' WHERE state = 'retired'"),
        {"signatures_verify"},
    ),
    "a credential with other bytes": (
        statements("UPDATE credential SET content = CAST(content || ' ' AS BLOB) WHERE position = 2"),
        {"credentials_unchanged"},
    ),
    "a credential that was given another entry": (
        statements("UPDATE status_slot SET credential_id = 'urn:other' WHERE position = 4"),
        {"credentials_have_entries"},
    ),
    "a preparation that cannot be read": (
        statements("UPDATE issuance SET prepared = x'7b7d' WHERE position = 3"),
        {"credentials_have_entries"},
    ),
    "a renewal of something revoked": (
        statements(
            "UPDATE issuance SET renews = (SELECT credential_id FROM status_slot ORDER BY position LIMIT 1)"
            " WHERE credential_id = (SELECT credential_id FROM status_slot WHERE position = 6)"
        ),
        {"renewals_follow"},
    ),
    "a batch that counts wrongly": (
        statements("UPDATE status_batch SET done = done + 1, failed = failed - 1 WHERE state = 'finished'"),
        {"batches_add_up"},
    ),
    "a batch that left one out": (
        statements("UPDATE status_batch_item SET outcome = NULL WHERE number = 2"),
        {"batches_add_up"},
    ),
}


@pytest.mark.parametrize("name", list(DAMAGES))
def test_every_damage_is_found(damaged: Damaged, name: str) -> None:
    act, expected = DAMAGES[name]
    act(damaged)
    found = check(f"sqlite:///{damaged.file}")
    assert set(found) == expected, found


def test_every_check_has_a_damage() -> None:
    assert {name for _, expected in DAMAGES.values() for name in expected} == set(CHECKS) - set(
        RECOGNITION_CHECKS
    )


@pytest.fixture
def command(damaged: Damaged, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    variables = {
        "SKILLCRED_DATABASE_URL": f"sqlite:///{damaged.file}",
        "SKILLCRED_KEYS_FOLDER": str(tmp_path / "keys"),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_skillcred_text("fsck", *arguments, cwd=tmp_path, variables=variables)

    return run


def test_the_command(damaged: Damaged, command: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    good = command()
    assert good.returncode == 0, good.stderr
    lines = good.stdout.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines] == list(CHECKS)
    assert all(line.startswith("ok ") for line in lines)
    damaged.run("UPDATE status_slot SET state = NULL")
    bad = command("--json")
    assert bad.returncode == 1, bad.stderr
    results = json.loads(bad.stdout)
    assert not results["ok"]
    [fault] = [entry for entry in results["checks"] if not entry["ok"]]
    assert fault["name"] == "states_are_folds"
    assert fault["found"] == len(fault["faults"]) == 7
    shown = command().stdout
    assert "FAULT  states_are_folds: 7 of 9" in shown

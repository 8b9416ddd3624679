"""Connections, locks and faults of the real databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from skillcred.adapters.db import (
    ServingLock,
    SqlUnitOfWorkFactory,
    build_engine,
    check_durability,
    parse_database_url,
)
from skillcred.adapters.db import engine as engine_module
from skillcred.adapters.db import unit_of_work as unit_of_work_module
from skillcred.bootstrap import build_application, upgrade_database
from skillcred.errors import ConfigurationError, UnavailableError
from skillcred.services.ports import CommitUnknownError, Hold, TransactionConflictError, UnitOfWork
from skillcred.services.records import (
    AuditEntry,
    Issuance,
    IssuancePurpose,
    IssuanceState,
    KeyState,
    Organisation,
    OrganisationKind,
    SigningKey,
)
from skillcred.services.transactions import in_transaction
from worlds.application import build_settings, fill_demo_registry, open_application
from worlds.databases import upgrade_new
from worlds.in_memory import START

KEY = SigningKey("did:web:x.example#1", "o1", "Ed25519", "z1", KeyState.ACTIVE, START)
SCHOOL = Organisation("o1", OrganisationKind.PROVIDER, "school", "did:web:x.example", "School", "KE", START)


def session_of(unit: UnitOfWork) -> Any:
    """The SQLAlchemy session of a unit, for statements that no repository has."""
    return unit.audit._statements._session  # type: ignore[attr-defined]


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    upgrade_new(address := f"sqlite:///{tmp_path / 'test.sqlite3'}")
    engine = build_engine(address)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    engine = build_engine(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    name = "sqlite_engine" if request.param == "sqlite" else "postgres_engine"
    found: Engine = request.getfixturevalue(name)
    return found


class TestSqlite:
    def test_M19_pragmas(self, sqlite_engine: Engine) -> None:
        with sqlite_engine.connect() as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
            }
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 2000,
            "secure_delete": 1,
        }

    @pytest.mark.parametrize(
        ("pragma", "value"), [("journal_mode", "memory"), ("synchronous", 1), ("foreign_keys", 0)]
    )
    def test_F08_start_refuses_other_pragmas(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, value: object
    ) -> None:
        """As if SQLite had not taken a pragma, as on a file system without shared memory."""
        monkeypatch.setattr(
            engine_module, "_set_pragmas", lambda connection: connection.execute(f"PRAGMA {pragma} = {value}")
        )
        with pytest.raises(ConfigurationError) as fault:
            check_durability(build_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}"), strict=False)
        assert fault.value.code == "database_not_durable"

    @pytest.mark.parametrize(
        ("address", "code"),
        [
            ("sqlite://", "database_not_durable"),
            ("sqlite:///:memory:", "database_not_durable"),
            ("sqlite:///file:x?mode=memory&uri=true", "database_not_durable"),
            ("mysql://db/x", "unsupported_database"),
            ("postgresql+asyncpg://db/x", "unsupported_database"),
            ("no url", "invalid_database_url"),
        ],
    )
    def test_other_databases_are_refused(self, address: str, code: str) -> None:
        with pytest.raises(ConfigurationError) as fault:
            parse_database_url(address)
        assert fault.value.code == code

    def test_postgresql_gets_the_driver_we_use(self) -> None:
        for address in ("postgresql://db/x", "postgres://db/x", "postgresql+psycopg://db/x"):
            assert parse_database_url(address).drivername == "postgresql+psycopg"

    def test_unusable_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(ConfigurationError) as fault:
            build_engine(f"sqlite:///{tmp_path / 'file' / 'x.sqlite3'}")
        assert fault.value.code == "data_folder_unusable"

    def test_F08_busy_is_retried_and_then_unavailable(
        self, sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        units = SqlUnitOfWorkFactory(sqlite_engine)
        monkeypatch.setitem(engine_module._PRAGMAS, "busy_timeout", 10)
        sqlite_engine.dispose()
        other = sqlite3.connect(tmp_path / "test.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        calls: list[int] = []
        started = time.monotonic()
        with pytest.raises(TransactionConflictError):
            in_transaction(units, lambda unit: calls.append(1))
        assert calls == [], "BEGIN IMMEDIATE finds it out before any work"
        assert time.monotonic() - started < 60
        other.execute("ROLLBACK")
        in_transaction(units, lambda unit: unit.organisations.add(SCHOOL))
        other.close()

    def test_F08_eight_writers_and_a_reader_with_an_old_snapshot(self, sqlite_engine: Engine) -> None:
        units = SqlUnitOfWorkFactory(sqlite_engine)
        in_transaction(units, lambda unit: unit.organisations.add(SCHOOL))
        faults: list[BaseException] = []

        def write(number: int) -> None:
            entry = AuditEntry(START, f"w{number}", SCHOOL.id, "test", "x")
            try:
                for _ in range(10):
                    in_transaction(units, lambda unit: unit.audit.add(entry))
            except BaseException as fault:
                faults.append(fault)

        with units(writes=False) as reader:
            assert reader.audit.list_for(SCHOOL.id) == []
            threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert reader.audit.list_for(SCHOOL.id) == []
        assert faults == []
        with units(writes=False) as unit:
            assert len(unit.audit.list_for(SCHOOL.id)) == 80

    def test_full_queue_of_writers(self, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unit_of_work_module, "WRITER_QUEUE_SECONDS", 0.05)
        units = SqlUnitOfWorkFactory(sqlite_engine)
        with units(writes=True), pytest.raises(UnavailableError) as fault, units(writes=True):
            pass
        assert fault.value.code == "writer_queue_full"

    def test_deleted_wal_or_other_file_is_no_crash(self, sqlite_engine: Engine, tmp_path: Path) -> None:
        units = SqlUnitOfWorkFactory(sqlite_engine)
        in_transaction(units, lambda unit: unit.organisations.add(SCHOOL))
        sqlite_engine.dispose()
        (tmp_path / "test.sqlite3").write_bytes(b"not a database at all, but long enough to be read" * 40)
        with pytest.raises(UnavailableError), units(writes=False) as unit:
            unit.organisations.list_all()


class TestServingLock:
    def test_second_service_is_refused_until_the_first_ends(self, tmp_path: Path) -> None:
        settings = build_settings(tmp_path)
        upgrade_database(settings)
        first = build_application(settings, serving=True)
        with pytest.raises(ConfigurationError) as fault:
            build_application(settings, serving=True)
        assert fault.value.code == "database_in_use"
        fill_demo_registry(build_application(settings))  # a command beside the service may write
        assert len(first.list_organisations()) == 4
        first.close()
        first.close()
        build_application(settings, serving=True).close()

    def test_lock_ends_with_its_process(self, tmp_path: Path) -> None:
        database = tmp_path / "x.sqlite3"
        program = (
            "import sys, pathlib\n"
            "from skillcred.adapters.db import ServingLock\n"
            "lock = ServingLock(pathlib.Path(sys.argv[1]))\n"
            "print('held', flush=True)\n"
            "sys.stdin.read()\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(ConfigurationError):
            ServingLock(database)
        process.kill()
        process.communicate()
        ServingLock(database).close()

    def test_lock_file_that_is_a_link_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "x.sqlite3.serving").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ConfigurationError) as fault:
            ServingLock(tmp_path / "x.sqlite3")
        assert fault.value.code == "data_folder_unusable"
        assert not (tmp_path / "elsewhere").exists()


class TestPostgres:
    def test_durable_and_in_utc(self, postgres_engine: Engine) -> None:
        check_durability(postgres_engine, strict=True)
        with postgres_engine.connect() as connection:
            shown = {
                name: connection.exec_driver_sql(f"SHOW {name}").scalar()
                for name in ("synchronous_commit", "timezone", "statement_timeout", "lock_timeout")
            }
        assert shown == {
            "synchronous_commit": "on",
            "timezone": "UTC",
            "statement_timeout": "15s",
            "lock_timeout": "5s",
        }

    def test_F07_deadlock_is_retried(self, postgres_engine: Engine) -> None:
        """Two units lock two rows in opposite order; the database kills one, which then runs again as a whole."""
        units = SqlUnitOfWorkFactory(postgres_engine)
        with postgres_engine.begin() as connection:
            connection.execute(text("CREATE TABLE lockable (id INT PRIMARY KEY)"))
            connection.execute(text("INSERT INTO lockable VALUES (1), (2)"))
        in_transaction(units, lambda unit: unit.organisations.add(SCHOOL))
        both_hold_one = threading.Barrier(2)
        runs: list[int] = []

        def work(first: int, second: int) -> None:
            attempt = iter((True, False, False, False, False))

            def lock(unit: UnitOfWork) -> None:
                runs.append(first)
                session = session_of(unit)
                statement = text("SELECT id FROM lockable WHERE id = :id FOR UPDATE")
                session.execute(statement, {"id": first})
                if next(attempt):
                    both_hold_one.wait(timeout=10)
                with unit_of_work_module.database_faults():
                    session.execute(statement, {"id": second})
                unit.audit.add(AuditEntry(START, f"{first}", SCHOOL.id, "test", "x"))

            in_transaction(units, lock)

        threads = [threading.Thread(target=work, args=order) for order in ((1, 2), (2, 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(runs) in (3, 4), "a busy database may end both, and then both run again"
        with units(writes=False) as unit:
            assert sorted(entry.actor for entry in unit.audit.list_for(SCHOOL.id)) == ["1", "2"]

    def test_F04_connection_cut_at_commit_is_unknown(self, postgres_engine: Engine) -> None:
        units = SqlUnitOfWorkFactory(postgres_engine)

        def cut_off(unit: UnitOfWork) -> None:
            unit.organisations.add(SCHOOL)
            pid = session_of(unit).scalar(text("SELECT pg_backend_pid()"))
            with postgres_engine.begin() as killer:
                killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

        with pytest.raises(CommitUnknownError):
            in_transaction(units, cut_off)
        in_transaction(units, lambda unit: unit.organisations.add(SCHOOL))

    def test_F06_connections_that_died_are_replaced(self, postgres_engine: Engine) -> None:
        units = SqlUnitOfWorkFactory(postgres_engine)
        in_transaction(units, lambda unit: unit.organisations.add(SCHOOL))
        admin = build_engine(postgres_engine.url.render_as_string(hide_password=False))
        with admin.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        admin.dispose()
        with units(writes=False) as unit:
            assert unit.organisations.list_all() == [SCHOOL]

    def test_lock_timeout_is_unavailable(self, postgres_engine: Engine) -> None:
        units = SqlUnitOfWorkFactory(postgres_engine)
        in_transaction(units, lambda unit: unit.organisations.add(SCHOOL))
        with postgres_engine.begin() as holder:
            holder.execute(text("LOCK TABLE organisation IN ACCESS EXCLUSIVE MODE"))
            with units(writes=True) as unit:
                session_of(unit).execute(text("SET LOCAL lock_timeout = '50ms'"))
                with pytest.raises(UnavailableError):
                    unit.organisations.list_all()

    def test_reading_units_cannot_write(self, postgres_engine: Engine) -> None:
        units = SqlUnitOfWorkFactory(postgres_engine)
        with pytest.raises(UnavailableError), units(writes=False) as unit:
            unit.organisations.add(SCHOOL)

    def test_K18_rotation_waits_for_reservations_that_hold_the_key(self, postgres_engine: Engine) -> None:
        """Reservations hold the key together; who wants to change it waits until both have ended."""
        units = SqlUnitOfWorkFactory(postgres_engine)

        def fill(unit: UnitOfWork) -> None:
            unit.organisations.add(SCHOOL)
            unit.signing_keys.add(KEY)

        in_transaction(units, fill)
        order: list[str] = []

        def rotate() -> None:
            with units(writes=True) as unit:
                unit.signing_keys.find_active(SCHOOL.id, "Ed25519", hold=Hold.EXCLUSIVE)
                order.append("rotated")

        with units(writes=True) as one, units(writes=True) as two:
            for unit in (one, two):
                assert unit.signing_keys.find_active(SCHOOL.id, "Ed25519", hold=Hold.SHARED) == KEY
            thread = threading.Thread(target=rotate)
            thread.start()
            time.sleep(0.3)
            order.append("reserved")
        thread.join()
        assert order == ["reserved", "rotated"]


FAULT = {
    "sqlite": (
        "CREATE TRIGGER refuse BEFORE INSERT ON credential BEGIN SELECT RAISE(ABORT, 'refused'); END",
        "DROP TRIGGER refuse",
    ),
    "postgresql": (
        "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$ LANGUAGE plpgsql;"
        "CREATE TRIGGER refuse BEFORE INSERT ON credential FOR EACH ROW EXECUTE FUNCTION refuse()",
        "DROP TRIGGER refuse ON credential",
    ),
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_F05_trigger_that_refuses_the_credential(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The signature was made and cannot be stored: unavailable, the reservation is there to be found, and a repeat
    works with the same identifier."""
    changes = {} if database == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    application = open_application(tmp_path, **changes)
    registry = fill_demo_registry(application)
    engine = build_engine(application.settings.database_address)
    make, drop = FAULT[database]
    with engine.begin() as connection:
        connection.exec_driver_sql(make)
    with pytest.raises(UnavailableError) as fault:
        registry.issue("refused")
    assert fault.value.code == "database_unavailable"
    units = SqlUnitOfWorkFactory(engine)
    with units(writes=False) as unit:
        reserved = unit.issuances.find(registry.provider.organisation.id, "refused")
        assert reserved is not None
        assert reserved.state is IssuanceState.RESERVED
        assert unit.issuances.find_credential(reserved.credential_id) is None
    with engine.begin() as connection:
        connection.exec_driver_sql(drop)
    assert registry.issue("refused").credential_id == reserved.credential_id
    engine.dispose()
    application.close()


def test_foreign_keys_hold_organisations_apart(engine: Engine) -> None:
    """W-25, second wall: a reservation cannot name another organisation's key, whatever the code does."""
    units = SqlUnitOfWorkFactory(engine)
    other = replace(SCHOOL, id="o2", slug="other", did="did:web:y.example", name="Other")
    issuance = Issuance(
        "i1", other.id, IssuancePurpose.CREDENTIAL, "k", "00", "c1", "training", "00", "eddsa-jcs-2022",
        KEY.id, b"", "00", IssuanceState.RESERVED, START, START, "a",
    )  # fmt: skip

    def fill(unit: UnitOfWork) -> None:
        unit.organisations.add(SCHOOL)
        unit.organisations.add(other)
        unit.signing_keys.add(KEY)

    in_transaction(units, fill)
    with pytest.raises(UnavailableError):
        in_transaction(units, lambda unit: unit.issuances.reserve(issuance))
    in_transaction(units, lambda unit: unit.issuances.reserve(replace(issuance, organisation_id=SCHOOL.id)))

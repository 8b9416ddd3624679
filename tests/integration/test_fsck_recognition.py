"""`skillcred fsck` reads what is kept for recognition, and finds every way in which it was damaged on purpose."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.recognition.classification import Concept, ConceptKind, Release
from skillcred.recognition.records import Purpose
from skillcred.recognition.workflow import Decision, DecisionKind, DecisionStage
from skillcred.services.check_storage import CheckStorage
from skillcred.services.fsck_recognition import RECOGNITION_CHECKS
from skillcred.services.recognition import RecognitionRequest
from skillcred.services.recognition_data_ports import StoredVouching
from worlds.application import DemoRegistry, build_demo_registry
from worlds.in_memory import FixedClock

BASE_URL = "http://127.0.0.1:8000"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TABLE = (
    b"origin_country,origin_qualification,destination_country,comparable_to,source\n"
    b"EG,Diploma of Arts,NL,a HAVO diploma,A page <https://table.example/a>\n"
)
DECISION = Decision(DecisionKind.FULL, DecisionStage.FINAL, ("No substantial difference.",))
CONCEPTS = [Concept(f"urn:{kind.value}", kind, kind.value, (), None, (), (), ()) for kind in ConceptKind]


def fill(registry: DemoRegistry) -> None:
    """A case with a statement, one that was annulled, one whose evidence was erased, a table, a vouching and a
    classification."""
    application, body = registry.application, registry.body
    degree = registry.issue("degree", profile="qualification").content
    asked = RecognitionRequest(
        documents=(degree,),
        destination="KE",
        purpose=Purpose.REGULATED_PROFESSION,
        occupation="2142",
        at=date(2026, 6, 1),
    )
    clock = application.clock
    assert isinstance(clock, FixedClock)

    def decided() -> str:
        case_id = application.submit_recognition_case(body, asked).id
        application.assess_recognition_case.take(body, case_id)
        application.assess_recognition_case.decide(body, case_id, DECISION)
        application.issue_recognition_statement.decide(body, case_id)
        return case_id

    decided()
    clock.advance(days=400)
    assert application.erase_case_evidence() == 1
    decided()
    application.assess_recognition_case.annul(body, decided(), "The appeal was allowed.")
    tables, operator = application.import_recognition_table, registry.operator
    plan = tables.preview(operator, TABLE, label="t", as_of="2026-01-01")
    tables.confirm(operator, TABLE, label="t", as_of="2026-01-01", digest=plan.digest)
    engine = build_engine(application.settings.database_address)
    with SqlUnitOfWorkFactory(engine)(writes=True) as unit:
        unit.recognition_data.add_vouching(
            StoredVouching(hashlib.sha256(b"{}").hexdigest(), b"{}", NOW, "local")
        )
        unit.classification.replace(Release("1", "0" * 64, NOW, 1, 1, 0), CONCEPTS)
        unit.commit()
    engine.dispose()


def check(address: str) -> dict[str, list[str]]:
    """The faults by check."""
    engine = build_engine(address)
    try:
        results = CheckStorage(BASE_URL, SqlUnitOfWorkFactory(engine))()
    finally:
        engine.dispose()
    if not any(result.found for result in results):
        mine = [result for result in results if result.name in RECOGNITION_CHECKS]
        assert all(result.looked_at for result in mine), "a check looked at nothing"
    return {result.name: result.faults for result in results if result.found}


DAMAGES: dict[str, tuple[str, set[str]]] = {
    "a case that is further than its progress": (
        "UPDATE recognition_case SET state = 'withdrawn' WHERE position = 2",
        {"cases_readable"},
    ),
    "a question that cannot be read": (
        "UPDATE recognition_case SET question = '{}' WHERE position = 2",
        {"cases_readable"},
    ),
    "a comparison that is none": (
        "UPDATE recognition_case SET prepared = '[]' WHERE position = 2",
        {"cases_readable"},
    ),
    "a decision that was changed after it was signed": (
        "UPDATE recognition_case SET statement = replace(statement, 'full', 'partial') WHERE position = 2",
        {"case_statements_agree"},
    ),
    "a statement that is gone": (
        "UPDATE recognition_case SET statement_id = 'urn:nothing' WHERE position = 2",
        {"case_statements_agree"},
    ),
    "an annulled decision whose statement stands": (
        "UPDATE recognition_case SET statement_id = (SELECT statement_id FROM recognition_case WHERE position = 2),"
        " statement = (SELECT statement FROM recognition_case WHERE position = 2) WHERE position = 3",
        {"case_statements_agree"},
    ),
    "a document with other bytes": (
        "UPDATE recognition_case_document SET content = CAST(content || ' ' AS BLOB) WHERE position = 2",
        {"case_documents_unchanged"},
    ),
    "a table with other bytes": (
        "UPDATE recognition_table SET content = CAST(replace(content, 'HAVO', 'VWO') AS BLOB)",
        {"tables_unchanged"},
    ),
    "a table of another form": (
        f"UPDATE recognition_table SET content = x'', sha256 = '{hashlib.sha256(b'').hexdigest()}'",
        {"tables_unchanged"},
    ),
    "a vouching with other bytes": (
        "UPDATE recognition_vouching SET content = x'7b207d'",
        {"vouchings_unchanged"},
    ),
    "an occupation that is lost": (
        "DELETE FROM classification_concept WHERE kind = 'occupation'",
        {"classification_whole"},
    ),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    registry = build_demo_registry(tmp_path_factory.mktemp("sound"), clock=FixedClock())
    fill(registry)
    address = registry.application.settings.database_address
    registry.application.close()
    return Path(address.removeprefix("sqlite:///"))


def test_a_sound_database(sound: Path) -> None:
    assert check(f"sqlite:///{sound}") == {}


def test_a_sound_database_of_postgresql(tmp_path: Path, postgres_url: str) -> None:
    registry = build_demo_registry(tmp_path, clock=FixedClock(), database_url=postgres_url)
    try:
        fill(registry)
        assert check(registry.application.settings.database_address) == {}
    finally:
        registry.application.close()


@pytest.mark.parametrize("name", list(DAMAGES))
def test_every_damage_is_found(sound: Path, tmp_path: Path, name: str) -> None:
    statement, expected = DAMAGES[name]
    file = tmp_path / "damaged.sqlite"
    with closing(sqlite3.connect(sound)) as original, closing(sqlite3.connect(file)) as copy:
        original.backup(copy)
        assert copy.execute(statement).rowcount
        copy.commit()
    found = check(f"sqlite:///{file}")
    assert set(found) == expected, found


def test_every_check_has_a_damage() -> None:
    assert {name for _, expected in DAMAGES.values() for name in expected} == set(RECOGNITION_CHECKS)


def test_PR07_what_was_erased_is_in_no_file(tmp_path: Path) -> None:
    """Neither in a free page nor in the write-ahead log, once the service has ended."""
    registry = build_demo_registry(tmp_path, clock=FixedClock())
    application, body = registry.application, registry.body
    marked: dict[str, Any] = {"note": "canary-7d1f0c", "type": "nothing"}
    asked = RecognitionRequest(
        documents=(str(marked).encode() * 400,),
        destination="KE",
        purpose=Purpose.REGULATED_PROFESSION,
        at=date(2026, 6, 1),
    )
    case_id = application.submit_recognition_case(body, asked).id
    application.assess_recognition_case.withdraw(body, case_id)
    folder = Path(application.settings.database_address.removeprefix("sqlite:///")).parent
    application.close()
    read = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert any(b"recognition_case_document" in content for content in read)
    assert not any(b"canary-7d1f0c" in content for content in read)

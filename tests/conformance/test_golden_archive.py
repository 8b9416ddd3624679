"""What past versions signed must verify for ever, by both roads (SECURITY L-23)."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from skillcred.identifiers import derive_document
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome
from skillcred.securing import (
    ASSERTION,
    ProofFindings,
    ProofRequest,
    peek_controllers,
    verify_secured_document,
)
from worlds.road_documents import fast_road, general_road

AT = datetime(2026, 6, 1, tzinfo=UTC)
ARCHIVE = sorted((Path(__file__).parents[1] / "fixtures" / "golden").glob("*.json"))
PATHS = pytest.mark.parametrize("path", ARCHIVE, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return entry


def check(document: dict[str, Any]) -> ProofFindings:
    secured = parse_secured_document(json.dumps(document).encode())
    controllers = {did: derived for did in peek_controllers(secured) if (derived := derive_document(did))}
    return verify_secured_document(secured, ProofRequest(ASSERTION, AT, controllers))


def test_the_archive_is_there() -> None:
    assert len(ARCHIVE) >= 12


@PATHS
def test_what_was_signed_still_verifies(path: Path) -> None:
    assert check(read(path)["document"]).result.outcome is Outcome.PASSED


@PATHS
def test_the_canonical_form_is_what_it_was(path: Path) -> None:
    entry = read(path)
    unsigned = {name: value for name, value in entry["document"].items() if name != "proof"}
    fast, general = fast_road(unsigned), general_road(unsigned)
    assert fast is not None
    assert general is not None
    assert hashlib.sha256(fast.nquads).hexdigest() == entry["canonical_sha256"]
    assert hashlib.sha256(general.nquads).hexdigest() == entry["canonical_sha256"]


@PATHS
def test_the_archive_can_fail(path: Path) -> None:
    changed = copy.deepcopy(read(path)["document"])
    changed["id"] += "0"
    assert check(changed).result.outcome is Outcome.FAILED

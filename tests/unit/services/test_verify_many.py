"""`verify_many`: in order, as `verify` says, nothing lost without a word."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from skillcred.errors import InputError
from skillcred.model.outcomes import Verdict
from skillcred.services import verify_many as module
from skillcred.services.report_bytes import encode_report
from skillcred.services.verify_many import (
    BATCH_SIZE,
    MIN_FOR_WORKERS,
    DocumentFaultError,
    DocumentToVerify,
    WorkerLostError,
    verify_many,
)
from skillcred.services.worker_processes import BATCHES_AHEAD
from skillcred.verification import verify
from worlds.pure_world import NOW, PureWorld

WORLD = PureWorld()
EVIDENCE = WORLD.evidence()
GOOD = WORLD.credential()
MANY = MIN_FOR_WORKERS + 100


def documents(count: int) -> Iterator[DocumentToVerify]:
    """Each third is good; the others are told apart by their digests."""
    for index in range(count):
        content = GOOD if index % 3 == 0 else b'{"number": %d}' % index
        yield DocumentToVerify(content, EVIDENCE)


def expected(document: DocumentToVerify) -> tuple[Verdict, str, bytes]:
    report = verify(document.content, evidence=document.evidence, at=NOW, media_type=document.media_type)
    return report.verdict, report.reason, encode_report(report)


@pytest.mark.parametrize(("count", "workers"), [(0, 2), (1, 2), (BATCH_SIZE + 1, 1), (MANY, 2)])
def test_reports_come_in_order_and_as_verify_gives_them(count: int, workers: int) -> None:
    given = [(r.verdict, r.reason, r.content) for r in verify_many(documents(count), at=NOW, workers=workers)]
    assert given == [expected(document) for document in documents(count)]
    assert not multiprocessing.active_children()


def test_a_worker_that_dies_is_told_and_nothing_before_is_lost() -> None:
    taken = 0

    def counted() -> Iterator[DocumentToVerify]:
        nonlocal taken
        for document in documents(100_000):
            taken += 1
            yield document

    reports = verify_many(counted(), at=NOW, workers=2)
    given = [next(reports)]
    bound = MIN_FOR_WORKERS + (2 * BATCHES_AHEAD + 1) * BATCH_SIZE
    assert taken <= bound, "more was read than is worked on"
    for worker in multiprocessing.active_children():
        worker.kill()
    with pytest.raises(WorkerLostError) as lost:
        given.extend(reports)
    assert lost.value.index == len(given) < taken


def test_nothing_runs_on_when_no_more_reports_are_taken() -> None:
    reports = verify_many(documents(MANY), at=NOW, workers=2)
    next(reports)
    assert len(multiprocessing.active_children()) == 2
    reports.close()
    assert not multiprocessing.active_children()


def test_a_fault_carries_the_index_of_its_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(content: bytes, **rest: Any) -> Any:
        if content == b'{"number": 70}':
            raise MemoryError("injected")
        return verify(content, **rest)

    monkeypatch.setattr(module, "verify", fail)
    given: list[object] = []
    with pytest.raises(DocumentFaultError) as fault:
        given.extend(verify_many(documents(MIN_FOR_WORKERS), at=NOW, workers=1))
    assert (fault.value.index, len(given)) == (70, 70)
    assert isinstance(fault.value.__cause__, MemoryError)


def test_a_fault_that_cannot_travel_is_named() -> None:
    class LocalError(Exception):
        pass

    assert "LocalError" in str(module._carried(LocalError()))


def test_what_is_asked_for_wrongly_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="time zone"):
        verify_many([], at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the fault
    with pytest.raises(InputError, match="worker"):
        verify_many([], at=NOW, workers=0)

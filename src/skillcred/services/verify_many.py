"""Verify many documents with all cores: an iterable in, the reports in order out, never many of either in memory.

The pure function runs in worker processes. What is handed over is bytes both ways: documents with evidence that was
collected before, and reports as they are printed; nothing is fetched. Handing report objects over would cost this
process a third of what the verification costs a worker.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Final

from skillcred.errors import InputError, IntegrityError, UnavailableError
from skillcred.model.datetimes import to_utc
from skillcred.model.outcomes import Verdict
from skillcred.services.report_bytes import encode_report
from skillcred.services.warm_up import warm_up
from skillcred.verification import Evidence, verify

BATCH_SIZE: Final = 64
"""Documents handed to a worker at once: some 20 ms of work against less than one of handing over."""
BATCHES_AHEAD: Final = 3
"""Batches for each worker that are under way or done and not yet taken; bounds what is in memory."""
MIN_FOR_WORKERS: Final = 256
"""Fewer documents are verified here: starting a worker takes about a second."""
MAX_WORKERS: Final = 64


class WorkerLostError(UnavailableError):
    """A worker process died. `index` is that of the first document whose report is lost; all before were given."""

    default_code = "worker_lost"

    def __init__(self, index: int) -> None:
        super().__init__(f"A worker process died; no report from document {index} on.")
        self.index = index


class DocumentFaultError(IntegrityError):
    """The verification of one document ended in a fault instead of a report. `index` is that of the document, and the
    fault is the cause."""

    default_code = "verification_fault"

    def __init__(self, index: int) -> None:
        super().__init__(f"The verification of document {index} ended in a fault.")
        self.index = index


@dataclass(frozen=True, slots=True)
class DocumentToVerify:
    """One document as `verify` takes it."""

    content: bytes
    evidence: Evidence
    media_type: str = "application/vc"


@dataclass(frozen=True, slots=True)
class FinishedReport:
    """The verdict on one document, the code of the step that decided it, and the whole report as JSON in UTF-8, the
    same bytes that the HTTP interface answers with."""

    verdict: Verdict
    reason: str
    content: bytes


_Batch = tuple[list[tuple[bytes, Evidence, str]], datetime]
"""Documents as plain tuples, which take a third of the time to hand over."""
_Answers = tuple[list[tuple[str, str, bytes]], "Exception | None"]


def verify_many(
    documents: Iterable[DocumentToVerify], *, at: datetime, workers: int | None = None
) -> Iterator[FinishedReport]:
    """The reports on `documents`, in their order, each as `verify` with the default policy gives it.

    `workers` processes, one for each core unless given; with one, or for few documents, all is done in this process.
    Worker processes are spawned, so that a script has to start its work under `if __name__ == "__main__"`.
    Raises `InputError` (`instant_without_zone`, `instant_out_of_range`, `worker_count`) at once; later
    `WorkerLostError` and `DocumentFaultError`, after all reports on the documents before.
    """
    instant = to_utc(at)
    count = usable_cores() if workers is None else workers
    if not 1 <= count <= MAX_WORKERS:
        raise InputError(f"From 1 to {MAX_WORKERS} worker processes can be asked for.", code="worker_count")
    return _run(iter(documents), instant, count)


def usable_cores() -> int:
    """How many cores this process may use."""
    return min(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MAX_WORKERS
    )


def _run(documents: Iterator[DocumentToVerify], at: datetime, workers: int) -> Iterator[FinishedReport]:
    first = list(islice(documents, MIN_FOR_WORKERS)) if workers > 1 else []
    everything = chain(first, documents)
    batches = iter(lambda: list(islice(everything, BATCH_SIZE)), [])
    if len(first) < MIN_FOR_WORKERS:
        index = 0
        for batch in batches:
            yield from _given(_verify_batch(_plain(batch, at)), index)
            index += len(batch)
        return
    yield from _run_in_workers(batches, at, workers)


def _run_in_workers(
    batches: Iterator[list[DocumentToVerify]], at: datetime, workers: int
) -> Iterator[FinishedReport]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=warm_up) as pool:
        under_way: deque[tuple[int, Future[_Answers]]] = deque()
        index = handed_over = 0
        try:
            while True:
                for batch in islice(batches, BATCHES_AHEAD * workers - len(under_way)):
                    under_way.append((handed_over, _submit(pool, batch, at, index)))
                    handed_over += len(batch)
                if not under_way:
                    return
                index, future = under_way.popleft()
                yield from _given(_result(future, index), index)
                index = under_way[0][0] if under_way else handed_over
        finally:
            pool.shutdown(cancel_futures=True)  # waits for the batches under way, so that no process is left


def _submit(
    pool: ProcessPoolExecutor, batch: list[DocumentToVerify], at: datetime, index: int
) -> Future[_Answers]:
    try:
        return pool.submit(_verify_batch, _plain(batch, at))
    except BrokenProcessPool as error:
        raise WorkerLostError(index) from error


def _result(future: Future[_Answers], index: int) -> _Answers:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise WorkerLostError(index) from error


def _given(answers: _Answers, index: int) -> Iterator[FinishedReport]:
    reports, fault = answers
    for verdict, reason, content in reports:
        yield FinishedReport(Verdict(verdict), reason, content)
    if fault is not None:
        raise DocumentFaultError(index + len(reports)) from fault


def _plain(batch: list[DocumentToVerify], at: datetime) -> _Batch:
    return [(each.content, each.evidence, each.media_type) for each in batch], at


def _verify_batch(batch: _Batch) -> _Answers:
    """The reports on a batch, up to the first document that ends in a fault, and that fault."""
    documents, at = batch
    reports: list[tuple[str, str, bytes]] = []
    for content, evidence, media_type in documents:
        try:
            report = verify(content, evidence=evidence, at=at, media_type=media_type)
            reports.append((report.verdict.value, report.reason, encode_report(report)))
        except Exception as fault:  # noqa: BLE001 - the edge of a worker process: handed on with the index
            return reports, _carried(fault)
    return reports, None


def _carried(fault: Exception) -> Exception:
    """`fault`, or its class by name where it cannot be handed from one process to another."""
    try:
        pickle.loads(pickle.dumps(fault))  # noqa: S301 - our own object, a moment old
    except (pickle.PickleError, TypeError, AttributeError):
        return RuntimeError(type(fault).__qualname__)
    return fault

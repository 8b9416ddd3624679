"""Verify many documents with all cores: an iterable in, the reports in order out, never many of either in memory.

The pure function runs in worker processes. What is handed over is bytes both ways: documents with evidence that was
collected before, and reports as they are printed; nothing is fetched. Handing report objects over would cost this
process a third of what the verification costs a worker.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import Final, NamedTuple

from skillcred.errors import InputError, IntegrityError, UnavailableError
from skillcred.model.datetimes import to_utc
from skillcred.model.outcomes import Verdict
from skillcred.services.report_bytes import encode_report
from skillcred.services.worker_processes import Answer, Batch, answers_in_order
from skillcred.verification import Evidence, verify

BATCH_SIZE: Final = 64
"""Documents handed to a worker at once: some 20 ms of work against half of one of handing over."""
MIN_FOR_WORKERS: Final = 256
"""Fewer documents are verified here: starting a worker takes about a second."""
MAX_WORKERS: Final = 64
_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}


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


class DocumentToVerify(NamedTuple):
    """One document as `verify` takes it."""

    content: bytes
    evidence: Evidence
    media_type: str = "application/vc"


class FinishedReport(NamedTuple):
    """The verdict on one document, the code of the step that decided it, and the whole report as JSON in UTF-8, the
    same bytes that the HTTP interface answers with."""

    verdict: Verdict
    reason: str
    content: bytes


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
    batches = _batches(chain(first, documents))
    work = partial(_verify_batch, at=at)
    if len(first) < MIN_FOR_WORKERS:
        yield from _reports(map(work, batches))
        return
    with closing(answers_in_order(work, batches, workers)) as answers:
        yield from _reports(answers)


def _batches(documents: Iterator[DocumentToVerify]) -> Iterator[Batch]:
    while batch := [(each.content, each.evidence, each.media_type) for each in islice(documents, BATCH_SIZE)]:
        yield batch


def _reports(answers: Iterator[Answer | None]) -> Iterator[FinishedReport]:
    index = 0
    for answer in answers:
        if answer is None:
            raise WorkerLostError(index)
        reports, fault = answer
        for verdict, reason, content in reports:
            yield FinishedReport(_VERDICTS[verdict], reason, content)
        index += len(reports)
        if fault is not None:
            raise DocumentFaultError(index) from fault


def _verify_batch(batch: Batch, at: datetime) -> Answer:
    """The reports on a batch, up to the first document that ends in a fault, and that fault."""
    reports: list[tuple[str, str, bytes]] = []
    for content, evidence, media_type in batch:
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

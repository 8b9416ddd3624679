"""How much faster `verify_many` is with two worker processes than with one process."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import islice

from skillcred.services.verify_many import DocumentToVerify, verify_many
from skillcred.verification import Evidence

DOCUMENTS = 4_000
EDGE = 800
"""Reports at either end that are not timed: workers start there, or batches that were worked on before are handed
out. In between the pipeline is full on both sides."""
ROUNDS = 6


def scaling(signed: bytes, evidence: Evidence, at: datetime) -> float:
    """Reports per second of two workers over those of one process, the best of some rounds of each."""
    best = dict.fromkeys((1, 2), float("inf"))
    for _ in range(ROUNDS):
        for workers in best:
            best[workers] = min(best[workers], _seconds(signed, evidence, at, workers))
    return best[1] / best[2]


def _seconds(signed: bytes, evidence: Evidence, at: datetime, workers: int) -> float:
    documents = (DocumentToVerify(signed, evidence) for _ in range(DOCUMENTS))
    reports = verify_many(documents, at=at, workers=workers)
    for _ in islice(reports, EDGE):
        pass
    started = time.perf_counter()
    for _ in islice(reports, DOCUMENTS - 2 * EDGE):
        pass
    taken = time.perf_counter() - started
    for _ in reports:
        pass
    return taken

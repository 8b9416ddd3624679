"""How much faster `verify_many` is with two worker processes than with one process. Measured in a process of its own,
as a program that does nothing else would run it; reads the credential from standard input, prints the ratio."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

from skillcred.services.verify_many import DocumentToVerify, verify_many  # noqa: E402
from skillcred.verification import Evidence  # noqa: E402

DOCUMENTS = 4_000
EDGE = 800
"""Reports at either end that are not timed: workers start there, or batches that were worked on before are handed
out. In between the pipeline is full on both sides."""
ROUNDS = 6


def measure_scaling(signed: bytes) -> float:
    """`scaling`, elsewhere."""
    run = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, __file__], input=signed, capture_output=True, check=True
    )
    return float(run.stdout)


def scaling(signed: bytes, evidence: Evidence, at: datetime) -> float:
    """Reports per second of two workers over those of one process, the best of some rounds of each."""
    best = dict.fromkeys((1, 2), float("inf"))
    for _ in range(ROUNDS):
        for workers in best:
            best[workers] = min(best[workers], _seconds(signed, evidence, at, workers))
    return best[1] / best[2]


def _seconds(signed: bytes, evidence: Evidence, at: datetime, workers: int) -> float:
    content = memoryview(signed)  # each gets bytes of its own, as credentials that differ have
    documents = (DocumentToVerify(bytes(content), evidence) for _ in range(DOCUMENTS))
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


if __name__ == "__main__":
    from documents import evidence_for

    from worlds.pure_world import NOW, PureWorld

    print(scaling(sys.stdin.buffer.read(), evidence_for(PureWorld()), NOW))

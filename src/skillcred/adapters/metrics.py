"""What this process has done, in numbers, for Prometheus (text exposition format 0.0.4).

No personal data: labels are routes as templates, methods, statuses, verdicts. Each process counts for itself and says
which it is, because a scrape reaches one of several; sums over `worker` are made where the numbers are collected.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Final

from skillcred.model.outcomes import Verdict
from skillcred.verification import PresentationReport, VerificationReport

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of durations, in seconds."""
MAX_SERIES: Final = 2_000
"""Most combinations of labels of a metric; there are some hundred. Further ones are not counted apart."""

ROADS: Final = ("general", "fast", "none")
"""Roads of canonicalisation, the slowest first; none where nothing was canonicalised."""

_Labels = tuple[str, ...]


class ProcessMetrics:
    """Counts since the process started. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker = str(os.getpid())
        self._requests: dict[_Labels, int] = {}
        self._durations: dict[_Labels, list[float]] = {}
        self._verifications: dict[_Labels, int] = {}

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request. `route` is the template of the path, not the path."""
        with self._lock:
            _add(self._requests, (method, route, str(status)))
            durations = self._durations.get((method, route))
            if durations is None:
                if len(self._durations) >= MAX_SERIES:
                    return
                durations = self._durations[method, route] = [0.0] * (len(BUCKETS) + 2)
            durations[bisect_left(BUCKETS, seconds)] += 1
            durations[-1] += seconds

    def count_verification(self, report: VerificationReport | PresentationReport) -> None:
        """One report that was given; credentials inside a presentation are not counted apart."""
        if isinstance(report, PresentationReport):
            self._count("presentation", report.verdict, "none")
        else:
            self._count("credential", report.verdict, road_of(report))

    def count_credential(self, verdict: Verdict, road: str) -> None:
        """One report on a credential that another process made for this one; `road` is one of `ROADS`."""
        self._count("credential", verdict, road)

    def _count(self, subject: str, verdict: Verdict, road: str) -> None:
        with self._lock:
            _add(self._verifications, (subject, verdict.value, road))

    def render(self) -> str:
        """All metrics, in the order of their labels."""
        with self._lock:
            requests, verifications = dict(self._requests), dict(self._verifications)
            durations = {labels: list(counts) for labels, counts in self._durations.items()}
        lines = [
            *self._counter(
                "skillcred_verifications_total",
                "Reports given, by what was verified, verdict, and road of canonicalisation (fast, general, none).",
                ("subject", "verdict", "road"),
                verifications,
            ),
            *self._counter(
                "skillcred_http_requests_total",
                "Requests answered, by method, route and status.",
                ("method", "route", "status"),
                requests,
            ),
            *self._histogram(durations),
        ]
        return "\n".join(lines) + "\n"

    def _counter(
        self, name: str, text: str, labels: tuple[str, ...], counts: Mapping[_Labels, int]
    ) -> Iterator[str]:
        yield f"# HELP {name} {text}"
        yield f"# TYPE {name} counter"
        for values, count in sorted(counts.items()):
            yield f"{name}{{{self._shown(labels, values)}}} {count}"

    def _histogram(self, durations: Mapping[_Labels, list[float]]) -> Iterator[str]:
        name = "skillcred_http_request_duration_seconds"
        yield f"# HELP {name} How long requests took, by method and route."
        yield f"# TYPE {name} histogram"
        for values, counts in sorted(durations.items()):
            shown = self._shown(("method", "route"), values)
            total = 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=False):
                total += int(count)
                yield f'{name}_bucket{{{shown},le="{bound}"}} {total}'
            yield f"{name}_sum{{{shown}}} {counts[-1]:.6f}"
            yield f"{name}_count{{{shown}}} {total}"

    def _shown(self, names: tuple[str, ...], values: _Labels) -> str:
        pairs = (*zip(names, values, strict=True), ("worker", self._worker))
        return ",".join(f'{name}="{_escape(value)}"' for name, value in pairs)


def _add(counts: dict[_Labels, int], labels: _Labels) -> None:
    if labels in counts or len(counts) < MAX_SERIES:
        counts[labels] = counts.get(labels, 0) + 1


def road_of(report: VerificationReport) -> str:
    """The slowest road that a proof of the report took, one of `ROADS`."""
    proofs = report.diagnostics.get("proofs")
    found: list[object] = []
    if isinstance(proofs, tuple):
        found += [proof.get("canonicalisation") for proof in proofs if isinstance(proof, Mapping)]
    for road in ROADS:
        if road in found:
            return road
    return "none"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

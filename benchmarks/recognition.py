"""One decision of recognition over all shipped data. `python benchmarks/recognition.py` prints the figures.

Each worked case is asked many times, and so is one of twenty credentials of one holder: the median and the worst, in
milliseconds. Ends with exit code 1 if the median of any is over the limit.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from skillcred.recognition.case import Question
from skillcred.recognition.engine import recognise
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.questions import read_question

LIMIT_MS: Final = 5.0
"""Longest median of one decision."""
TURNS: Final = 200
MANY: Final = 20
"""As many credentials as are looked at together."""
CASES: Final = Path(__file__).resolve().parents[1] / "docs" / "recognition"


def read_cases() -> dict[str, Question]:
    """The worked cases, and the fullest of them with twenty credentials."""
    cases = {}
    for path in sorted(CASES.glob("[0-9][0-9]-*.md")):
        block = re.findall(r"```json\n(.*?)```", path.read_text("utf-8"), re.DOTALL)[0]
        cases[path.stem] = read_question(json.loads(block))
    full = cases["01-nurse-ph-de"]
    held = tuple(replace(full.held[n % len(full.held)], id=f"c{n}") for n in range(MANY))
    cases["twenty-credentials"] = replace(full, held=held)
    return cases


def measure() -> dict[str, tuple[float, float]]:
    """Median and worst of each case."""
    data = load_shipped_data()
    figures = {}
    for name, question in read_cases().items():
        times = []
        for _ in range(TURNS):
            started = time.perf_counter()
            recognise(question, data)
            times.append((time.perf_counter() - started) * 1000)
        figures[name] = (statistics.median(times), max(times))
    return figures


if __name__ == "__main__":
    measured = measure()
    for name, (median, worst) in measured.items():
        sys.stdout.write(f"{name:32} median {median:.3f} ms  worst {worst:.3f} ms\n")
    sys.exit(any(median > LIMIT_MS for median, _ in measured.values()))

"""One decision of recognition over all shipped data. `python benchmarks/recognition.py` prints the figures.

Each worked case is asked many times: the median and the worst, in milliseconds. Ends with
exit code 1 if the median of any is over the limit.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Final

from skillcred.recognition.engine import recognise
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.wire import read_question

LIMIT_MS: Final = 5.0
"""Longest median of one decision."""
TURNS: Final = 200
CASES: Final = Path(__file__).resolve().parents[1] / "docs" / "recognition"


def measure() -> dict[str, tuple[float, float]]:
    """Median and worst of each worked case."""
    data = load_shipped_data()
    figures = {}
    for path in sorted(CASES.glob("[0-9][0-9]-*.md")):
        block = re.findall(r"```json\n(.*?)```", path.read_text("utf-8"), re.DOTALL)[0]
        question = read_question(json.loads(block))
        times = []
        for _ in range(TURNS):
            started = time.perf_counter()
            recognise(question, data)
            times.append((time.perf_counter() - started) * 1000)
        figures[path.stem] = (statistics.median(times), max(times))
    return figures


if __name__ == "__main__":
    measured = measure()
    for name, (median, worst) in measured.items():
        sys.stdout.write(f"{name:32} median {median:.3f} ms  worst {worst:.3f} ms\n")
    sys.exit(any(median > LIMIT_MS for median, _ in measured.values()))

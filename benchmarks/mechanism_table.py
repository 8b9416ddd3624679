"""The table of docs/performance-mechanisms.md, from `benchmarks/results.json`. Start it after `make bench`.

Prints it; with `--write` it takes the place of what stands between the two marks of that page.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "performance-mechanisms.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->"
OURS = "skillcred"


def table(results: dict[str, Any]) -> str:
    """Where and when it was measured, and a row for each mechanism and operation."""
    environment, measured = results["environment"], results["mechanisms"]
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    lines = [
        f"{environment['date']}; {environment['processor']}, {environment['cores']} cores, "
        f"Python {environment['python']}, {packages}, Node {(environment['node'] or 'not there').lstrip('v')}; "
        f"digitalbazaar and @sd-jwt: {measured['node']}.",
        "",
        "| mechanism | | ours | others | times as often |",
        "|---|---|---|---|---|",
    ]
    for mechanism, operations in measured["per_second"].items():
        title = mechanism if mechanism.startswith("bare") else f"`{mechanism}`"
        for operation, rates in operations.items():
            others = "; ".join(f"{whose} {_rate(rate)}" for whose, rate in rates.items() if whose != OURS)
            ahead = measured["ahead"].get(f"{mechanism}, {operation}")
            lines.append(
                f"| {title} | {operation} | {_rate(rates[OURS])} | {others or '—'} | {_times(ahead)} |"
            )
    return "\n".join(lines) + "\n"


def _rate(rate: float) -> str:
    return f"{rate:,.1f}" if rate < 10 else f"{rate:,.0f}"


def _times(ahead: float | None) -> str:
    """Rounded down, so that what is behind is never written as level."""
    if ahead is None:
        return "—"
    return f"{int(ahead):,}" if ahead >= 10 else f"{int(ahead * 100) / 100:.2f}"


def main() -> None:
    text = table(json.loads(RESULTS.read_text(encoding="utf-8")))
    if sys.argv[1:] != ["--write"]:
        print(text, end="")
        return
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name} has no place for the table.")
    PAGE.write_text(before + begin + text + end + after, encoding="utf-8")


if __name__ == "__main__":
    main()

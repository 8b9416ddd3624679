"""Draws how the cost of canonicalising grows with the number of quads, from `results.json`, as an SVG for the docs.

Both axes are logarithmic, so what grows linearly is a line of the slope of one. Start it after `make bench`:
`.venv/bin/python benchmarks/plot.py`.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
PICTURE = ROOT / "docs" / "images" / "cost-by-quads.svg"
WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 80, 190, 24, 56
SERIES = (
    ("canonicalise", "this project, fast road", "#0b6e4f"),
    ("canonicalise, general road", "this project, general road", "#7aa095"),
    ("canonicalise, PyLD", "PyLD", "#b3541e"),
    ("canonicalise, Digital Bazaar on Node", "Digital Bazaar on Node", "#3d5a98"),
)
LABEL_HEIGHT = 15
QUADS = (10, 10_000)
MICROSECONDS = (10, 100_000)


def across(quads: float) -> float:
    """Where a number of quads stands, in pixels from the left."""
    share = math.log(quads / QUADS[0]) / math.log(QUADS[1] / QUADS[0])
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def down(microseconds: float) -> float:
    """Where a time stands, in pixels from the top."""
    share = math.log(microseconds / MICROSECONDS[0]) / math.log(MICROSECONDS[1] / MICROSECONDS[0])
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def draw(quads: dict[str, int], microseconds: dict[str, float]) -> str:
    """The picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="13" role="img" aria-label="Microseconds to canonicalise, by number of quads">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(1, 5):
        place = across(10**power)
        parts.append(_line(place, TOP, place, HEIGHT - BOTTOM))
        parts.append(_text(place, HEIGHT - BOTTOM + 18, f"{10**power:,}", "middle"))
    for power in range(1, 6):
        place = down(10**power)
        parts.append(_line(LEFT, place, WIDTH - RIGHT, place))
        parts.append(_text(LEFT - 8, place + 4, f"{10**power:,}", "end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "quads", "middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        f'<text x="18" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 18 {middle:.1f})">'
        "microseconds</text>"
    )
    labels: list[float] = []
    for suffix, name, colour in SERIES:
        points = [
            (across(count), down(microseconds[f"{title}: {suffix}"]))
            for title, count in sorted(quads.items(), key=lambda item: item[1])
            if f"{title}: {suffix}" in microseconds
        ]
        if not points:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        x, y = points[-1]
        while any(abs(y - other) < LABEL_HEIGHT for other in labels):
            y -= LABEL_HEIGHT  # two lines may end in one place
        labels.append(y)
        parts.append(_text(x + 10, y + 4, name, "start", colour))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


if __name__ == "__main__":
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    PICTURE.write_text(draw(found["quads"], found["microseconds"]), encoding="utf-8")
    print(f"written: {PICTURE.relative_to(ROOT)}")

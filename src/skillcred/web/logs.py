"""Log lines: one JSON object each, printable ASCII only, no personal data (SECURITY W-29, W-33).

Never logged: addresses, bodies, query strings, paths with identifiers, header values, texts of exceptions that are
not ours (they may hold what a caller sent).
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import Final, Protocol, TextIO

from skillcred.adapters.clock import SystemClock
from skillcred.errors import SkillcredError

MAX_VALUE_CHARACTERS: Final = 300
"""Longest text in one field of a log line."""
MAX_FRAMES: Final = 12
"""Most stack frames that are logged of a fault, innermost last."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=True, sort_keys=True)


class Log(Protocol):
    """Writes one line."""

    def __call__(self, event: str, /, **fields: object) -> None:
        """`event` is a fixed name; fields that are None are left out."""
        ...


def build_log(stream: TextIO | None = None) -> Log:
    """A log that writes to `stream` (standard error unless given), a line with each call. Its times are those of the
    machine, whatever clock the application was given."""
    out, clock = stream or sys.stderr, SystemClock()

    def write(event: str, /, **fields: object) -> None:
        line: dict[str, object] = {"event": event, "timestamp": clock.now().isoformat()}
        for name, value in fields.items():
            if value is not None:
                line[name] = _bounded(value)
        out.write(_render(line))
        out.flush()

    return write


def describe_fault(fault: BaseException) -> dict[str, object]:
    """Where a fault arose and of what class it is. Its text only if it is one of ours, which hold no values."""
    frames = traceback.extract_tb(fault.__traceback__)[-MAX_FRAMES:]
    described: dict[str, object] = {
        "fault": type(fault).__qualname__,
        "frames": [f"{frame.filename.rsplit('/site-packages/')[-1]}:{frame.lineno}" for frame in frames],
    }
    if isinstance(fault, SkillcredError):
        described["code"] = fault.code
        described["detail"] = fault.message
    return described


def _bounded(value: object) -> object:
    if isinstance(value, str):
        return value[:MAX_VALUE_CHARACTERS]
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [_bounded(item) for item in value]
    return str(value)[:MAX_VALUE_CHARACTERS]


def _render(line: dict[str, object]) -> str:
    """JSON in ASCII; U+007F, which JSON lets stand, is escaped too, as a terminal should not see it."""
    return _ENCODER.encode(line).replace("\x7f", "\\u007f") + "\n"

"""Dies on purpose at a named point, so that tests can show that nothing is lost (SECURITY F-01)."""

from __future__ import annotations

import os
import signal
from itertools import count

from skillcred.errors import ConfigurationError
from skillcred.services.ports import CrashPoint


def no_crash(point: str) -> None:
    """The crash point of every installation that is in use: does nothing. `point` is its name."""


def build_crash_point(order: str) -> CrashPoint:
    """The crash point for `point:n`: SIGKILL for this process at the n-th pass of `point`, counted from 1.

    Raises `ConfigurationError` if `order` has another form.
    """
    name, _, number = order.rpartition(":")
    if not name or not number.isascii() or not number.isdigit() or int(number) < 1:
        raise ConfigurationError("A crash is ordered as point:n.", code="invalid_crash_order")
    passes = count(1)

    def crash(point: str) -> None:
        if point == name and next(passes) == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    return crash

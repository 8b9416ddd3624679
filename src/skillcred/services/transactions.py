"""Runs a unit of work that writes, again as a whole where the database gave way to another (SECURITY F-07).

`work` may run several times, so it holds no side effect but what it does to the unit of work: keys are used
and made outside. A commit whose outcome is unknown is never repeated here; the caller has to look first
(F-04).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Final, TypeVar

from skillcred.services.ports import TransactionConflictError, UnitOfWork, UnitOfWorkFactory

MAX_ATTEMPTS: Final = 5
FIRST_PAUSE_MS: Final = 20
"""Longest pause before the second attempt; it doubles with each attempt, and its length is random."""

T = TypeVar("T")


def in_transaction(units: UnitOfWorkFactory, work: Callable[[UnitOfWork], T]) -> T:
    """Run `work` and commit. Raises what `work` raises, `TransactionConflictError` after the last attempt,
    `CommitUnknownError`, or `UnavailableError`."""
    for attempt in range(1, MAX_ATTEMPTS):
        try:
            return _once(units, work)
        except TransactionConflictError:
            time.sleep(secrets.randbelow(FIRST_PAUSE_MS * 2**attempt) / 1000)
    return _once(units, work)


def _once(units: UnitOfWorkFactory, work: Callable[[UnitOfWork], T]) -> T:
    with units(writes=True) as unit:
        result = work(unit)
        unit.commit()
    return result

"""What is kept of presentations only for a while is forgotten (SECURITY PR-07, R-15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.transactions import in_transaction

PRESENTATION_RETENTION: Final = timedelta(minutes=15)
"""Longest time that what was presented is stored, sealed. Mostly it is gone as soon as it is verified."""
PAGE_RETENTION: Final = timedelta(hours=24)
"""How long requests from the page are kept, with their results: nobody can look at them without the session."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many requests ended by time, lost what was presented, and were deleted."""

    expired: int
    forgotten: int
    deleted: int


@dataclass(frozen=True, slots=True)
class PurgePresentations:
    """The use case. Any process may run it, as often as it likes."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self) -> Purged:
        """Forget what is due. Raises `UnavailableError`."""
        now = self.clock.now()

        def work(unit: UnitOfWork) -> Purged:
            return Purged(
                unit.presentations.expire(at=now),
                unit.presentations.forget_presentations(answered_before=now - PRESENTATION_RETENTION),
                unit.presentations.remove_unowned(created_before=now - PAGE_RETENTION),
            )

        return in_transaction(self.units, work)

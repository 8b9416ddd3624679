"""Finishes what a process that died had begun (SECURITY F-01, F-16).

To be run at start and from time to time. A reservation whose lease has run out is signed, checked and stored
as it was prepared, or void if its key is no longer active. Whoever repeats the request gets that credential.
"""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import IntegrityError, UnavailableError
from skillcred.services.finishing import FinishIssuance
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.records import IssuanceState


@dataclass(frozen=True, slots=True)
class ReconcileIssuances:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    finish: FinishIssuance

    def __call__(self) -> int:
        """How many reservations were finished or voided. One that cannot be finished now does not stop the
        others and is left for the next time. Raises `UnavailableError` if the database cannot be read."""
        with self.units(writes=False) as unit:
            open_ones = unit.issuances.list_in_state(IssuanceState.RESERVED, reserved_before=self.clock.now())
        done = 0
        for issuance in open_ones:
            if not self.finish.take_over(issuance):
                continue
            try:
                self.finish(issuance)
            except (UnavailableError, IntegrityError):
                continue
            done += 1
        return done

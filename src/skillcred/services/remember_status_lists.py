"""Remembers which version of a foreign status list was seen last, so that an older one is noticed (S-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.errors import ConflictError
from skillcred.services.ports import UnitOfWork, UnitOfWorkFactory
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class RememberStatusLists:
    """The use case. It outlives the process, because an attacker can wait for a restart."""

    units: UnitOfWorkFactory

    def __call__(self, uri: str, issued_at: datetime) -> bool:
        """Whether no later version was seen; if so, this one is remembered. Raises `UnavailableError`."""
        with self.units(writes=False) as unit:
            latest = unit.statuses.find_seen(uri)
        if latest is not None and issued_at <= latest:
            return issued_at == latest

        def work(unit: UnitOfWork) -> None:
            unit.statuses.record_seen(uri, issued_at)

        try:
            in_transaction(self.units, work)
        except ConflictError:
            in_transaction(self.units, work)  # another process was the first to see the list
        return True

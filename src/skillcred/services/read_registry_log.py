"""The entries of the registry's log, for whoever works on the machine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from skillcred.services.governance_records import LogEntry
from skillcred.services.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ReadRegistryLog:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, *, after: int = 0, limit: int = 100) -> list[LogEntry]:
        """Up to `limit` entries with numbers above `after`, by number."""
        with self.units(writes=False) as unit:
            return list(islice(unit.registry_log.stream_entries(after=after), limit))

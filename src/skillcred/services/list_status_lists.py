"""An organisation looks at its status lists, and how many credentials hide in each (SECURITY PR-03)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor, StatusListRecord

SMALL_HERD: Final = 1000
"""Entries given out below which a change of the list may tell who is meant (SECURITY PR-03)."""


@dataclass(frozen=True, slots=True)
class StatusListSize:
    """A list, and whether so few entries were given out that its changes tell something about people."""

    record: StatusListRecord
    small_herd: bool


@dataclass(frozen=True, slots=True)
class ListStatusLists:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, actor: Actor) -> list[StatusListSize]:
        """All lists of the actor's organisation, oldest first."""
        with self.units(writes=False) as unit:
            records = unit.statuses.list_lists(actor.organisation.id)
        return [StatusListSize(record, record.allocated < SMALL_HERD) for record in records]

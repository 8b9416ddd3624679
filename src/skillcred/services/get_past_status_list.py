"""Get the version of a status list that held at an instant in the past (Token Status List, historical resolution)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.errors import NotFoundError
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import StatusPublication, StatusView


@dataclass(frozen=True, slots=True)
class GetPastStatusList:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, list_id: str, view: StatusView, at: datetime) -> StatusPublication:
        """The version that was the latest at `at` and had not ended. Nothing is made or signed now.

        Raises `NotFoundError` where no version was published before, or none lasted until then: the current one must
        not stand for it (SECURITY S-14).
        """
        with self.units(writes=False) as unit:
            publication = unit.statuses.find_publication_at(list_id, view, at)
        if publication is None or publication.valid_until <= at:
            raise NotFoundError("There is no version of this list of that time.", code="status_list_not_kept")
        return publication

"""Publish every status list that lacks an event, is about to end or was signed with a stolen key. Run again and again,
by any number of processes.

It holds nothing in memory between runs: what is due is read from the storage each time, so a publisher that is killed
in the middle is continued by whichever runs next. Two at once sign the same version at worst, and one of them is
recorded (`publish_status_list`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.errors import IntegrityError, NotFoundError, UnavailableError
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.publish_status_list import PublishStatusList, is_current, is_signed_by_thief
from skillcred.services.records import (
    KeyState,
    PublicationHead,
    SigningKey,
    StatusListRecord,
    StatusPublication,
    StatusView,
)
from skillcred.services.status_views import views_of


@dataclass(frozen=True, slots=True)
class DueView:
    """A view that needs a new version. `waiting_since` is when the oldest event that it lacks was recorded."""

    list_id: str
    view: StatusView
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class FailedView:
    """A view that could not be published, and the stable code of why."""

    list_id: str
    view: StatusView
    code: str


@dataclass(frozen=True, slots=True)
class PublishedLists:
    """What one run did."""

    published: tuple[StatusPublication, ...] = ()
    failed: tuple[FailedView, ...] = ()


@dataclass(frozen=True, slots=True)
class FindDueLists:
    """Finds what is due, and since when."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, list_id: str | None = None, organisation_id: str | None = None) -> tuple[DueView, ...]:
        """The views of all lists, of one, or of those of an organisation, that need a new version.

        A view that was never published is due once there is an event for it; before that nobody misses it, and whoever
        asks for it gets one. Raises `NotFoundError` for a list that does not exist, `UnavailableError`.
        """
        now = self.clock.now()
        due = []
        with self.units(writes=False) as unit:
            listed = unit.statuses.list_lists(organisation_id)
            records = [item for item in listed if list_id in (None, item.id)]
            if list_id is not None and not records:
                raise NotFoundError("There is no such status list.")
            thefts = _Thefts(unit)
            heads = {(head.list_id, head.view): head for head in unit.statuses.list_publication_heads()}
            for record in records:
                for view in views_of(record):
                    head = heads.get((record.id, view))
                    told = 0 if head is None else head.events
                    current = told == record.events if head is None else is_current(head, record.events, now)
                    if not current or (head is not None and thefts.concern(record, head)):
                        late = told < record.events
                        waiting = unit.statuses.find_recording(record.id, told + 1) if late else None
                        due.append(DueView(record.id, view, waiting))
        return tuple(due)

    def oldest(self) -> datetime | None:
        """When the oldest event was recorded that some published list lacks."""
        waiting = (view.waiting_since for view in self() if view.waiting_since is not None)
        return min(waiting, default=None)


class _Thefts:
    """Which published lists were signed with a key that is reported as stolen. Signed bytes are only read where the
    version is not younger than the end of such a key."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._stolen: dict[str, list[SigningKey]] = {}

    def concern(self, record: StatusListRecord, head: PublicationHead) -> bool:
        """Whether that version is one of them."""
        stolen = self._stolen.get(record.organisation_id)
        if stolen is None:
            keys = self._unit.signing_keys.list_for(record.organisation_id)
            stolen = [key for key in keys if key.state is KeyState.COMPROMISED]
            self._stolen[record.organisation_id] = stolen
        if not any(key.retired_at is None or head.published_at <= key.retired_at for key in stolen):
            return False
        latest = self._unit.statuses.find_publication(head.list_id, head.view)
        return latest is not None and is_signed_by_thief(latest, stolen)


@dataclass(frozen=True, slots=True)
class PublishDueLists:
    """The use case."""

    find_due: FindDueLists
    publish: PublishStatusList

    def __call__(self, list_id: str | None = None, organisation_id: str | None = None) -> PublishedLists:
        """Publish what is due of all lists, of one, or of those of an organisation.

        An organisation that cannot sign does not keep the others from being published: that is in `failed`. Raises
        `NotFoundError` for a list that does not exist, `UnavailableError` where the storage cannot be read.
        """
        published, failed = [], []
        for due in self.find_due(list_id, organisation_id):
            try:
                published.append(self.publish(due.list_id, due.view))
            except (NotFoundError, UnavailableError, IntegrityError) as error:
                failed.append(FailedView(due.list_id, due.view, error.code))
        return PublishedLists(tuple(published), tuple(failed))

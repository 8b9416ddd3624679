"""A status list is published: the fold of its events, signed, as the next version.

Whoever needs a list calls this; it signs only where the last version lacks an event, is about to run out, or was
signed with a key that is reported as stolen, so a publisher that is killed loses nothing: the next call sees the same
events. Two at once cannot both write one version, and a version that tells of fewer events than the one before it is
never written (SECURITY S-08, S-18).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.errors import ConflictError, NotFoundError, UnavailableError
from skillcred.services.allocate_status_entry import status_list_url
from skillcred.services.ports import (
    Clock,
    CommitUnknownError,
    CrashPoint,
    Hold,
    SignerSource,
    UnitOfWork,
    UnitOfWorkFactory,
)
from skillcred.services.records import (
    KeyState,
    Organisation,
    PublicationHead,
    SigningKey,
    StatusListRecord,
    StatusPublication,
    StatusView,
)
from skillcred.services.status_views import (
    LIST_MECHANISM,
    TTL,
    Dates,
    ViewContent,
    media_type_of,
    read_values,
    views_of,
)
from skillcred.services.transactions import in_transaction
from skillcred.status.peek import peek_list_signer

__all__ = ["LIST_MECHANISM", "RENEW_BEFORE", "TTL", "VALID_FOR", "PublishStatusList", "is_current"]

VALID_FOR: Final = timedelta(hours=24)
"""How long a published list may be relied on."""
RENEW_BEFORE: Final = timedelta(hours=12)
"""A list that ends sooner than this is published again, although nothing happened."""
DATED_VIEWS: Final = (StatusView.REVOCATION, StatusView.TOKEN)
"""The views whose entries say that something is revoked."""
MAX_ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """One consistent state of a list."""

    record: StatusListRecord
    organisation: Organisation
    keys: tuple[SigningKey, ...]
    latest: StatusPublication | None
    values: Mapping[int, int]
    dates: Dates


@dataclass(frozen=True, slots=True)
class PublishStatusList:
    """The use case."""

    base_url: str
    units: UnitOfWorkFactory
    key_manager: SignerSource
    clock: Clock
    crash_point: CrashPoint

    def __call__(self, list_id: str, view: StatusView) -> StatusPublication:
        """The current version, made now if need be. It tells of every event that was recorded before the call.

        Raises `NotFoundError`, `UnavailableError` (`no_active_key` where the organisation cannot sign), and
        `IntegrityError` if what we signed does not verify.
        """
        events = None
        for _ in range(MAX_ROUNDS):
            snapshot = self._read(list_id, view, events)
            if isinstance(snapshot, StatusPublication):
                return snapshot
            events = snapshot.record.events if events is None else events
            publication = self._make(snapshot, view, self.clock.now())
            self.crash_point("after-sign-before-publish")
            try:
                if in_transaction(self.units, lambda unit, new=publication: self._store(unit, new)):  # type: ignore[misc]
                    self.crash_point("after-publish-commit")
                    return publication
            except (ConflictError, CommitUnknownError):
                continue  # another process was faster, or our commit went through after all: look again
        raise UnavailableError("The list changes too fast to be published.", code="status_list_contended")

    def _read(self, list_id: str, view: StatusView, events: int | None) -> StatusPublication | _Snapshot:
        """The latest version if it tells of so many `events`, which are all there are unless given; otherwise what the
        next one will tell."""
        with self.units(writes=False) as unit:
            record = unit.statuses.find_list(list_id)
            if record is None or view not in views_of(record):
                raise NotFoundError("There is no such status list.")
            latest = unit.statuses.find_publication(list_id, view)
            wanted = record.events if events is None else events
            keys = tuple(unit.signing_keys.list_for(record.organisation_id))
            if (
                latest is not None
                and is_current(latest, wanted, self.clock.now())
                and not is_signed_by_thief(latest, keys)
            ):
                return latest
            dated = view is StatusView.REVOCATION_DATES
            return _Snapshot(
                record=record,
                organisation=unit.organisations.get(record.organisation_id),
                keys=keys,
                latest=latest,
                values=read_values(unit.statuses, record, view),
                dates=unit.statuses.list_revocation_dates(list_id) if dated else {},
            )

    def _make(self, snapshot: _Snapshot, view: StatusView, now: datetime) -> StatusPublication:
        """Build, sign and check the next version. A clock that stepped back does not move a list back."""
        latest = snapshot.latest
        published_at = (now if latest is None else max(now, latest.published_at)).replace(microsecond=0)
        content = ViewContent(
            view=view,
            uri=status_list_url(self.base_url, snapshot.record.id, view),
            record=snapshot.record,
            organisation=snapshot.organisation,
            keys=snapshot.keys,
            values=snapshot.values,
            dates=snapshot.dates,
            dated_lists=[status_list_url(self.base_url, snapshot.record.id, dated) for dated in DATED_VIEWS],
            published_at=published_at,
            valid_until=published_at + VALID_FOR,
        )
        algorithm, key = content.find_key()
        self.crash_point("before-sign-list")
        signed = content.sign(algorithm, key, self.key_manager.get_signer(key.id, key.public_key_multibase))
        return StatusPublication(
            list_id=snapshot.record.id,
            view=view,
            version=1 if latest is None else latest.version + 1,
            events=snapshot.record.events,
            content=signed,
            media_type=media_type_of(view),
            published_at=published_at,
            valid_until=content.valid_until,
        )

    def _store(self, unit: UnitOfWork, publication: StatusPublication) -> bool:
        """Record the version if it is the next one and tells of no fewer events than the last."""
        unit.statuses.find_list(publication.list_id, hold=Hold.EXCLUSIVE)
        latest = unit.statuses.find_publication(publication.list_id, publication.view)
        if latest is not None and (
            latest.version + 1 != publication.version or latest.events > publication.events
        ):
            return False
        unit.statuses.add_publication(publication)
        self.crash_point("before-publish-commit")
        return True


def is_signed_by_thief(latest: StatusPublication, keys: Iterable[SigningKey]) -> bool:
    """Whether the key that signed a version was reported as stolen since: nobody believes the list any more (SECURITY
    K-11), and it is signed anew although it lacks nothing."""
    stolen = {key.id for key in keys if key.state is KeyState.COMPROMISED}
    return bool(stolen) and peek_list_signer(latest.content) in stolen


def is_current(latest: StatusPublication | PublicationHead, events: int, now: datetime) -> bool:
    """Whether a version needs no successor yet where there are `events`."""
    return latest.events >= events and latest.valid_until - now > RENEW_BEFORE

"""An organisation reports a key of its own as stolen, and its status lists are signed with a sound one at once.

A list that a stolen key signed is believed by nobody, so every credential with an entry in it would be undetermined
until the next run of the publisher.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.services.publish_due_lists import PublishDueLists, PublishedLists
from skillcred.services.records import Actor, SigningKey
from skillcred.services.retire_key import RetireKey


@dataclass(frozen=True, slots=True)
class ReportedTheft:
    """The key as it is recorded now, and what became of the lists: those in `failed` are not signed anew, with a
    stable code why (`no_active_key`: there is no sound key)."""

    key: SigningKey
    lists: PublishedLists


@dataclass(frozen=True, slots=True)
class ReportStolenKey:
    """The use case."""

    retire_key: RetireKey
    publish: PublishDueLists

    def __call__(self, actor: Actor, key_id: str, since: datetime | None = None) -> ReportedTheft:
        """Record the theft, for good, and then sign anew. The record stands whatever becomes of the lists; the report
        may be repeated, and then tries the lists again. Raises as `RetireKey` does, and `UnavailableError` where the
        lists cannot be read."""
        key = self.retire_key(actor, key_id, compromised=True, since=since)
        return ReportedTheft(key, self.publish(organisation_id=actor.organisation.id))

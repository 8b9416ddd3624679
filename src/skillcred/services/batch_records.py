"""Batches of status changes as the services remember them. Frozen; instants are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from skillcred.encoding.json_types import JsonObject
from skillcred.model.datetimes import format_instant
from skillcred.services.records import StatusEventKind


class BatchState(StrEnum):
    """Where a batch stands. A running one goes on until every credential of it was looked at, or until it is
    cancelled."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ItemOutcome(StrEnum):
    """What became of one credential of a batch: changed now, or what it was to become already; else why it failed."""

    DONE = "done"
    ALREADY = "already"
    NO_STATUS = "no_status"
    STATUS_FINAL = "status_final"
    STATUS_UNCHANGED = "status_unchanged"


@dataclass(frozen=True, slots=True)
class BatchSelection:
    """The credentials of an organisation that a batch is about: those listed, or else those that meet every condition
    that is stated.

    `issued_under` is what their idempotency keys start with, which is how an issuance batch is named; the window
    [`issued_from`, `issued_until`) is that of the reservations; `verification_method` is the key that signed.
    """

    credential_ids: tuple[str, ...] = ()
    issued_under: str | None = None
    profile: str | None = None
    issued_from: datetime | None = None
    issued_until: datetime | None = None
    verification_method: str | None = None

    @property
    def is_stated(self) -> bool:
        """Whether there is a condition."""
        return self.conditions != {}

    @property
    def conditions(self) -> JsonObject:
        """The conditions that are stated, as JSON."""
        stated: dict[str, str | None] = {
            "issued_under": self.issued_under,
            "profile": self.profile,
            "issued_from": None if self.issued_from is None else format_instant(self.issued_from),
            "issued_until": None if self.issued_until is None else format_instant(self.issued_until),
            "verification_method": self.verification_method,
        }
        return {name: value for name, value in stated.items() if value is not None}

    def to_json(self) -> JsonObject:
        """All of it, as it is digested."""
        listed: JsonObject = {"credential_ids": list(self.credential_ids)} if self.credential_ids else {}
        return {**listed, **self.conditions}


@dataclass(frozen=True, slots=True)
class StatusBatch:
    """A batch: who, why, what, since when, and how far it is.

    `effective_at` is `None` where each change takes effect when it is recorded, otherwise it is before the start, and
    the changes are retroactive. `selection` is JSON text; listed credentials stand in the items only. `next_number` is
    the cursor: the number, from 1 on, of the first item that is not done. `lease_until` tells others that somebody
    works on it; nothing but courtesy depends on that.
    """

    id: str
    organisation_id: str
    idempotency_key: str
    request_sha256: str
    kind: StatusEventKind
    reason: str
    effective_at: datetime | None
    selection: str
    state: BatchState
    total: int
    started_at: datetime
    started_by: str
    next_number: int = 1
    done: int = 0
    already: int = 0
    failed: int = 0
    lease_until: datetime | None = None
    finished_at: datetime | None = None

    @property
    def retroactive(self) -> bool:
        """Whether the credentials should not have been relied on before the batch, either."""
        return self.effective_at is not None


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One credential of a batch. `outcome` is `None` until it was looked at."""

    number: int
    credential_id: str
    outcome: ItemOutcome | None = None

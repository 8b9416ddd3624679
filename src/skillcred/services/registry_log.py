"""The log of the registry: every change appends an entry that names the digest of the one before it, in the
transaction that makes the change (SECURITY W-30, W-31, F-34).

Whoever edits, deletes, swaps or inserts entries breaks the chain. Whoever cuts its end off, restores an old copy or
computes all digests anew does not; that is found against a checkpoint which is kept elsewhere (`checkpoints`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.model.datetimes import format_instant
from skillcred.services.governance_records import LogEntry
from skillcred.services.ports import UnitOfWork
from skillcred.services.records import Accreditation

NOTHING_BEFORE: Final = "0" * 64
"""What the first entry names as the digest of the one before it."""
MAX_FAULTS: Final = 100
"""Most faults that are told of one log."""


@dataclass(frozen=True, slots=True)
class LogFault:
    """Something that is wrong at entry `number`. `code` is stable: `entry_altered`, `entry_missing`,
    `entry_out_of_place`, `chain_broken`, and those of `checkpoints`."""

    number: int
    code: str


def digest_of(entry: LogEntry) -> str:
    """The hex SHA-256 over the canonical JSON of all members of `entry` but its own digest."""
    return hashlib.sha256(
        encode_jcs(
            {
                "number": entry.number,
                "at": format_instant(entry.at),
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "content_sha256": hashlib.sha256(entry.content).hexdigest(),
                "previous_sha256": entry.previous_sha256,
            }
        )
    ).hexdigest()


def build_entry(
    last: LogEntry | None, *, at: datetime, actor: str, action: str, subject: str, content: JsonObject
) -> LogEntry:
    """The entry that follows `last`."""
    number = 1 if last is None else last.number + 1
    previous = NOTHING_BEFORE if last is None else last.sha256
    encoded = encode_jcs(content)
    draft = LogEntry(number, at.astimezone(UTC), actor, action, subject, encoded, previous, "")
    return LogEntry(number, draft.at, actor, action, subject, encoded, previous, digest_of(draft))


def log_change(
    unit: UnitOfWork,
    *,
    at: datetime,
    actor: str,
    organisation_did: str,
    action: str,
    subject: str,
    content: JsonObject,
) -> None:
    """Append an entry about a change that `unit` makes; without it, the change is not made.

    `actor` is an API key or a local actor, `subject` an identifier of ours or a DID. Nothing about learners belongs
    here: the log stays. Call it last, because others who append wait from here until `unit` ends.
    """
    unit.registry_log.append(
        build_entry(
            unit.registry_log.hold_last(),
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            content={**content, "organisation": organisation_did},
        )
    )


def log_accreditation(
    unit: UnitOfWork, accreditation: Accreditation, *, actor: str, organisation_did: str
) -> None:
    """Append an entry about an accreditation that `unit` records. Call it last, as `log_change`."""
    log_change(
        unit,
        at=accreditation.recorded_at,
        actor=actor,
        organisation_did=organisation_did,
        action="accreditation_given",
        subject=accreditation.id,
        content={
            "body_did": accreditation.body_did,
            "provider_did": accreditation.provider_did,
            "content_sha256": hashlib.sha256(accreditation.content).hexdigest(),
        },
    )


def find_faults(entries: Iterable[LogEntry]) -> Iterator[LogFault]:
    """What is wrong with a whole log, given by number: nothing if each entry is as it was written, in its place."""
    expected, previous = 1, NOTHING_BEFORE
    for entry in entries:
        if entry.number > expected:
            yield LogFault(expected, "entry_missing")
        elif entry.number < expected:
            yield LogFault(entry.number, "entry_out_of_place")
        if digest_of(entry) != entry.sha256:
            yield LogFault(entry.number, "entry_altered")
        if entry.previous_sha256 != previous:
            yield LogFault(entry.number, "chain_broken")
        expected, previous = entry.number + 1, entry.sha256

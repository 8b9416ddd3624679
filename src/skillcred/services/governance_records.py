"""What the governance of the registry remembers: entries of its log, checkpoints, and proposals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the registry's log. `number` counts from 1 without gaps; `content` is canonical JSON (RFC 8785);
    `previous_sha256` is the digest of the entry before, `sha256` the one of this entry (`registry_log.digest_of`)."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    content: bytes
    previous_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the operator says of the log: that entry `number` has the digest `sha256`, signed at `at` with a key of
    `operator_did`. The signature is over `checkpoints.signed_bytes`, in base64url."""

    number: int
    sha256: str
    at: datetime
    operator_did: str
    verification_method: str
    public_key_multibase: str
    signature: str


class ProposalKind(StrEnum):
    """The changes of the registry that one person proposes and another approves."""

    ENROL_BODY = "enrol_body"
    BODY_EVENT = "body_event"
    ACCREDIT = "accredit"
    ACCREDITATION_EVENT = "accreditation_event"
    RECORD_KEY = "record_key"
    HAND_IN_ACCREDITATION = "hand_in_accreditation"
    HAND_IN_BRANCH = "hand_in_branch"


class ProposalState(StrEnum):
    """Where a proposal stands. Approved but not executed is an accreditation that waits to be signed, or whose change
    could not be made for now; failed is one that the registry refused after it was approved."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    EXECUTED = "executed"
    FAILED = "failed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that somebody proposed. `content` is canonical JSON with `kind` and `change`, and `sha256` its hex
    digest: what is approved. `outcome` names what came of it, or the code for which it was refused."""

    id: str
    organisation_id: str
    kind: ProposalKind
    content: bytes
    sha256: str
    state: ProposalState
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    outcome: str | None = None

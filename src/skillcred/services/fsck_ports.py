"""What `check_storage` reads of the storage: in streams, so that a store of any size can be looked through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from skillcred.services.case_records import CaseDocument
from skillcred.services.records import StatusEventKind, StatusPublication, StatusSlot


@dataclass(frozen=True, slots=True)
class CopiesRead:
    """A credential with several copies: how many entries it has, the number of its last copy (from 0 on), and how many
    different states and owners its entries have."""

    credential_id: str
    entries: int
    last: int
    states: int
    organisations: int


@dataclass(frozen=True, slots=True)
class EventRead:
    """An event as far as the fold needs it."""

    sequence: int
    index: int
    kind: StatusEventKind
    effective_at: datetime
    recorded_at: datetime
    value: int | None = None


@dataclass(frozen=True, slots=True)
class CredentialRead:
    """A stored credential, with what it was prepared from. `sha256` is the digest that was recorded. A further copy has
    what the whole was prepared from, where its entries are told too."""

    credential_id: str
    content: bytes
    sha256: str
    prepared: bytes
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class RenewalRead:
    """A renewal and the states of it and of its parent; `has_status` says whether the renewal has an entry."""

    credential_id: str
    parent_state: StatusEventKind | None
    state: StatusEventKind | None
    has_status: bool


@dataclass(frozen=True, slots=True)
class BatchRead:
    """What the row of a batch says, and what its items say."""

    batch_id: str
    finished: bool
    stated: tuple[int, int, int, int, int]
    """total, items before the cursor, done, already, failed."""
    counted: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class CaseRead:
    """A case before an authority as it is stored, with what was signed of its decision and whether that is revoked."""

    case_id: str
    state: str
    progress: str
    question: str
    prepared: str
    statement: str | None
    statement_id: str | None
    signed: bytes | None
    signed_state: StatusEventKind | None


class StorageInspection(Protocol):
    """Reads in one transaction that sees one state. Nothing here writes."""

    def stream_slots(self, list_id: str) -> Iterator[StatusSlot]:
        """The entries of a list in the order in which they were given out."""
        ...

    def stream_copies(self) -> Iterator[CopiesRead]:
        """All credentials with an entry of another copy than the first."""
        ...

    def stream_events(self, list_id: str) -> Iterator[EventRead]:
        """The events of a list, by sequence."""
        ...

    def stream_publications(self, list_id: str) -> Iterator[StatusPublication]:
        """All versions of all views of a list, by the number of events they tell of, then by view and version."""
        ...

    def stream_credentials(self) -> Iterator[CredentialRead]:
        """All stored credentials and accreditations, and then all further copies."""
        ...

    def stream_renewals(self) -> Iterator[RenewalRead]:
        """All renewals whose parent has a status."""
        ...

    def stream_batches(self) -> Iterator[BatchRead]:
        """All batches of status changes."""
        ...

    def stream_cases(self) -> Iterator[CaseRead]:
        """All cases before authorities."""
        ...

    def stream_case_documents(self) -> Iterator[CaseDocument]:
        """All documents that were handed in with cases."""
        ...

    def count_concepts(self) -> tuple[int, int]:
        """How many occupations and skills of a classification there are."""
        ...

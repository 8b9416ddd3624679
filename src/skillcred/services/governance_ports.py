"""What the governance of the registry needs of a storage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from skillcred.services.governance_records import LogEntry, Proposal, ProposalState

if TYPE_CHECKING:
    from skillcred.services.ports import Hold


class RegistryLogRepository(Protocol):
    """The log of the registry. Only ever added to."""

    def hold_last(self) -> LogEntry | None:
        """The last entry, after waiting for whoever is appending; nobody else appends until the unit of work ends."""
        ...

    def append(self, entry: LogEntry) -> None:
        """Record. Raises `ConflictError` (`log_forked`) where the number, the digest or the predecessor is taken."""
        ...

    def find_last(self) -> LogEntry | None:
        """The last entry."""
        ...

    def stream_entries(self, *, after: int = 0) -> Iterator[LogEntry]:
        """The entries with numbers above `after`, by number."""
        ...


class ProposalRepository(Protocol):
    """Proposals of changes. Their content never changes."""

    def add(self, proposal: Proposal) -> None:
        """Record. Raises `ConflictError` for a taken id."""
        ...

    def find(self, proposal_id: str, *, hold: Hold | None = None) -> Proposal | None:
        """The proposal with that id."""
        ...

    def list_for(self, organisation_id: str, state: ProposalState | None = None) -> list[Proposal]:
        """The proposals of an organisation, or those in one state, in order of recording."""
        ...

    def decide(self, proposal: Proposal) -> None:
        """Record state, decision and outcome of a proposal. Raises `NotFoundError`."""
        ...

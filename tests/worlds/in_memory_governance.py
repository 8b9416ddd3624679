"""The fakes of the log of the registry, of proposals, and of branches that were handed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.branch_ports import HandedInBranch
from skillcred.services.governance_records import LogEntry, Proposal, ProposalState
from skillcred.services.ports import Hold

if TYPE_CHECKING:
    from worlds.in_memory import State


class InMemoryRegistryLogRepository:
    def __init__(self, state: State) -> None:
        self._all = state.registry_log

    def hold_last(self) -> LogEntry | None:
        return self.find_last()

    def append(self, entry: LogEntry) -> None:
        for known in self._all:
            if (
                known.number == entry.number
                or known.sha256 == entry.sha256
                or known.previous_sha256 == entry.previous_sha256
            ):
                raise ConflictError("Taken.", code="log_forked")
        self._all.append(entry)

    def find_last(self) -> LogEntry | None:
        return max(self._all, key=lambda entry: entry.number, default=None)

    def stream_entries(self, *, after: int = 0) -> Iterator[LogEntry]:
        yield from sorted(
            (entry for entry in self._all if entry.number > after), key=lambda entry: entry.number
        )


class InMemoryProposalRepository:
    def __init__(self, state: State) -> None:
        self._all = state.proposals

    def add(self, proposal: Proposal) -> None:
        if proposal.id in self._all:
            raise ConflictError("Taken.", code="proposal_taken")
        self._all[proposal.id] = proposal

    def find(self, proposal_id: str, *, hold: Hold | None = None) -> Proposal | None:
        return self._all.get(proposal_id)

    def list_for(self, organisation_id: str, state: ProposalState | None = None) -> list[Proposal]:
        return [
            item
            for item in self._all.values()
            if item.organisation_id == organisation_id and state in (None, item.state)
        ]

    def decide(self, proposal: Proposal) -> None:
        known = self._all.get(proposal.id)
        if known is None:
            raise NotFoundError("There is no such proposal.")
        self._all[proposal.id] = replace(
            known,
            state=proposal.state,
            decided_at=proposal.decided_at,
            decided_by=proposal.decided_by,
            outcome=proposal.outcome,
        )


class InMemoryBranchRepository:
    def __init__(self, state: State) -> None:
        self._all = state.branches

    def add(self, branch: HandedInBranch) -> None:
        key = (branch.body_did, branch.version)
        if key in self._all:
            raise ConflictError("Taken.", code="branch_version")
        self._all[key] = branch

    def find_latest(self, body_did: str) -> HandedInBranch | None:
        return max(self.list_for(body_did), key=lambda branch: branch.version, default=None)

    def list_for(self, body_did: str) -> list[HandedInBranch]:
        return [self._all[key] for key in sorted(self._all) if key[0] == body_did]

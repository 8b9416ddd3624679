"""What every storage promises of the log of the registry, of proposals, and of branches that were signed elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.branch_ports import HandedInBranch
from skillcred.services.governance_records import Proposal, ProposalKind, ProposalState
from skillcred.services.ports import Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import NationalBody, Organisation, OrganisationKind
from skillcred.services.registry_log import NOTHING_BEFORE, build_entry, find_faults, log_change
from skillcred.services.transactions import in_transaction

T0 = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
OFFICE = Organisation("id-1", OrganisationKind.OPERATOR, "office", "did:web:o.example", "Office", "KE", T0)
PROPOSAL = Proposal(
    "proposal-1",
    OFFICE.id,
    ProposalKind.ENROL_BODY,
    b'{"b":1}\n',
    "ab" * 32,
    ProposalState.PROPOSED,
    T0,
    "k1",
)


def append(unit: UnitOfWork, subject: str, at: datetime = T0) -> None:
    log_change(
        unit, at=at, actor="k1", organisation_did=OFFICE.did, action="did", subject=subject, content={"é": 1}
    )


class TestLog:
    def test_entries_come_back_as_written_and_chained(self, units: UnitOfWorkFactory) -> None:
        with units(writes=True) as unit:
            assert unit.registry_log.hold_last() is None
            append(unit, "did:web:a.example")
            append(unit, "did:web:b.example", T0 + timedelta(microseconds=1))
            unit.commit()
        with units(writes=False) as unit:
            first, second = unit.registry_log.stream_entries()
            assert unit.registry_log.find_last() == second
            assert [entry.number for entry in unit.registry_log.stream_entries(after=1)] == [2]
        assert (first.number, first.previous_sha256, first.at) == (1, NOTHING_BEFORE, T0)
        assert first.content == '{"organisation":"did:web:o.example","é":1}'.encode()
        assert second.previous_sha256 == first.sha256
        assert list(find_faults([first, second])) == []

    def test_what_is_undone_was_not_logged(self, units: UnitOfWorkFactory) -> None:
        with units(writes=True) as unit:
            append(unit, "did:web:a.example")
        with units(writes=False) as unit:
            assert list(unit.registry_log.stream_entries()) == []

    def test_the_chain_cannot_fork(self, units: UnitOfWorkFactory) -> None:
        with units(writes=True) as unit:
            append(unit, "did:web:a.example")
            unit.commit()
        fork = build_entry(None, at=T0, actor="k2", action="did", subject="did:web:c.example", content={})
        for entry in (fork, replace(fork, number=7)):
            with units(writes=True) as unit, pytest.raises(ConflictError) as fault:
                unit.registry_log.append(entry)
            assert fault.value.code == "log_forked"

    def test_many_writers_make_one_chain(self, units: UnitOfWorkFactory) -> None:
        """Nobody is refused: whoever comes second waits."""

        def work(number: int) -> None:
            in_transaction(units, lambda unit: append(unit, f"did:web:w{number}.example"))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(40)))
        with units(writes=False) as unit:
            entries = list(unit.registry_log.stream_entries())
        assert [entry.number for entry in entries] == list(range(1, 41))
        assert list(find_faults(entries)) == []
        assert len({entry.subject for entry in entries}) == 40


class TestProposals:
    def test_recorded_listed_and_decided(self, units: UnitOfWorkFactory) -> None:
        other = replace(PROPOSAL, id="proposal-2", content=b"{}")
        with units(writes=True) as unit:
            unit.organisations.add(OFFICE)
            unit.proposals.add(PROPOSAL)
            unit.proposals.add(other)
            unit.commit()
        decided = replace(
            PROPOSAL,
            state=ProposalState.EXECUTED,
            decided_at=T0 + timedelta(hours=1),
            decided_by="k2",
            outcome="did:web:b.example",
        )
        with units(writes=True) as unit:
            assert unit.proposals.find(PROPOSAL.id, hold=Hold.EXCLUSIVE) == PROPOSAL
            unit.proposals.decide(replace(decided, content=b"other", sha256="00" * 32))
            unit.commit()
        with units(writes=False) as unit:
            assert unit.proposals.find(PROPOSAL.id) == decided, "its content stays"
            assert unit.proposals.list_for(OFFICE.id) == [decided, other]
            assert unit.proposals.list_for(OFFICE.id, ProposalState.PROPOSED) == [other]
            assert unit.proposals.list_for("id-2") == []
            assert unit.proposals.find("proposal-3") is None

    def test_refused(self, units: UnitOfWorkFactory) -> None:
        with units(writes=True) as unit:
            unit.organisations.add(OFFICE)
            unit.proposals.add(PROPOSAL)
            unit.commit()
        with units(writes=True) as unit, pytest.raises(ConflictError) as fault:
            unit.proposals.add(PROPOSAL)
        assert fault.value.code == "proposal_taken"
        with units(writes=True) as unit, pytest.raises(NotFoundError):
            unit.proposals.decide(replace(PROPOSAL, id="proposal-3"))


class TestBranches:
    def test_kept_byte_for_byte_and_a_version_once(self, units: UnitOfWorkFactory) -> None:
        body = NationalBody("did:web:b.example", "Body", "KE", T0)
        first = HandedInBranch(
            body.did, 1, b'{"b": 1}\n', b"\x00s", b"", f"{body.did}#key-1", T0 + timedelta(days=90), T0, "k1"
        )
        second = replace(first, version=2, signed=b"{}")
        outside = replace(OFFICE, id="id-2", slug="b", did=body.did, name="Body", keys_elsewhere=True)
        with units(writes=True) as unit:
            unit.organisations.add(OFFICE)
            unit.organisations.add(outside)
            unit.registry.add_body(body)
            unit.branches.add(second)
            unit.branches.add(first)
            unit.commit()
        with units(writes=False) as unit:
            assert unit.branches.find_latest(body.did) == second
            assert unit.branches.list_for(body.did) == [first, second]
            assert unit.branches.find_latest(OFFICE.did) is None
            assert unit.organisations.find_by_did(body.did) == outside
            assert unit.organisations.find_by_did(OFFICE.did) == OFFICE
        with units(writes=True) as unit, pytest.raises(ConflictError) as fault:
            unit.branches.add(replace(second, signed=b"other"))
        assert fault.value.code == "branch_version"

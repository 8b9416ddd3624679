"""What one process holds in memory is current whatever another has committed, on both databases (docs/adr/0008)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from skillcred.bootstrap import Application
from skillcred.model.outcomes import Verdict
from skillcred.services.verify_document import verify_prepared
from skillcred.verification import VerificationReport
from worlds.application import DemoRegistry, fill_demo_registry, open_application


class Processes:
    """Two applications that share a database and keys, and nothing else."""

    def __init__(self, folder: Path, **changes: object) -> None:
        self.one = open_application(folder, **changes)
        self.registry: DemoRegistry = fill_demo_registry(self.one)
        self.other: Application = open_application(folder, **changes)
        self.stored = self.registry.issue()

    def ask_other(self) -> VerificationReport:
        report = self.other.verify_document.upload(self.stored.content).report
        assert isinstance(report, VerificationReport)
        return report

    def is_warm(self) -> bool:
        """Whether the other would answer from memory alone, in one run."""
        prepared = self.other.verify_document.prepare(self.stored.content, waiting=True)
        return prepared is not None and verify_prepared(prepared) is not None


@pytest.fixture(params=["sqlite", "postgresql"])
def processes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Processes]:
    changes = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    processes = Processes(tmp_path, **changes)
    yield processes
    processes.one.close()
    processes.other.close()


def suspend(processes: Processes) -> None:
    processes.one.change_accreditation(
        processes.registry.body,
        processes.registry.accreditation.id,
        kind="suspended",
        effective_at=datetime(2021, 1, 1, tzinfo=UTC),
        reason="audit",
    )


def revoke(processes: Processes) -> None:
    processes.one.change_status(
        processes.registry.provider, processes.stored.credential_id, kind="revoked", reason="a typo"
    )


@pytest.mark.parametrize("change", [suspend, revoke], ids=["suspension", "revocation"])
def test_what_another_process_committed_counts_at_once(
    processes: Processes, change: Callable[[Processes], None]
) -> None:
    for _ in range(2):
        assert processes.ask_other().verdict is Verdict.VALID
    assert processes.is_warm()
    change(processes)
    assert not processes.is_warm()
    report = processes.ask_other()
    assert report.verdict is not Verdict.VALID
    assert report.reason in {"revoked", "issuer_not_authorised"}


def test_issuing_elsewhere_leaves_the_memory_as_it_is(processes: Processes) -> None:
    for _ in range(2):
        processes.ask_other()
    processes.registry.issue("another")
    assert processes.is_warm()


def test_only_an_embedded_database_is_asked_where_all_wait(processes: Processes) -> None:
    for _ in range(2):
        processes.ask_other()
    at_once = processes.other.verify_document.prepare(processes.stored.content)
    embedded = processes.other.settings.database_address.startswith("sqlite")
    assert (at_once is not None) is embedded

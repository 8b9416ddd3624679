"""What other processes do in the tests of status lists. Started from a server that has the imports done, so that each
costs milliseconds and dies as a process of its own does."""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

from skillcred.adapters.clock import SystemClock
from skillcred.adapters.crash_points import build_crash_point, no_crash
from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.bootstrap import build_application
from skillcred.services.allocate_status_entry import AllocateStatusEntry
from skillcred.services.records import StatusView
from skillcred.services.run_status_batches import RunStatusBatches
from skillcred.services.status_views import VALUED_VIEWS
from skillcred.settings import Settings


def context() -> ForkServerContext:
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["skillcred.bootstrap"])
    return found


def kill(process: ForkServerProcess) -> None:
    """SIGKILL, and wait for it."""
    process.kill()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL


def allocate(address: str, orders: list[tuple[str, int, int]]) -> None:
    """For each (organisation, length of new lists, number of entries): give entries out, one by one."""
    units = SqlUnitOfWorkFactory(build_engine(address))
    for organisation_id, length, count in orders:
        give = AllocateStatusEntry(units, SystemClock(), no_crash, length)
        for number in range(count):
            give(organisation_id, f"urn:{organisation_id}:{os.getpid()}:{number}")


def publish_without_end(settings: dict[str, Any], list_id: str, ready: Any) -> None:
    """Publish all views of a list without a scheme again and again, until somebody kills it."""
    application = build_application(Settings(**settings), evidence_sources={})
    views = [view for view in StatusView if view not in VALUED_VIEWS]
    ready.set()
    while True:
        for view in views:
            application.publish_status_list(list_id, view)


def revoke_and_publish(
    settings: dict[str, Any], organisation_id: str, credential_id: str, list_id: str, crash: str
) -> None:
    """Revoke a credential and publish the list, and die where `crash` says."""
    changed = settings | {"crash_points_enabled": True, "crash": crash}
    application = build_application(Settings(**changed), evidence_sources={}, serving=True)
    actor = application.local_actor("issuer", organisation_id)
    application.change_status(actor, credential_id, kind="revoked", reason="A typo.")
    application.publish_status_list(list_id, StatusView.REVOCATION)


def allocate_copies(address: str, organisation_id: str, length: int, crash: str) -> None:
    """Give entries to five copies of a credential, and die where `crash` says."""
    units = SqlUnitOfWorkFactory(build_engine(address))
    give = AllocateStatusEntry(units, SystemClock(), build_crash_point(crash), length)
    give.allocate_copies(organisation_id, "urn:copied", 5)


def run_batch(address: str, batch_id: str, chunk: int, crash: str) -> None:
    """Carry a batch out, and die where `crash` says."""
    units = SqlUnitOfWorkFactory(build_engine(address))
    for _ in RunStatusBatches(units, SystemClock(), build_crash_point(crash), chunk).run(batch_id):
        pass

"""Many processes, kills, races and clocks, on both databases: nothing about status is lost (SECURITY S-15 to S-19,
F-13)."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skillcred.adapters.clock import SystemClock
from skillcred.adapters.crash_points import no_crash
from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConflictError
from skillcred.model.outcomes import Verdict
from skillcred.services.allocate_status_entry import AllocateStatusEntry
from skillcred.services.batch_records import BatchSelection, BatchState, StatusBatch
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.records import StatusEventKind, StatusView
from skillcred.services.renewing import check_renewal
from skillcred.services.start_status_batch import StatusBatchRequest
from skillcred.services.status_views import views_of
from skillcred.status.bitstring_status_list import parse_list_credential
from worlds.application import DemoRegistry, build_demo_registry, example_claims
from worlds.in_memory import FixedClock
from worlds.status_workers import allocate, context, kill, publish_without_end, run_batch

PROCESSES = 4
LENGTH = 131_072
BINS = 64
CHI_SQUARE_LIMIT = 150.0
"""Of 63 degrees of freedom; a uniform order goes beyond it once in a hundred million times."""


@dataclass
class World:
    registry: DemoRegistry
    address: str
    settings: dict[str, Any]

    @property
    def organisation_id(self) -> str:
        return self.registry.provider.organisation.id

    def units(self) -> SqlUnitOfWorkFactory:
        return SqlUnitOfWorkFactory(self.engine)

    def __post_init__(self) -> None:
        self.engine = build_engine(self.address)

    def assert_sound(self) -> None:
        """`skillcred fsck` finds nothing."""
        results = self.registry.application.check_storage()
        assert {result.name: result.faults for result in results if result.found} == {}

    def allocated(self, count: int) -> list[str]:
        """Credentials with entries, without the work of issuing them."""
        give = self.registry.application.issue_credential.issuing.allocate_status_entry
        names = [f"urn:given:{number}" for number in range(count)]
        for name in names:
            give(self.organisation_id, name)
        return names


@pytest.fixture(params=["sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., World]]:
    changes: dict[str, Any] = {}
    if request.param == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    made: list[World] = []

    def build(**details: Any) -> World:
        registry = build_demo_registry(tmp_path, **changes, **details)
        settings = registry.application.settings
        made.append(
            World(
                registry,
                settings.database_address,
                {"data_folder": settings.data_folder, "keys_folder": settings.keys_folder, **changes},
            )
        )
        return made[-1]

    yield build
    for world in made:
        world.engine.dispose()
        world.registry.application.close()


def chi_square(indexes: list[int], length: int) -> float:
    """How far the indexes are from being spread evenly over `BINS` parts of the list."""
    counts = Counter(index * BINS // length for index in indexes)
    expected = len(indexes) / BINS
    return sum((counts[number] - expected) ** 2 / expected for number in range(BINS))


def rank_correlation(indexes: list[int]) -> float:
    """Spearman's rho of the order in which entries were given out and their places."""
    ranks = {index: rank for rank, index in enumerate(sorted(indexes))}
    count = len(indexes)
    squares = sum((ranks[index] - number) ** 2 for number, index in enumerate(indexes))
    return 1 - 6 * squares / (count * (count * count - 1))


@pytest.mark.parametrize(
    ("each", "short", "each_short", "rho"),
    [
        pytest.param(500, 24, 20, 0.15, id="small"),
        pytest.param(25_000, 8_192, 5_000, 0.05, id="100000", marks=pytest.mark.nightly),
    ],
)
def test_S16_S17_four_processes_give_entries_out(
    make: Callable[..., World], each: int, short: int, each_short: int, rho: float
) -> None:
    """No entry twice, evenly spread, in no order of time; and lists that fill up are followed by one each."""
    world = make()
    uniform, filling = world.organisation_id, world.registry.stranger.organisation.id
    orders = [(uniform, LENGTH, each), (filling, short, each_short)]
    workers = [context().Process(target=allocate, args=(world.address, orders)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(3600)
        assert worker.exitcode == 0
    with world.units()(writes=False) as unit:
        [record] = unit.statuses.list_lists(uniform)
        indexes = [slot.index for slot in unit.inspection.stream_slots(record.id)]
        lists = unit.statuses.list_lists(filling)
        filled = [[slot.index for slot in unit.inspection.stream_slots(item.id)] for item in lists]
    total = PROCESSES * each
    assert (record.allocated, len(indexes), len(set(indexes))) == (total, total, total)
    assert chi_square(indexes, LENGTH) < CHI_SQUARE_LIMIT
    assert abs(rank_correlation(indexes)) < rho
    full, rest = divmod(PROCESSES * each_short, short)
    assert [len(found) for found in filled] == [short] * full + [rest] * bool(rest)
    assert all(sorted(found) == list(range(short)) for found in filled[:full])
    assert [item.closed_at is None for item in lists] == [False] * full + [True] * bool(rest)
    world.assert_sound()


def set_bits(content: bytes) -> set[int]:
    found = parse_list_credential(parse_json_object(content))
    return {index for index in range(LENGTH) if found.data[index >> 3] & (0x80 >> (index & 7))}


@pytest.mark.parametrize(
    ("credentials", "kills"),
    [pytest.param(80, 4, id="small"), pytest.param(800, 20, id="800", marks=pytest.mark.nightly)],
)
def test_S18_eight_clients_revoke_while_the_publisher_is_killed(
    make: Callable[..., World], credentials: int, kills: int
) -> None:
    world = make()
    application, provider = world.registry.application, world.registry.provider
    names = world.allocated(credentials + 50)
    wanted = names[:credentials]
    with world.units()(writes=False) as unit:
        [record] = unit.statuses.list_lists()
        slots = unit.statuses.find_slots(wanted)

    def revoke(name: str) -> None:
        application.change_status(provider, name, kind="revoked", reason="A typo.")

    died = 0
    with ThreadPoolExecutor(8) as clients:
        work = [clients.submit(revoke, name) for name in wanted]
        while died < kills:
            ready = context().Event()
            publisher = context().Process(target=publish_without_end, args=(world.settings, record.id, ready))
            publisher.start()
            assert ready.wait(60)
            time.sleep(secrets.randbelow(150) / 1000)
            kill(publisher)
            died += 1
        for done in work:
            done.result(timeout=120)
    final = application.publish_status_list(record.id, StatusView.REVOCATION)
    assert set_bits(final.content) == {slot.index for [slot] in slots.values()}
    assert len(slots) == credentials
    with world.units()(writes=False) as unit:
        assert len(unit.statuses.list_events(record.id)) == credentials
        assert unit.statuses.find_publication(record.id, StatusView.REVOCATION) == final
    world.assert_sound()


def test_S19_a_renewal_races_with_the_revocation_of_its_parent(make: Callable[..., World]) -> None:
    """However it ends, both are revoked, or there is no renewal."""
    world = make()
    application, provider = world.registry.application, world.registry.provider
    parents = [world.registry.issue(f"parent-{number}") for number in range(8)]

    def renew(parent_id: str, gate: threading.Barrier) -> bytes | str:
        request = IssuanceRequest("training", example_claims(), "eddsa-jcs-2022", renews=parent_id)
        gate.wait(10)
        try:
            return application.issue_credential(provider, request, f"of-{parent_id}").content
        except ConflictError as fault:
            return fault.code

    def revoke(parent_id: str, gate: threading.Barrier) -> None:
        gate.wait(10)
        application.change_status(provider, parent_id, kind="revoked", reason="Fraud.")

    for parent in parents:
        gate = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            renewing = pool.submit(renew, parent.credential_id, gate)
            pool.submit(revoke, parent.credential_id, gate).result(30)
            renewed = renewing.result(30)
        assert application.verify_document(parent.content).report.verdict is Verdict.INVALID
        if isinstance(renewed, str):
            assert renewed == "renewed_revoked"
        else:
            assert application.verify_document(renewed).report.reason == "revoked"
    world.assert_sound()


def test_S19_a_revocation_waits_for_a_renewal_that_is_being_reserved(make: Callable[..., World]) -> None:
    """The transaction of the renewal has seen its parent and is not committed; the revocation must not miss it."""
    world = make()
    application, provider = world.registry.application, world.registry.provider
    parent = world.registry.issue("parent").credential_id
    child = world.registry.issue("child").credential_id
    inside, go_on = threading.Event(), threading.Event()
    units = application.change_status.units

    def reserve() -> None:
        with units(writes=True) as unit:
            found = unit.issuances.find(world.organisation_id, "child")
            assert found is not None
            check_renewal(unit, world.organisation_id, parent, revocable=True)
            made = replace(
                found,
                id="renewing",
                idempotency_key="renewing",
                credential_id="urn:renewing",
                renews=parent,
            )
            unit.issuances.reserve(made)
            inside.set()
            assert go_on.wait(10)
            unit.commit()

    give = application.issue_credential.issuing.allocate_status_entry
    give(world.organisation_id, "urn:renewing")
    with ThreadPoolExecutor(2) as pool:
        reserving = pool.submit(reserve)
        assert inside.wait(10)
        revoking = pool.submit(
            lambda: application.change_status(provider, parent, kind="revoked", reason="Fraud.")
        )
        time.sleep(0.2)
        assert not revoking.done()
        go_on.set()
        reserving.result(30)
        revoking.result(30)
    with world.units()(writes=False) as unit:
        states = unit.statuses.find_slots([parent, child, "urn:renewing"])
    assert {name: slot.state for name, [slot] in states.items()} == {
        parent: StatusEventKind.REVOKED,
        child: None,
        "urn:renewing": StatusEventKind.REVOKED,
    }


def test_S15_a_revocation_waits_for_copies_that_are_being_given_entries(make: Callable[..., World]) -> None:
    """The entries go to another list than those of the first copies, and the revocation must not miss them; once it is
    committed there are no more."""
    world = make()
    application, stranger = world.registry.application, world.registry.stranger
    units = application.change_status.units
    inside, go_on = threading.Event(), threading.Event()

    class SlowClock(SystemClock):
        """Read for the second time once all lists are held."""

        reads = 0

        def now(self) -> datetime:
            self.reads += 1
            if self.reads == 2:
                inside.set()
                assert go_on.wait(10)
            return super().now()

    give = AllocateStatusEntry(units, SystemClock(), no_crash, 8)
    organisation_id = stranger.organisation.id
    early = give.allocate_copies(organisation_id, "urn:copied", 3)
    give.allocate_copies(organisation_id, "urn:other", 5)  # the list is full
    slowly = AllocateStatusEntry(units, SlowClock(), no_crash, 8)
    with ThreadPoolExecutor(2) as pool:
        giving = pool.submit(slowly.allocate_copies, organisation_id, "urn:copied", 4)
        assert inside.wait(10)
        revoking = pool.submit(
            lambda: application.change_status(stranger, "urn:copied", kind="revoked", reason="Fraud.")
        )
        time.sleep(0.2)
        assert not revoking.done()
        go_on.set()
        late = giving.result(30)
        revoking.result(30)
    with world.units()(writes=False) as unit:
        found = unit.statuses.find_slots(["urn:copied"])["urn:copied"]
    assert len({allocation.slot.list_id for allocation in (*early, *late)}) == 2
    assert [(slot.list_id, slot.index) for slot in found] == [
        (allocation.slot.list_id, allocation.slot.index) for allocation in (*early, *late)
    ]
    assert {slot.state for slot in found} == {StatusEventKind.REVOKED}
    with pytest.raises(ConflictError) as fault:
        give.allocate_copies(organisation_id, "urn:copied", 1)
    assert fault.value.code == "credential_revoked"
    world.assert_sound()


def test_S16_copies_of_one_credential_for_many_at_once(make: Callable[..., World]) -> None:
    """Nobody gets what another one gets, and the copies are numbered without a gap."""
    world = make()
    give = AllocateStatusEntry(world.registry.application.change_status.units, SystemClock(), no_crash)
    with ThreadPoolExecutor(4) as pool:
        wanted = [
            pool.submit(give.allocate_copies, world.organisation_id, "urn:copied", 5) for _ in range(12)
        ]
        given = [allocation.slot for done in wanted for allocation in done.result(60)]
    assert len({slot.index for slot in given}) == len({slot.copy for slot in given}) == 60
    with world.units()(writes=False) as unit:
        found = unit.statuses.find_slots(["urn:copied"])["urn:copied"]
    assert [slot.copy for slot in found] == list(range(60))
    world.assert_sound()


def test_F13_the_clock_steps_back_and_no_list_does(make: Callable[..., World]) -> None:
    clock = FixedClock()
    world = make(clock=clock)
    application, provider = world.registry.application, world.registry.provider
    names = world.allocated(4)
    with world.units()(writes=False) as unit:
        [record] = unit.statuses.list_lists()
    for number, step in enumerate(
        (timedelta(0), timedelta(hours=-1), timedelta(days=-30), timedelta(hours=2))
    ):
        clock.instant += step
        application.change_status(provider, names[number], kind="revoked", reason="A typo.")
        for view in views_of(record):
            application.publish_status_list(record.id, view)
    with world.units()(writes=False) as unit:
        for view in views_of(record):
            versions = unit.statuses.list_publications(record.id, view)
            assert [item.version for item in versions] == [1, 2, 3, 4]
            instants = [item.published_at for item in versions]
            assert instants == sorted(instants)
    world.assert_sound()


def test_a_batch_that_is_killed_at_every_chunk_goes_on_exactly(make: Callable[..., World]) -> None:
    """SECURITY F-03, F-19: before and after each commit; no credential is done twice and none is left out."""
    world = make()
    application, provider = world.registry.application, world.registry.provider
    names = world.allocated(11)
    selection = BatchSelection(credential_ids=(*names, "urn:nothing"))
    request = StatusBatchRequest("revoked", "A typo.", selection)
    batch = application.start_status_batch(provider, request, "batch")

    def progress() -> StatusBatch:
        return application.get_status_batch(provider, batch.id).batch

    done = 0
    for crash, committed in (
        ("before-batch-chunk-commit:1", 0),
        ("after-batch-chunk-commit:1", 1),
        ("before-batch-chunk-commit:2", 1),
        ("after-batch-chunk-commit:2", 2),
        ("before-batch-chunk-commit:2", 1),
    ):
        worker = context().Process(target=run_batch, args=(world.address, batch.id, 2, crash))
        worker.start()
        worker.join(60)
        assert worker.exitcode == -9
        done += 2 * committed
        assert (progress().done, progress().next_number) == (done, done + 1)
    assert progress().state is BatchState.RUNNING
    world.assert_sound()
    list(application.run_status_batches.run(batch.id))
    ended = progress()
    assert (ended.state, ended.done, ended.already, ended.failed) == (BatchState.FINISHED, 11, 0, 1)
    with world.units()(writes=False) as unit:
        [record] = unit.statuses.list_lists()
        events = unit.statuses.list_events(record.id)
    assert len(events) == len({event.index for event in events}) == 11
    world.assert_sound()

"""A batch of 100,000 revocations whose process is killed again and again, on both databases (SECURITY F-19, S-18)."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.encoding.strict_json import parse_json_object
from skillcred.services.allocate_status_entry import new_list
from skillcred.services.batch_records import BatchSelection, BatchState
from skillcred.services.ports import UnitOfWork
from skillcred.services.records import StatusEventKind, StatusSlot, StatusView
from skillcred.services.start_status_batch import StatusBatchRequest
from skillcred.services.transactions import in_transaction
from skillcred.status.bitstring_status_list import parse_list_credential
from skillcred.status.permutation import permute
from skillcred.status.scheme import NO_SCHEME
from worlds.application import build_demo_registry
from worlds.status_workers import context, kill, run_batch

LENGTH = 131_072
SIZE = 100_000
KILLS = 8


@pytest.mark.nightly
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_large_batch_is_killed_at_any_time_and_ends_exactly(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    changes: dict[str, Any] = {}
    if database == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    registry = build_demo_registry(tmp_path, **changes)
    application, provider = registry.application, registry.provider
    address = application.settings.database_address
    engine = build_engine(address)
    units = SqlUnitOfWorkFactory(engine)
    names = [f"urn:many:{number}" for number in range(SIZE + 100)]
    record = new_list(provider.organisation.id, LENGTH, NO_SCHEME, application.clock.now())

    def fill(unit: UnitOfWork) -> None:
        unit.statuses.add_list(record)
        unit.statuses.add_slots(
            [
                StatusSlot(
                    record.id,
                    permute(number, LENGTH, record.permutation_key),
                    name,
                    provider.organisation.id,
                    record.opened_at,
                )
                for number, name in enumerate(names)
            ]
        )
        unit.statuses.update_list(replace(record, allocated=len(names)))

    in_transaction(units, fill)
    wanted = names[:SIZE]
    selection = BatchSelection(credential_ids=tuple(wanted))
    batch = application.start_status_batch(
        provider, StatusBatchRequest("revoked", "The key was stolen.", selection), "all"
    )
    seen = [0]
    while len(seen) <= KILLS:
        worker = context().Process(target=run_batch, args=(address, batch.id, 500, "never:1"))
        worker.start()
        while application.get_status_batch(provider, batch.id).batch.done == seen[-1]:
            assert worker.exitcode is None
            time.sleep(0.01)
        time.sleep(secrets.randbelow(300) / 1000)
        kill(worker)
        seen.append(application.get_status_batch(provider, batch.id).batch.done)
        assert seen[-1] % 500 == 0
    before = seen[-1]
    begun = time.monotonic()
    for last in application.run_status_batches.run(batch.id):
        seen.append(last.done)
    took = time.monotonic() - begun
    print(f"\n{database}: killed {KILLS} times, then {SIZE - before} revoked in {took:.1f} s")
    assert seen == sorted(seen)
    ended = application.get_status_batch(provider, batch.id).batch
    assert (ended.state, ended.done, ended.already, ended.failed) == (BatchState.FINISHED, SIZE, 0, 0)
    begun = time.monotonic()
    final = application.publish_status_list(record.id, StatusView.REVOCATION)
    print(f"{database}: published in {time.monotonic() - begun:.3f} s")
    told = parse_list_credential(parse_json_object(final.content))
    with units(writes=False) as unit:
        slots = {slot.credential_id: slot for slot in unit.statuses.list_slots(record.id)}
        events = unit.statuses.count_events(record.id)
        states = unit.statuses.list_states(record.id)
    indexes = {slots[name].index for name in wanted}
    assert events == SIZE
    assert states == dict.fromkeys(indexes, StatusEventKind.REVOKED)
    assert {index for index in range(LENGTH) if told.get_status(index, 1)} == indexes
    results = application.check_storage()
    assert {result.name: result.faults for result in results if result.found} == {}
    application.close()
    engine.dispose()

"""Status lists: reading and checking, publishing, and giving entries out. Called by `run.py`.

The figures of reading are the least of many turns; publishing is the median of a few, because it ends on a disk.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from skillcred.bootstrap import Application
from skillcred.encoding.json_types import JsonObject
from skillcred.services.batch_records import BatchSelection
from skillcred.services.records import StatusSlot, StatusView
from skillcred.services.start_status_batch import StatusBatchRequest
from skillcred.status.bitstring_status_list import (
    build_list_credential,
    encode_list,
    parse_list_credential,
)
from skillcred.status.permutation import permute
from worlds.application import DemoRegistry, build_demo_registry
from worlds.databases import DEFAULT_POSTGRES_URL, PostgresMissingError, scratch_database
from worlds.pure_world import NOW

SMALL, LARGE = 131_072, 1 << 23
SHARE_SET = 0.01
"""One credential in a hundred is revoked."""
MANY_EVENTS = 10_000
PUBLICATIONS = 7
ALLOCATIONS = 200
TARGETS = {
    "warm_check_microseconds": 2.0,
    "cold_decode_131072_milliseconds": 3.0,
    "publish_milliseconds": 50.0,
}


def measure_status() -> dict[str, Any]:
    """All figures, with the targets of the project beside them."""
    with tempfile.TemporaryDirectory(prefix="skillcred-bench-") as folder:
        databases: dict[str, Any] = {"sqlite": _measure_database(Path(folder) / "sqlite", {})}
        server = os.environ.get("SKILLCRED_TEST_POSTGRES_URL", DEFAULT_POSTGRES_URL)
        with ExitStack() as stack:
            try:
                address = stack.enter_context(scratch_database(server))
            except PostgresMissingError as error:
                databases["postgresql"] = {"left_out": str(error)}
            else:
                changes = {"database_url": address}
                databases["postgresql"] = _measure_database(Path(folder) / "postgresql", changes)
    return {
        "reading": {"131072": _measure_reading(SMALL), "8388608": _measure_reading(LARGE)},
        "databases": databases,
        "targets": TARGETS,
    }


def print_status(figures: dict[str, Any]) -> None:
    """The figures as lines."""
    print("\nstatus lists:")
    for length, reading in figures["reading"].items():
        print(
            f"  {length:>8} entries: cold decode and check {reading['cold_milliseconds']:.2f} ms "
            f"(half of them set: {reading['cold_dense_milliseconds']:.2f} ms), "
            f"warm check {reading['warm_microseconds']:.2f} us"
        )
    for name, found in figures["databases"].items():
        if "left_out" in found:
            print(f"  {name}: {found['left_out']}")
            continue
        print(
            f"  {name}: publish after 1 event {found['publish_after_1_milliseconds']:.1f} ms, after {MANY_EVENTS} "
            f"{found['publish_after_10000_milliseconds']:.1f} ms; {found['allocations_per_second']:.0f} entries and "
            f"{found['batch_revocations_per_second']:.0f} revocations of a batch per second"
        )
    print(f"  targets: {figures['targets']}")


def _measure_reading(length: int) -> dict[str, float]:
    sparse, dense = _list_credential(length, SHARE_SET), _list_credential(length, 0.5)
    index = length - 7
    known = parse_list_credential(sparse)
    number = 20_000
    best = min(timeit.repeat(lambda: known.get_status(index, 1), number=number, repeat=7))
    return {
        "warm_microseconds": best / number * 1e6,
        "cold_milliseconds": _least(lambda: parse_list_credential(sparse).get_status(index, 1)),
        "cold_dense_milliseconds": _least(lambda: parse_list_credential(dense).get_status(index, 1)),
    }


def _encode(length: int, share: float) -> str:
    chosen = random.Random(length).sample(range(length), int(length * share))  # noqa: S311 - same bits each time
    return encode_list(length, 1, dict.fromkeys(chosen, 1))


def _list_credential(length: int, share: float) -> JsonObject:
    return build_list_credential(
        uri="https://issuer.example/status/1",
        issuer="did:web:issuer.example",
        purpose="revocation",
        encoded_list=_encode(length, share),
        valid_from=NOW,
        valid_until=NOW + timedelta(days=1),
        ttl=timedelta(minutes=1),
    )


def _least(case: Callable[[], object], repeat: int = 25) -> float:
    """Least milliseconds of one call."""
    return min(timeit.repeat(case, number=1, repeat=repeat)) * 1000


def _measure_database(folder: Path, changes: dict[str, Any]) -> dict[str, float]:
    registry = build_demo_registry(folder, **changes)
    application = registry.application
    try:
        return _measure_application(registry, application)
    finally:
        application.close()


def _measure_application(registry: DemoRegistry, application: Application) -> dict[str, float]:
    give = application.issue_credential.issuing.allocate_status_entry
    organisation_id = registry.provider.organisation.id
    names = _names()
    start = time.perf_counter()
    given = [next(names) for _ in range(ALLOCATIONS)]
    slots = [give(organisation_id, name) for name in given]
    allocating = time.perf_counter() - start
    list_id = slots[0].list_id

    def publish_after_one(name: str) -> float:
        application.change_status(registry.provider, name, kind="revoked", reason="A typo.")
        begun = time.perf_counter()
        application.publish_status_list(list_id, StatusView.REVOCATION)
        return (time.perf_counter() - begun) * 1000

    few = statistics.median(publish_after_one(name) for name in given[:PUBLICATIONS])
    more = [next(names) for _ in range(MANY_EVENTS)]
    _give_many(application, organisation_id, list_id, more)
    request = StatusBatchRequest("revoked", "A typo.", BatchSelection(credential_ids=tuple(more)))
    begun = time.perf_counter()
    started = application.start_status_batch(registry.provider, request, "benchmark")
    *_, batch = application.run_status_batches.run(started.id)
    revoking = time.perf_counter() - begun
    if batch.done != MANY_EVENTS:
        raise RuntimeError("the batch did not revoke what it was given")
    rest = given[PUBLICATIONS : 2 * PUBLICATIONS]
    return {
        "allocations_per_second": ALLOCATIONS / allocating,
        "batch_revocations_per_second": MANY_EVENTS / revoking,
        "publish_after_1_milliseconds": few,
        "publish_after_10000_milliseconds": statistics.median(publish_after_one(name) for name in rest),
    }


def _give_many(application: Application, organisation_id: str, list_id: str, names: list[str]) -> None:
    """Entries for many credentials in one transaction: this part is not measured."""
    units, now = application.change_status.units, application.clock.now()
    with units(writes=True) as unit:
        record = unit.statuses.find_list(list_id)
        if record is None:
            raise RuntimeError("the list has gone")
        indexes = [
            permute(number, record.length, record.permutation_key)
            for number in range(record.allocated, record.allocated + len(names))
        ]
        unit.statuses.add_slots(
            [
                StatusSlot(list_id, index, name, organisation_id, now)
                for index, name in zip(indexes, names, strict=True)
            ]
        )
        unit.statuses.update_list(replace(record, allocated=record.allocated + len(names)))
        unit.commit()


def _names() -> Iterator[str]:
    number = 0
    while True:
        yield f"urn:benchmark:{number}"
        number += 1

"""What a large registry costs: loading a verified snapshot, one decision with a chain of four links, memory, and
publishing one changed accreditation. Sizes of 1,000, 10,000 and 100,000 accreditations of a tenth as many providers.

Each size is measured in a process of its own, so that the memory of one is not that of another. Times are those of the
clock on the wall, and beside them what the process itself computed: where the two differ, the machine was busy, or the
process waited for its disk. Of loading, the median of `LOADS` is told and the slowest; of decisions the median and the
time that 99 % keep. Run alone it prints its table; `make bench` takes its figures under the key `registry`.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from skillcred.adapters.registry import FolderFetcher, RegistryCopy, RegistryPublisher  # noqa: E402
from skillcred.adapters.registry.root import build_root, install_root, sign_root  # noqa: E402
from skillcred.profiles import CredentialFacts  # noqa: E402
from skillcred.profiles.facts import Level  # noqa: E402
from skillcred.services.publication_ports import (  # noqa: E402
    OperatorSigners,
    PublishedBranch,
    RegistryContent,
)
from skillcred.services.root_plan import RoleKeys  # noqa: E402
from skillcred.trust import (  # noqa: E402
    AccreditationScope,
    AccreditationStatement,
    Action,
    EnrolledBody,
    ScopeLevel,
)
from skillcred.trust.chains import Edge  # noqa: E402
from skillcred.trust.published import (  # noqa: E402
    Branch,
    PublishedStatement,
    content_ranges,
    encode_bodies,
    encode_branch,
)
from worlds.pure_world import SoftSigner  # noqa: E402

SIZES = (1_000, 10_000, 100_000)
BODIES = 20
PER_PROVIDER = 10
DECISIONS = 5_000
LOADS = 5
CREDENTIAL_BYTES = 1_500
"""About what a signed accreditation takes."""
NOW = datetime.now(UTC).replace(microsecond=0)
START = datetime(2024, 1, 1, tzinfo=UTC)
PASS_ON = AccreditationScope(("qualification", "training"), countries=("PH",), action=Action.ACCREDIT)
FACTS = CredentialFacts(
    credential_id=None,
    issuer_id=None,
    issuer_name=None,
    types=(),
    profile_id="qualification",
    subject_id=None,
    title={},
    award_date=START + timedelta(days=100),
    valid_from=None,
    valid_until=None,
    isced_fields=("0913",),
    levels=(Level("EQF", "3"),),
    country="PH",
)


def body_did(number: int) -> str:
    return f"did:web:body{number}.example"


def branch(number: int, providers: int) -> tuple[bytes, bytes]:
    """A body, two bodies below it one above the other, and providers with ten accreditations each."""
    root, sub, school_board = (
        body_did(number),
        f"did:web:sub.body{number}.example",
        f"did:web:board.body{number}.example",
    )
    edges = [_edge(root, sub, PASS_ON, root, "a"), _edge(sub, school_board, PASS_ON, root, "b")]
    for provider in range(providers):
        for place in range(PER_PROVIDER):
            scope = AccreditationScope(
                ("qualification",),
                (f"09{place}" if place == 1 else f"0{place}",),
                ScopeLevel("EQF", str(3 + place % 5)),
                ("PH",),
            )
            did = f"did:web:provider{provider}.body{number}.example"
            edges.append(_edge(school_board, did, scope, root, f"{provider}-{place}"))
    credentials = [f"{number}:{place}".encode().ljust(CREDENTIAL_BYTES, b".") for place in range(len(edges))]
    ranges = content_ranges(credentials)
    statements = [
        PublishedStatement(edge, offset, length, "application/vc")
        for edge, (offset, length) in zip(edges, ranges, strict=True)
    ]
    return encode_branch(Branch(root, statements)), b"\n".join(credentials)


def _edge(signer: str, subject: str, scope: AccreditationScope, root: str, name: str) -> Edge:
    identifier = f"https://registry.example/v1/registry/accreditations/{root[8:]}-{name}"
    until = START + timedelta(days=3_000)
    return Edge(AccreditationStatement(identifier, signer, subject, (scope,), START, until), (), START, root)


def publish(folder: Path, providers: int) -> tuple[OperatorSigners, bytes, list[PublishedBranch], bytes]:
    operator = SoftSigner(1)
    online = RoleKeys((operator.public_key,))
    roles = dict.fromkeys(("root", "targets", "snapshot", "timestamp"), online)
    root = sign_root(build_root(roles, version=1, expires=NOW + timedelta(days=300)), operator)
    install_root(folder, root)
    bodies = encode_bodies(
        EnrolledBody(body_did(number), f"Body {number}", "PH", START, scopes=(PASS_ON,))
        for number in range(BODIES)
    )
    branches = [
        PublishedBranch(body_did(number), *branch(number, providers), SoftSigner(10 + number))
        for number in range(BODIES)
    ]
    signers = OperatorSigners([operator], [operator], [operator])
    RegistryPublisher(folder).publish(RegistryContent(bodies, branches), signers, at=NOW)
    return signers, bodies, branches, root


def copy_of(folder: Path, root: bytes, source: Path) -> RegistryCopy:
    return RegistryCopy(folder, root, lambda: datetime.now(UTC), FolderFetcher(), str(source))


def measure_size(accreditations: int) -> dict[str, Any]:
    """The figures of one size, in this process."""
    providers = accreditations // PER_PROVIDER // BODIES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository = folder / "repository"
        signers, bodies, branches, root = publish(repository, providers)
        copy_of(folder / "copy", root, repository).update()
        changed = replace(branches[0], statements=branch(0, providers + 1)[0])
        started, computing = time.perf_counter(), time.process_time()
        content = RegistryContent(bodies, [changed, *branches[1:]])
        signed = RegistryPublisher(repository).publish(content, signers, at=NOW)
        published, computed = time.perf_counter() - started, time.process_time() - computing
        del branches, changed
        return {
            **_load_and_decide(folder / "copy", root, providers),
            "publish_one_change_seconds": published,
            "publish_one_change_cpu_seconds": computed,
            "roles_signed_for_one_change": len(signed),
        }


def _load_and_decide(folder: Path, root: bytes, providers: int) -> dict[str, Any]:
    """In a fresh process: only what a verifier holds."""
    (folder / "root.json").write_bytes(root)
    run = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, __file__, "load", str(folder), str(providers)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def load(folder: Path, providers: int) -> dict[str, Any]:
    """Load the copy and decide: half of the questions are about something that the provider may award."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    copy = copy_of(folder, (folder / "root.json").read_bytes(), folder / "nowhere")
    walls, computed = [], []
    peak = 0.0
    for _ in range(LOADS):
        snapshot = None
        gc.collect()
        started, computing = time.perf_counter(), time.process_time()
        snapshot = copy.load().snapshot
        walls.append(time.perf_counter() - started)
        computed.append(time.process_time() - computing)
        peak = peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert snapshot is not None  # noqa: S101 - LOADS is not 0
    chosen = random.Random(1)  # noqa: S311 - the same questions in every run
    questions = [
        FACTS._replace(
            issuer_id=f"did:web:provider{chosen.randrange(providers)}.body{chosen.randrange(BODIES)}.example",
            isced_fields=("0913",) if number % 2 else ("0021",),
        )
        for number in range(DECISIONS)
    ]
    instant = START + timedelta(days=200)
    times, authorised = [], 0
    deciding = time.process_time()
    for question in questions:
        started = time.perf_counter()
        authorised += snapshot.is_authorised(question, instant)
        times.append(time.perf_counter() - started)
    decided = time.process_time() - deciding
    times.sort()
    return {
        "load_seconds": statistics.median(walls),
        "load_cpu_seconds": statistics.median(computed),
        "load_first_seconds": walls[0],
        "load_slowest_seconds": max(walls),
        "decision_p50_microseconds": times[DECISIONS // 2] * 1e6,
        "decision_p99_microseconds": times[DECISIONS * 99 // 100] * 1e6,
        "decision_cpu_mean_microseconds": decided / DECISIONS * 1e6,
        "authorised": authorised,
        "peak_memory_mebibytes": peak,
        "memory_before_mebibytes": before,
    }


def measure_registry() -> dict[str, Any]:
    """All sizes, each in a process of its own."""
    figures = {}
    for size in SIZES:
        run = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, __file__, "size", str(size)], capture_output=True, text=True, check=True
        )
        figures[str(size)] = json.loads(run.stdout)
    return figures


def print_registry(figures: dict[str, Any]) -> None:
    """A row for each size."""
    heads = (
        "load",
        "its CPU",
        "slowest",
        "p50",
        "p99",
        "mean CPU",
        "memory",
        "publish one",
        "its CPU",
        "signed",
    )
    print(f"\n{'accreditations':>15}" + "".join(f"{head:>13}" for head in heads))
    for size, found in figures.items():
        told = (
            f"{found['load_seconds']:.2f} s",
            f"{found['load_cpu_seconds']:.2f} s",
            f"{found['load_slowest_seconds']:.2f} s",
            f"{found['decision_p50_microseconds']:.1f} us",
            f"{found['decision_p99_microseconds']:.1f} us",
            f"{found['decision_cpu_mean_microseconds']:.1f} us",
            f"{found['peak_memory_mebibytes']:.0f} MiB",
            f"{found['publish_one_change_seconds']:.2f} s",
            f"{found['publish_one_change_cpu_seconds']:.2f} s",
            f"{found['roles_signed_for_one_change']}",
        )
        print(f"{int(size):>15,}" + "".join(f"{text:>13}" for text in told))


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        print(json.dumps(load(Path(sys.argv[2]), int(sys.argv[3]))))
    elif sys.argv[1:2] == ["size"]:
        print(json.dumps(measure_size(int(sys.argv[2]))))
    else:
        print_registry(measure_registry())

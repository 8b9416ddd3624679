"""Requests per second of `POST /v1/verifications` over those of an empty FastAPI route that parses the same body.

All are servers of their own with one worker and the options of `skillcred serve`: the service as it is started, which
on SQLite verifies in processes beside the serving one; the same without them; and the empty route. They are measured in
turns by the same `wrk`, which sends several documents by turns. Every answer of a first turn is looked at, and of the
turns that count the status and the length: what is not 200 with what is expected ends the measurement. Looking at all
would cost `wrk` more for reports than for `{}`, on the cores that the servers use. Everything but the documents is in
memory when the measurement begins.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

from http_documents import COUNT, KINDS, make_documents  # noqa: E402

CASES = [(server, kind) for kind in KINDS for server in ("ours", "alone", "empty")]
CONNECTIONS = 4
ROUNDS = 5
SECONDS = 3
"""Length of one turn of one server."""
WARM_UP_SECONDS = 5
"""Length of the first turn, which does not count, and in which every answer is looked at; on a busy machine the first
answers take more than a second."""
SAME_LENGTH = 0.005
"""By how much answers may differ in length from those that were looked at: instants are written with fewer digits now
and then. A report that ends otherwise differs by more."""
START_SECONDS = 30
SERVE = ["-m", "skillcred.cli", "serve", "--port"]
TURNS = Path(__file__).with_name("http_turns.lua")


def measure_http() -> dict[str, Any]:
    """The ratio with the raw figures, or `left_out` with the reason. Takes about two minutes.

    `ratio`, of the badge, is the best turn of the service over the best turn of the empty route with the same bodies;
    `ratios` has the same for the other cases, `rounds` those of the single rounds. `cpu_microseconds` is the least that
    a request took of the processor time of a server and its processes (Linux only): on a machine that is busy with
    other things it varies less than what is left over for requests.
    """
    if shutil.which("wrk") is None:
        return {"left_out": "wrk is not installed"}
    with tempfile.TemporaryDirectory(prefix="skillcred-http-") as name, ExitStack() as stack:
        folder = Path(name)
        ports = {server: _free_port() for server in ("ours", "alone", "empty")}
        base_url = f"http://127.0.0.1:{ports['ours']}"
        made = make_documents(folder, base_url)
        copy = Path(shutil.copytree(folder, folder / "copy"))  # SQLite is served by one process only
        servers = {
            "ours": (SERVE, _settings(base_url, folder)),
            "alone": (SERVE, _settings(base_url, copy, processes=0)),
            "empty": ([str(Path(__file__).with_name("empty_route.py"))], {}),
        }
        processes = {
            server: stack.enter_context(_server(arguments, ports[server], folder / f"{server}.log", settings))
            for server, (arguments, settings) in servers.items()
        }

        def turn(case: tuple[str, str], seconds: int, *, look: bool = False) -> _Turn:
            server, kind = case
            path, expected = ("/", "{}") if server == "empty" else ("/v1/verifications", KINDS[kind])
            url = f"http://127.0.0.1:{ports[server]}{path}"
            return _turn(folder / kind, processes[server], url, seconds, expected if look else None)

        lengths = {case: turn(case, WARM_UP_SECONDS, look=True).answer_bytes for case in CASES}
        beside = len(_family(processes["ours"])) - 1
        turns: dict[tuple[str, str], list[float]] = {case: [] for case in CASES}
        cpu: dict[tuple[str, str], list[float]] = {case: [] for case in CASES}
        for _ in range(ROUNDS):
            for case in CASES:
                found = turn(case, SECONDS)
                if abs(found.answer_bytes / lengths[case] - 1) > SAME_LENGTH:
                    raise RuntimeError(f"answers to {case} became longer or shorter")
                turns[case].append(found.per_second)
                cpu[case] += [] if found.microseconds is None else [found.microseconds]
    ratios = {
        f"{server}, {kind}": max(turns[server, kind]) / max(turns["empty", kind])
        for server, kind in CASES
        if server != "empty"
    }
    rounds = zip(turns["ours", "badge"], turns["empty", "badge"], strict=True)
    return {
        "ratio": ratios["ours, badge"],
        "ratios": ratios,
        "rounds": [ours / empty for ours, empty in rounds],
        "requests_per_second": {", ".join(case): per_second for case, per_second in turns.items()},
        "cpu_microseconds": {", ".join(case): min(values, default=None) for case, values in cpu.items()},
        "processes_beside": beside,
        "quads_and_bytes": made,
        "documents": COUNT,
        "connections": CONNECTIONS,
    }


def _settings(base_url: str, folder: Path, *, processes: int | None = None) -> dict[str, str]:
    settings = {
        "SKILLCRED_BASE_URL": base_url,
        "SKILLCRED_DATA_FOLDER": str(folder / "data"),
        "SKILLCRED_KEYS_FOLDER": str(folder / "keys"),
        "SKILLCRED_VERIFICATIONS_PER_MINUTE": "1000000",
    }
    return settings if processes is None else {**settings, "SKILLCRED_VERIFICATION_PROCESSES": str(processes)}


class _Turn(NamedTuple):
    per_second: float
    microseconds: float | None
    """Of the server's processor time per request, where that is known."""
    answer_bytes: float
    """With its head, on average."""


def _turn(
    folder: Path, process: subprocess.Popen[bytes], url: str, seconds: int, expected: str | None = None
) -> _Turn:
    """Raises `RuntimeError` if an answer is not 200, or does not hold what is expected."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(TURNS), url, "--"]
    command += [str(folder), str(COUNT), *([] if expected is None else [expected])]
    before = _cpu_seconds(process)
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30)  # noqa: S603
    after = _cpu_seconds(process)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    counts = re.search(r"^answers: (\d+), failed: 0, bytes: (\d+)$", done.stdout, re.MULTILINE)
    looked_at = re.search(r"^as expected: (\d+)$", done.stdout, re.MULTILINE)
    if (
        rate is None
        or counts is None
        or not int(counts[1])
        or (expected is not None and (looked_at is None or looked_at[1] != counts[1]))
    ):
        raise RuntimeError(f"not every answer of {url} was as expected:\n{done.stdout}{done.stderr}")
    answers, received = int(counts[1]), int(counts[2])
    microseconds = None if before is None or after is None else (after - before) / answers * 1e6
    return _Turn(float(rate[1]), microseconds, received / answers)


def _cpu_seconds(process: subprocess.Popen[bytes]) -> float | None:
    """Of the process and those that it started."""
    ticks = 0
    for process_id in _family(process):
        try:
            stat = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii")
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(process: subprocess.Popen[bytes]) -> list[int]:
    children: list[int] = []
    for file in Path(f"/proc/{process.pid}/task").glob("*/children"):
        children += map(int, file.read_text(encoding="ascii").split())
    return [process.pid, *children]


@contextmanager
def _server(
    arguments: list[str], port: int, log: Path, settings: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SKILLCRED_")}
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *arguments, str(port)],
            env={**environment, **settings},
            stdout=stream,
            stderr=stream,
        )
    try:
        _wait_for(port, process, log)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(
        "a server did not start:\n" + log.read_text(encoding="utf-8", errors="replace")[-2000:]
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    import json

    print(json.dumps(measure_http(), indent=1))

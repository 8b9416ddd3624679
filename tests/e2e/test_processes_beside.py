"""`skillcred serve` on SQLite verifies beside itself, and leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx2
import pytest

from skillcred.cli.demo.service_process import find_free_port, running_service
from worlds.application import build_demo_registry
from worlds.commands import start_skillcred

PATIENCE_SECONDS = 60


def beside(service: int) -> list[int]:
    """Processes that verify for that one, told by who started them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"skillcred.web.verifying.worker" in command and parent == service:
            found.append(int(folder.name))
    return found


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_processes_end_with_the_service(tmp_path: Path, end: signal.Signals) -> None:
    port = find_free_port()
    base_url = f"http://127.0.0.1:{port}"
    registry = build_demo_registry(tmp_path, base_url=base_url)
    content = registry.issue("beside").content
    registry.application.close()
    variables = {
        "SKILLCRED_BASE_URL": base_url,
        "SKILLCRED_DATA_FOLDER": str(tmp_path / "data"),
        "SKILLCRED_KEYS_FOLDER": str(tmp_path / "keys"),
        "SKILLCRED_VERIFICATION_PROCESSES": "1",
    }
    with running_service(base_url, variables, tmp_path / "service.log", start_skillcred) as service:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (processes := beside(service.pid)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        answer = httpx2.post(
            f"{base_url}/v1/verifications", content=content, headers={"Content-Type": "application/vc"}
        )
        assert answer.json()["verdict"] == "valid"
        os.kill(service.pid, end)
        while any(Path(f"/proc/{process}/cmdline").exists() for process in processes):
            assert time.monotonic() < deadline
            time.sleep(0.05)

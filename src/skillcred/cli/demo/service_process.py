"""The HTTP service as a process of its own, as an operator would start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx2

from skillcred.errors import UnavailableError
from skillcred.settings import PREFIX

START_SECONDS: Final = 60
"""How long the service may take to answer after it was started."""
STOP_SECONDS: Final = 10


class ServiceNotStartedError(UnavailableError):
    """The service did not come up; its own log says why."""

    default_code = "service_not_started"


def find_free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Process(Protocol):
    """What is needed of `subprocess.Popen`."""

    def poll(self) -> int | None:
        """The exit code, or none while it runs."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""

    def wait(self, timeout: float | None = None) -> int:
        """Raises `subprocess.TimeoutExpired`."""


class Starter(Protocol):
    """Starts `skillcred` with those arguments and settings, and its words appended to `log`."""

    def __call__(self, *arguments: str, variables: Mapping[str, str], log: Path) -> Process: ...


def start_process(*arguments: str, variables: Mapping[str, str], log: Path) -> Process:
    """See `Starter`: by the interpreter that runs this."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own program with arguments of our own
            [sys.executable, "-m", "skillcred.cli", *arguments],
            env=inherited | dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


@contextmanager
def running_service(
    base_url: str, variables: Mapping[str, str], log: Path, start: Starter = start_process
) -> Iterator[Process]:
    """`skillcred serve` at `base_url` until the end of the block, with its log in a file.

    Raises `ServiceNotStartedError`.
    """
    address = urlsplit(base_url)
    arguments = ("serve", "--host", str(address.hostname), "--port", str(address.port))
    process = start(*arguments, variables=variables, log=log)
    try:
        _wait_until_ready(base_url, process, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(base_url: str, process: Process, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _is_ready(base_url):
            return
        time.sleep(0.1)
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise ServiceNotStartedError(
        f"The service did not start. Its last words: {lines[-1] if lines else 'none'}"
    )


def _is_ready(base_url: str) -> bool:
    try:
        return httpx2.get(f"{base_url}/readyz", timeout=5, trust_env=False).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False

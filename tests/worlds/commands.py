"""`skillcred` commands as processes, without loading the program anew for each (`command_server.py`)."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from skillcred.settings import PREFIX

TIMEOUT_SECONDS = 120
"""How long one command may take."""

_servers: dict[int, subprocess.Popen[str]] = {}
"""The server of this test process, by its process id, so that a fork does not share one."""


def clean_environment() -> dict[str, str]:
    """The variables of this process without settings of the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def run_skillcred(
    *arguments: str,
    cwd: Path,
    variables: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    program: str | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run one command, or a Python program in its stead, with those settings and no others.

    Raises:
        subprocess.TimeoutExpired: It took longer than `TIMEOUT_SECONDS`.

    """
    with tempfile.TemporaryDirectory() as name:
        streams = {stream: Path(name, stream) for stream in ("stdin", "stdout", "stderr")}
        for stream, path in streams.items():
            path.write_bytes(stdin if stream == "stdin" else b"")
        order = {
            "program": program,
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": clean_environment() | dict(variables or {}),
        } | {stream: str(path) for stream, path in streams.items()}
        code = int(_order(json.dumps(order), arguments))
        return subprocess.CompletedProcess(
            arguments, code, streams["stdout"].read_bytes(), streams["stderr"].read_bytes()
        )


def run_skillcred_text(
    *arguments: str,
    cwd: Path,
    variables: Mapping[str, str] | None = None,
    stdin: str = "",
    program: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """The same, with the streams as text."""
    result = run_skillcred(*arguments, cwd=cwd, variables=variables, stdin=stdin.encode(), program=program)
    return subprocess.CompletedProcess(
        result.args, result.returncode, result.stdout.decode(), result.stderr.decode()
    )


@dataclass
class BackgroundCommand:
    """A command that goes on. `poll` gives its exit code once it has ended, as with `subprocess.Popen`."""

    pid: int
    code: int | None = None

    def poll(self) -> int | None:
        if self.code is None:
            answer = _order(json.dumps({"poll": self.pid}), ("poll",))
            self.code = None if answer == "running" else int(answer)
        return self.code

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        """Raises `subprocess.TimeoutExpired`."""
        deadline = time.monotonic() + (TIMEOUT_SECONDS if timeout is None else timeout)
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(["skillcred"], timeout or TIMEOUT_SECONDS)
            time.sleep(0.02)
        return code


def start_skillcred(*arguments: str, variables: Mapping[str, str], log: Path) -> BackgroundCommand:
    """Start a command that goes on until it is stopped, with those settings and no others and its words in `log`."""
    log.touch()
    order = {
        "program": None,
        "arguments": arguments,
        "cwd": str(Path.cwd()),
        "environment": clean_environment() | dict(variables),
        "background": True,
        "stdin": os.devnull,
        "stdout": str(log),
        "stderr": str(log),
    }
    return BackgroundCommand(int(_order(json.dumps(order), arguments)))


def _order(line: str, arguments: tuple[str, ...]) -> str:
    server = _server()
    if server.stdin is None or server.stdout is None:
        raise RuntimeError("the server of commands was started without pipes")
    server.stdin.write(line + "\n")
    server.stdin.flush()
    ready, _, _ = select.select([server.stdout], [], [], TIMEOUT_SECONDS)
    if not ready:
        _stop(server)
        raise subprocess.TimeoutExpired(list(arguments), TIMEOUT_SECONDS)
    return server.stdout.readline().strip()


def _server() -> subprocess.Popen[str]:
    server = _servers.get(os.getpid())
    if server is None or server.poll() is not None:
        server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("command_server.py"))],
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        _servers[os.getpid()] = server
        atexit.register(_stop, server)
    return server


def _stop(server: subprocess.Popen[str]) -> None:
    """End it and what it runs."""
    if server.poll() is None:
        os.killpg(server.pid, 9)
        server.wait()
    for pipe in (server.stdin, server.stdout):
        if pipe is not None:
            pipe.close()

"""A service that runs as an operator runs it: on SQLite one process, on PostgreSQL two behind one address."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from skillcred.bootstrap import build_application
from skillcred.cli.demo.folder import DemoFolder
from skillcred.cli.demo.service_process import find_free_port, running_service
from skillcred.settings import Settings
from worlds.application import DemoRegistry, fill_demo_registry
from worlds.certificates import certify, certify_authority
from worlds.commands import start_skillcred
from worlds.databases import upgrade_new

PER_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"})
"""Headers that belong to one connection (RFC 9110, section 7.6.1)."""
ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Deployment:
    """Where it answers, how many processes answer, and its registry as `build_demo_registry` fills it. `registry` works
    on the same database and keys from outside the processes, as an operator's command line does. `authorities` is the
    file (PEM) of the authority behind the certificate with which it asks for presentations."""

    base_url: str
    processes: int
    registry: DemoRegistry
    folder: Path
    authorities: Path


@contextmanager
def running_deployment(
    folder: Path, database_url: str | None = None, **variables: str
) -> Iterator[Deployment]:
    """Serve until the end of the block. With a `database_url` of PostgreSQL two processes take turns, request by
    request, so that whatever one keeps in memory is missing in the other. `variables` are further settings by their
    name without the prefix, in lower case."""
    demo = DemoFolder(folder, f"http://127.0.0.1:{find_free_port()}")
    authorities, certificate = write_verifier_certificate(folder)
    variables = certificate | variables
    settings = Settings(
        **{
            **demo.settings().model_dump(exclude={"database_url"}),
            "database_url": database_url,
            "publisher_interval_seconds": 0,
            **variables,
        }
    )
    upgrade_new(settings.database_address)
    application = build_application(settings)
    environment = demo.variables() | {f"SKILLCRED_{name.upper()}": value for name, value in variables.items()}
    if database_url is not None:
        environment["SKILLCRED_DATABASE_URL"] = database_url
        environment["SKILLCRED_TRUSTED_PROXIES"] = '["127.0.0.1/32"]'
    try:
        registry = fill_demo_registry(application)
        with ExitStack() as stack:
            if database_url is None:
                stack.enter_context(
                    running_service(demo.base_url, environment, folder / "service.log", start_skillcred)
                )
                processes = 1
            else:
                processes = 2
                backends = [f"http://127.0.0.1:{find_free_port()}" for _ in range(processes)]
                for number, backend in enumerate(backends):
                    log = folder / f"service-{number}.log"
                    stack.enter_context(running_service(backend, environment, log, start_skillcred))
                stack.enter_context(taking_turns(demo.base_url, backends))
            yield Deployment(demo.base_url, processes, registry, folder, authorities)
    finally:
        application.close()


def write_verifier_certificate(folder: Path, host: str = "127.0.0.1") -> tuple[Path, dict[str, str]]:
    """The file of a new authority, and the settings that name a certificate by it for `host`, and its key."""
    now = datetime.now(UTC)
    times = {"begin": now - timedelta(days=1), "end": now + timedelta(days=1)}
    authority = certify_authority(None, "Authority for verifiers", **times)
    leaf = certify(authority, "Verifier", names=(x509.DNSName(host),), **times)
    files = {name: folder / f"verifier-{name}.pem" for name in ("authorities", "certificate", "key")}
    files["authorities"].write_bytes(authority.pem)
    files["certificate"].write_bytes(leaf.pem)
    files["key"].touch(mode=0o600)
    files["key"].write_bytes(
        leaf.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files["authorities"], {
        "verifier_certificate_file": str(files["certificate"]),
        "verifier_key_file": str(files["key"]),
    }


@dataclass(frozen=True)
class TurnTaker:
    """Where the proxy answers, and a function that tells how many requests each backend was handed."""

    address: str
    answered: Callable[[], list[int]]


@contextmanager
def taking_turns(address: str, backends: list[str]) -> Iterator[TurnTaker]:
    """A proxy at `address` (port 0: any) that hands each request to the next of `backends`, whoever sends it."""
    turns = itertools.cycle(range(len(backends)))
    counts = [0] * len(backends)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        """Closes after each answer, so that a client that would keep its connection cannot keep its backend."""

        def _pass_on(self) -> None:
            with lock:
                chosen = next(turns)
                counts[chosen] += 1
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            connection = http.client.HTTPConnection(urlsplit(backends[chosen]).netloc, timeout=ANSWER_SECONDS)
            try:
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in PER_HOP:
                        connection.putheader(name, value)
                connection.putheader("X-Forwarded-For", self.client_address[0])
                connection.endheaders(body)
                answer = connection.getresponse()
                content = answer.read()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in PER_HOP | {"content-length"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
            finally:
                connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = _pass_on

        def log_message(self, format: str, *args: object) -> None:
            return

    parts = urlsplit(address)
    server = ThreadingHTTPServer((str(parts.hostname), int(parts.port or 0)), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield TurnTaker(f"http://{parts.hostname}:{server.server_port}", lambda: list(counts))
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

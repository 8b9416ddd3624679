"""Requests as bytes on the wire, against the real server (SECURITY W-35, P-06)."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx2
import pytest
import uvicorn

from skillcred.cli.serving import SERVER_OPTIONS
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoRegistry, int]]:
    """A demo registry behind uvicorn with the options of `skillcred serve`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    registry = build_demo_registry(tmp_path_factory.mktemp("wire"), base_url=f"http://127.0.0.1:{port}")
    app = create_app(registry.application, log_stream=io.StringIO())
    server = uvicorn.Server(uvicorn.Config(app, port=port, **{**SERVER_OPTIONS, "log_level": "critical"}))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield registry, port
    server.should_exit = True
    thread.join(10)


def send(port: int, data: bytes, *, patience: float = 2) -> str:
    """The first line of the answer to `data`; empty where the server hung up or waits for more."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        try:
            connection.sendall(data)
            while b"\r\n" not in answer and (received := connection.recv(4096)):
                answer += received
        except (ConnectionError, TimeoutError):
            return answer.partition(b"\r\n")[0].decode()
    return answer.partition(b"\r\n")[0].decode()


HOST = b"Host: x\r\n"
JSON = b"Content-Type: application/json\r\n"
POST = b"POST /v1/verifications HTTP/1.1\r\n" + HOST + JSON


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="CL-and-TE"
        ),
        pytest.param(POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", id="two-lengths"),
        pytest.param(POST + b"Content-Length: -2\r\n\r\n{}", id="W-10-negative-length"),
        pytest.param(POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", id="odd-transfer-encoding"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n", id="bad-chunk"),
        pytest.param(POST + b"Content-Length: 2000000000\r\n\r\n{}", id="P-06-announced"),
        pytest.param(POST + b"X: y\r\n" * 10_000 + b"\r\n", id="10000-headers"),
        pytest.param(POST + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n", id="1-MB-header"),
        pytest.param(POST + b"Content-Length: 2\r\n\r\n", id="body-missing"),
        pytest.param(b"GET /healthz\r\n\r\n", id="HTTP-0.9"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no-host"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", id="TLS"),
        pytest.param(b"G" * 100_000, id="endless-method"),
        pytest.param(b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", id="endless-path"),
        pytest.param(b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", id="path-not-ascii"),
    ],
)
def test_W_35_malformed_requests_are_refused(served: tuple[DemoRegistry, int], data: bytes) -> None:
    status = send(served[1], data).split(" ")[1:2]
    assert status == [] or status[0].startswith("4"), status


@pytest.mark.parametrize(
    "line",
    [b"GET http://evil.example/healthz HTTP/1.1\r\n", b"GET //evil.example/healthz HTTP/1.1\r\n"],
    ids=["absolute", "double-slash"],
)
def test_W_35_other_hosts_in_the_target_lead_nowhere(served: tuple[DemoRegistry, int], line: bytes) -> None:
    answer = send(served[1], line + HOST + b"\r\n", patience=30)
    assert answer.split(" ")[1] in {"200", "404", "400"}


@pytest.mark.parametrize(
    "path", [b"/v1/verifications", b"/verify", b"/v1/credentials", b"/nothing", b"/healthz"]
)
def test_P_06_endless_chunks_are_not_read(served: tuple[DemoRegistry, int], path: bytes) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", served[1]), timeout=10) as connection:
        connection.sendall(POST.replace(b"/v1/verifications", path) + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.settimeout(1)
        try:
            while sent < 1024**3:
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass  # the server does not take more
    assert sent < 64 * 1024**2


def test_still_well_after_all_that(served: tuple[DemoRegistry, int]) -> None:
    assert send(served[1], b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n", patience=30) == "HTTP/1.1 200 OK"


def test_identifiers_with_ports_are_found_when_encoded_once(served: tuple[DemoRegistry, int]) -> None:
    registry, port = served
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        did = registry.body.organisation.did
        assert "%3A" in did
        answer = client.get("/v1/registry/bodies/" + quote(did, safe=""))
        assert (answer.status_code, answer.json()["did"]) == (200, did)
        key = registry.application.create_key(registry.provider, "P-256").id
        path = f"/v1/keys/{quote(key, safe='')}/retire"
        headers = {"Authorization": f"Bearer {registry.provider_secret}"}
        assert client.post(path, headers=headers).json()["state"] == "retired"
        assert "server" not in answer.headers

"""The way out of a wallet, against hosts that lie, stall and flood, and what of this machine it may reach."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from skillcred.adapters.fetch import FetchError, OutboundDoor
from skillcred.adapters.fetch.address_policy import IPAddress, is_public_address
from skillcred.adapters.fetch.fetch_error import Deadline
from skillcred.adapters.fetch.holder_door import is_loopback
from skillcred.services.wallet_ports import OutgoingRequest
from worlds.tls_hosts import CertificateAuthority, TlsHost

HOST = "issuer.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def good(authority: CertificateAuthority) -> ssl.SSLContext:
    return authority.server_context(HOST)


def resolve_to(address: str) -> Callable[[str, Deadline], Sequence[IPAddress]]:
    return lambda host, deadline: [ip_address(address)]


@pytest.fixture
def door(authority: CertificateAuthority) -> OutboundDoor:
    """Only here the policy lets a public host be on this machine."""
    return OutboundDoor(
        authority.client_context(),
        resolver=resolve_to("127.0.0.1"),
        policy=lambda address: is_loopback(address) or is_public_address(address),
        max_seconds=2.0,
    )


def say(*parts: bytes) -> Callable[[ssl.SSLSocket], None]:
    return lambda connection: connection.sendall(b"".join(parts))


def reply(status: str, body: bytes = b"{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: Application/JSON; charset=utf-8", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def post(host: TlsHost, path: str = "/token?x=1", body: bytes = b"a=b", **options: int) -> OutgoingRequest:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "DPoP": "proof"}
    return OutgoingRequest("POST", f"https://{HOST}:{host.port}{path}", headers, body, **options)


def test_requests_go_out_as_they_are_and_any_status_comes_back(
    good: ssl.SSLContext, door: OutboundDoor
) -> None:
    with TlsHost(good, say(reply("400 Bad Request", b'{"error":"x"}', "DPoP-Nonce: n"))) as host:
        response = door.send(post(host))
    assert (response.status, response.media_type, response.content) == (
        400,
        "application/json",
        b'{"error":"x"}',
    )
    assert response.headers["dpop-nonce"] == "n"
    lines = host.requests[0].decode().split("\r\n\r\n")[0].split("\r\n")
    assert lines[0] == "POST /token?x=1 HTTP/1.1"
    assert sorted(lines[1:]) == [
        "Accept-Encoding: identity",
        "Connection: close",
        "Content-Length: 3",
        "Content-Type: application/x-www-form-urlencoded",
        "DPoP: proof",
        f"Host: {HOST}:{host.port}",
        "User-Agent: skillcred",
    ]


def test_no_redirect_is_followed(good: ssl.SSLContext, door: OutboundDoor) -> None:
    with TlsHost(good, say(reply("302 Found", b"", "Location: https://evil.example/"))) as host:
        assert door.send(post(host)).status == 302
    assert host.connections == 1


def flood(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" " * 16_384)


def drip(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (flood, "too_large"),
        (drip, "timeout"),
        (say(b"nonsense\r\n\r\n"), "connection_failed"),
        (say(reply("200 OK", b"{}", "Content-Encoding: gzip")), "content_encoding_refused"),
        (say(reply("200 OK", b"{}", "DPoP-Nonce: a", "DPoP-Nonce: b")), "connection_failed"),
        (say(reply("200 OK", b"{}", "Content-Type: text/html")), "connection_failed"),
    ],
)
def test_answers_that_are_not_taken(
    good: ssl.SSLContext, door: OutboundDoor, behave: Callable[[ssl.SSLSocket], None], code: str
) -> None:
    with TlsHost(good, behave) as host, pytest.raises(FetchError) as caught:
        door.send(post(host))
    assert caught.value.code == code


def test_a_host_that_does_not_prove_itself_is_told_nothing(
    authority: CertificateAuthority, door: OutboundDoor
) -> None:
    for context in (
        authority.server_context("other.example"),
        authority.server_context(HOST, self_signed=True),
        authority.server_context(HOST, days=-1),
    ):
        with TlsHost(context, say(reply("200 OK"))) as host, pytest.raises(FetchError) as caught:
            door.send(post(host))
        assert caught.value.code == "tls_failed"
        assert host.requests == []


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "127.0.0.1", "::1", "fd00::1"])
def test_names_that_lead_inside_are_not_followed(authority: CertificateAuthority, address: str) -> None:
    door = OutboundDoor(authority.client_context(), local=True, resolver=resolve_to(address))
    with pytest.raises(FetchError) as caught:
        door.send(OutgoingRequest("GET", "https://issuer.example/"))
    assert caught.value.code == "address_refused"


@contextmanager
def plain_host() -> Iterator[tuple[int, list[bytes]]]:
    """A host of this machine that answers without TLS, as services do in development."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                seen.append(connection.recv(4096))
                connection.sendall(reply("200 OK"))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], seen
    thread.join(5)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached_only_where_it_is_wanted(authority: CertificateAuthority, name: str) -> None:
    with plain_host() as (port, seen):
        request = OutgoingRequest("GET", f"http://{name}:{port}/x")
        with pytest.raises(FetchError) as caught:
            OutboundDoor(authority.client_context()).send(request)
        assert (caught.value.code, seen) == ("invalid_url", [])
        response = OutboundDoor(authority.client_context(), local=True).send(request)
    assert response.content == b"{}"


def test_a_name_of_this_machine_that_leads_elsewhere_is_not_followed(authority: CertificateAuthority) -> None:
    door = OutboundDoor(authority.client_context(), local=True, resolver=resolve_to("192.0.2.1"))
    with pytest.raises(FetchError) as caught:
        door.send(OutgoingRequest("GET", "http://localhost:8000/"))
    assert caught.value.code == "address_refused"


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example/",
        "ftp://issuer.example/",
        "https://a@issuer.example/",
        "https://issuer.example/#fragment",
        "https://issuer.example/ x",
        "https://[::1]/",
        "https://ISSUER.example/",
        "https://issuer.example:99999/",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_are_not_plain(door: OutboundDoor, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        door.send(OutgoingRequest("GET", url))
    assert caught.value.code == "invalid_url"

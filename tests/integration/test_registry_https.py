"""`skillcred registry update` from a host that speaks TLS: a plain static file server, and hosts that send elsewhere,
lie inside, never end or drip (SECURITY K-07, K-08, T-05, T-13).

Real sockets and real TLS on this machine. Only the door is told to let the loopback address pass.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from skillcred.adapters.fetch import EgressDoor
from skillcred.adapters.fetch.address_policy import is_public_address
from skillcred.adapters.registry import DoorFetcher, fetchers
from skillcred.cli import run
from skillcred.services.publication_ports import RegistryCopyError
from worlds.published_registry import BODIES, SCHOOL, World, build_world
from worlds.tls_hosts import CertificateAuthority, TlsHost

HOST = "registry.example"
COLLEGE = "did:web:college.example"
NIGHTLY = pytest.mark.nightly
LOOPBACK = ip_address("127.0.0.1")
Answer = Callable[[ssl.SSLSocket, Path], None]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def good(authority: CertificateAuthority) -> ssl.SSLContext:
    return authority.server_context(HOST)


@pytest.fixture
def door(authority: CertificateAuthority) -> EgressDoor:
    return EgressDoor(
        authority.client_context(),
        resolver=lambda host, deadline: [LOOPBACK],
        policy=lambda address: address == LOOPBACK or is_public_address(address),
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Published and copied once; then one more college was published."""
    made = build_world(tmp_path)
    made.accredited[BODIES[0]].append(COLLEGE)
    made.publish()
    return made


def say(connection: ssl.SSLSocket, status: str, body: bytes = b"", extra: str = "") -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    connection.sendall(head.encode() + body)


def give(connection: ssl.SSLSocket, file: Path) -> None:
    """What any static file server does."""
    if not file.is_file():
        return say(connection, "404 Not Found")
    media_type = "application/json" if file.suffix == ".json" else "application/octet-stream"
    return say(connection, "200 OK", file.read_bytes(), f"Content-Type: {media_type}\r\n")


@contextmanager
def hosted(
    context: ssl.SSLContext, folder: Path, answer: Answer = give, which: str = ""
) -> Iterator[TlsHost]:
    """The folder behind TLS; files whose path ends with `which` are answered with `answer`."""
    host: TlsHost

    def behave(connection: ssl.SSLSocket) -> None:
        path = host.requests[-1].split(b" ")[1].decode()
        (answer if path.endswith(which) else give)(connection, folder / path.lstrip("/"))

    host = TlsHost(context, behave)
    with host:
        yield host


def update(world: World, door: EgressDoor, host: TlsHost) -> None:
    copy = world.copy(DoorFetcher(door))
    copy._source = f"https://{HOST}:{host.port}"
    copy.update()


def test_a_copy_is_brought_up_to_date_from_a_static_file_server(
    world: World, good: ssl.SSLContext, door: EgressDoor
) -> None:
    with hosted(good, world.repository) as host:
        update(world, door, host)
        asked = [request.split(b" ")[1].decode() for request in host.requests]
        update(world, door, host)
    assert world.providers() == {SCHOOL, COLLEGE}
    assert asked[0] == "/metadata/2.root.json", "the next root is asked for first"
    assert asked[1] == "/metadata/timestamp.json"
    assert len(asked) == 6, "and then only what is new: snapshot, one role, two targets"


@NIGHTLY
def test_a_host_that_says_403_for_what_it_does_not_have(
    world: World, good: ssl.SSLContext, door: EgressDoor
) -> None:
    def forbid(connection: ssl.SSLSocket, file: Path) -> None:
        say(connection, "403 Forbidden")

    with hosted(good, world.repository, forbid, "2.root.json") as host:
        update(world, door, host)
    assert world.providers() == {SCHOOL, COLLEGE}


def elsewhere(connection: ssl.SSLSocket, file: Path) -> None:
    say(connection, "302 Found", extra=f"Location: https://{HOST}/elsewhere\r\n")


def inside(connection: ssl.SSLSocket, file: Path) -> None:
    say(connection, "307 Elsewhere", extra="Location: http://169.254.169.254/latest\r\n")


def endless(connection: ssl.SSLSocket, file: Path) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" " * 16_384)


def drip(connection: ssl.SSLSocket, file: Path) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def page(connection: ssl.SSLSocket, file: Path) -> None:
    say(connection, "200 OK", b"<html>", "Content-Type: text/html\r\n")


def refused(world: World, door: EgressDoor, host: TlsHost) -> tuple[str, str]:
    """Code and message of a refusal; what was trusted before still is."""
    with pytest.raises(RegistryCopyError) as caught:
        update(world, door, host)
    assert world.providers() == {SCHOOL}
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(
    ("which", "answer", "code", "why"),
    [
        pytest.param("timestamp.json", elsewhere, "registry_unreachable", "redirect_refused", id="redirect"),
        pytest.param(
            "statements.json", elsewhere, "registry_unreachable", "redirect_refused", id="late", marks=NIGHTLY
        ),
        pytest.param(
            "timestamp.json", inside, "registry_unreachable", "redirect_refused", id="inwards", marks=NIGHTLY
        ),
        pytest.param(
            "timestamp.json", endless, "registry_damaged", "too_large", id="endless-timestamp", marks=NIGHTLY
        ),
        pytest.param(
            "2.root.json", endless, "registry_damaged", "too_large", id="endless-root", marks=NIGHTLY
        ),
        pytest.param("credentials", endless, "registry_damaged", "too_large", id="endless-target"),
        pytest.param(
            "timestamp.json", page, "registry_unreachable", "wrong_media_type", id="html", marks=NIGHTLY
        ),
    ],
)
def test_hosts_that_misbehave(
    world: World, good: ssl.SSLContext, door: EgressDoor, which: str, answer: Answer, code: str, why: str
) -> None:
    with hosted(good, world.repository, answer, which) as host:
        found = refused(world, door, host)
    assert found[0] == code
    assert f"({why})" in found[1]
    assert not any(b"elsewhere" in request or b"latest" in request for request in host.requests)


@NIGHTLY
def test_a_host_that_drips_is_hung_up_on(
    world: World, good: ssl.SSLContext, door: EgressDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetchers, "MAX_SECONDS", 0.5)
    with hosted(good, world.repository, drip, "snapshot.json") as host:
        code, why = refused(world, door, host)
    assert (code, why.rpartition(" ")[2]) == ("registry_unreachable", "(timeout)")


def test_a_private_address_is_refused(
    world: World, good: ssl.SSLContext, authority: CertificateAuthority
) -> None:
    strict = EgressDoor(authority.client_context(), resolver=lambda host, deadline: [LOOPBACK])
    with hosted(good, world.repository) as host:
        code, why = refused(world, strict, host)
    assert (code, why.rpartition(" ")[2]) == ("registry_unreachable", "(address_refused)")
    assert host.connections == 0


@NIGHTLY
def test_a_host_that_is_somebody_else_is_refused(
    world: World, authority: CertificateAuthority, door: EgressDoor
) -> None:
    with hosted(authority.server_context("other.example"), world.repository) as host:
        code, why = refused(world, door, host)
    assert (code, why.rpartition(" ")[2]) == ("registry_unreachable", "(tls_failed)")
    assert not host.requests


@NIGHTLY
def test_the_command_updates_over_https_and_says_why_it_cannot(
    world: World,
    good: ssl.SSLContext,
    door: EgressDoor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SKILLCRED_DATA_FOLDER", str(world.folder / "data"))
    monkeypatch.setenv("SKILLCRED_REGISTRY_ROOT_FILE", str(world.folder / "1.root.json"))
    with hosted(good, world.repository) as host:
        monkeypatch.setenv("SKILLCRED_REGISTRY_SOURCE", f"https://127.0.0.1:{host.port}")
        assert run(["registry", "update"]) == 69
        assert "(address_refused)" in capsys.readouterr().err
        assert host.connections == 0
        monkeypatch.setattr(EgressDoor, "to_the_internet", lambda: door)
        monkeypatch.setenv("SKILLCRED_REGISTRY_SOURCE", f"https://{HOST}:{host.port}/")
        assert run(["registry", "update"]) == 0
        assert "version   2" in capsys.readouterr().out
    assert run(["registry", "copy", "status"]) == 0

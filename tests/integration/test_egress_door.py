"""The one way out, against hosts that lie, stall, flood and send us elsewhere (SECURITY K-07, K-08, K-09).

Real sockets and real TLS on this machine. Only here is the policy told to let the loopback address pass.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from skillcred.adapters.fetch import DidWebSource, EgressDoor, FetchError
from skillcred.adapters.fetch.address_policy import IPAddress, is_public_address
from skillcred.adapters.fetch.did_web_source import (
    MAX_AGE_SECONDS,
    MAX_CACHED,
    MAX_FAILURE_AGE_SECONDS,
    MEDIA_TYPES,
)
from skillcred.adapters.fetch.egress_door import MAX_BODY_BYTES, MAX_SECONDS
from skillcred.adapters.fetch.fetch_error import Deadline
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from worlds.tls_hosts import Behaviour, CertificateAuthority, TlsHost

HOST = "issuer.example"
LOOPBACK = ip_address("127.0.0.1")
BODY = b'{"id":"did:web:issuer.example"}'
AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def good(authority: CertificateAuthority) -> ssl.SSLContext:
    return authority.server_context(HOST)


def allow_loopback(address: IPAddress) -> bool:
    return address == LOOPBACK or is_public_address(address)


def resolve_to(*addresses: str) -> Callable[[str, Deadline], Sequence[IPAddress]]:
    return lambda host, deadline: [ip_address(address) for address in addresses]


@pytest.fixture
def door(authority: CertificateAuthority) -> EgressDoor:
    return EgressDoor(
        authority.client_context(), resolver=resolve_to("127.0.0.1"), policy=allow_loopback, max_seconds=0.8
    )


def response(
    body: bytes = BODY, *, status: str = "200 OK", media_type: str = "application/did+json", extra: str = ""
) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def say(data: bytes) -> Behaviour:
    return lambda connection: connection.sendall(data)


def url(host: TlsHost, path: str = "/.well-known/did.json") -> str:
    return f"https://{HOST}:{host.port}{path}"


@pytest.mark.parametrize("media_type", [*MEDIA_TYPES, "Application/JSON; charset=utf-8"])
def test_document_comes_byte_for_byte(good: ssl.SSLContext, door: EgressDoor, media_type: str) -> None:
    with TlsHost(good, say(response(media_type=media_type))) as host:
        fetched = door.fetch(url(host), accept=MEDIA_TYPES)
    assert fetched.content == BODY
    assert fetched.media_type == media_type.partition(";")[0].lower()


def test_largest_document_passes(good: ssl.SSLContext, door: EgressDoor) -> None:
    with TlsHost(good, say(response(b" " * MAX_BODY_BYTES))) as host:
        assert len(door.fetch(url(host), accept=MEDIA_TYPES).content) == MAX_BODY_BYTES


def test_chunked_document_passes(good: ssl.SSLContext, door: EgressDoor) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with TlsHost(good, say(head + b"2\r\n{}\r\n0\r\n\r\n")) as host:
        assert door.fetch(url(host), accept=MEDIA_TYPES).content == b"{}"


def test_request_tells_nothing_about_who_asks(good: ssl.SSLContext, door: EgressDoor) -> None:
    with TlsHost(good, say(response())) as host:
        door.fetch(url(host, "/orgs/x/did.json"), accept=("application/did", "application/did+json"))
    lines = host.requests[0].decode().strip().split("\r\n")
    assert lines[0] == "GET /orgs/x/did.json HTTP/1.1"
    assert sorted(lines[1:]) == [
        "Accept-Encoding: identity",
        "Accept: application/did, application/did+json",
        "Connection: close",
        f"Host: {HOST}:{host.port}",
        "User-Agent: skillcred",
    ]


def drip(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.05)


def drip_headers(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(f"X-{number}: y\r\n".encode())
        time.sleep(0.05)


def continue_for_ever(connection: ssl.SSLSocket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.001)


def flood(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" " * 16_384)


def flood_chunks(connection: ssl.SSLSocket) -> None:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    while True:
        connection.sendall(b"4000\r\n" + b" " * 16_384 + b"\r\n")


def flood_headers(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X: " + b"y" * 4_096 + b"\r\n")


def silent(connection: ssl.SSLSocket) -> None:
    time.sleep(1.5)


def hang_up(connection: ssl.SSLSocket) -> None:
    connection.close()


BOMB = gzip.compress(b" " * 10_000_000)


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        pytest.param(drip, "timeout", id="K-08-slow-drip"),
        pytest.param(drip_headers, "timeout", id="K-08-slow-drip-in-headers"),
        pytest.param(silent, "timeout", id="K-08-no-answer"),
        pytest.param(continue_for_ever, "timeout", id="K-08-continue-for-ever"),
        pytest.param(flood, "too_large", id="K-08-never-ends"),
        pytest.param(flood_chunks, "too_large", id="K-08-never-ends-in-chunks"),
        pytest.param(flood_headers, "connection_failed", id="K-08-headers-never-end"),
        pytest.param(say(response(b" " * (MAX_BODY_BYTES + 1))), "too_large", id="K-08-one-byte-too-many"),
        pytest.param(
            say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n"),
            "too_large",
            id="K-08-100-mb-declared",
        ),
        pytest.param(
            say(response(BOMB, extra="Content-Encoding: gzip\r\n")),
            "content_encoding_refused",
            id="K-08-gzip-bomb",
        ),
        pytest.param(
            say(response(extra="Content-Encoding: br\r\n")), "content_encoding_refused", id="K-08-brotli"
        ),
        pytest.param(
            say(response(extra="Content-Encoding: identity\r\nContent-Encoding: gzip\r\n")),
            "content_encoding_refused",
            id="K-08-two-encodings",
        ),
        pytest.param(say(response(media_type="text/html")), "wrong_media_type", id="K-08-html"),
        pytest.param(say(response(media_type="text/plain")), "wrong_media_type", id="K-08-plain-text"),
        pytest.param(
            say(response(media_type="application/jsonp")), "wrong_media_type", id="K-08-prefix-of-type"
        ),
        pytest.param(
            say(response(extra="Content-Type: application/json\r\n")), "wrong_media_type", id="K-08-two-types"
        ),
        pytest.param(
            say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "wrong_media_type", id="K-08-no-type"
        ),
        pytest.param(say(response(status="404 Not Found")), "not_found", id="404"),
        pytest.param(say(response(status="410 Gone")), "not_found", id="410"),
        pytest.param(say(response(status="500 Oops")), "http_status", id="500"),
        pytest.param(say(response(status="403 No")), "http_status", id="403"),
        pytest.param(say(response(status="206 Part")), "http_status", id="206"),
        pytest.param(say(b"HTTP/1.1 204 Empty\r\n\r\n"), "http_status", id="204"),
        pytest.param(say(b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n"), "connection_failed", id="101"),
        pytest.param(say(b"SSH-2.0-OpenSSH_9.9\r\n"), "connection_failed", id="K-07-not-http"),
        pytest.param(say(response()[:-5]), "connection_failed", id="cut-short"),
        pytest.param(
            say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}"),
            "connection_failed",
            id="negative-length",
        ),
        pytest.param(hang_up, "connection_failed", id="hangs-up"),
    ],
)
def test_bad_answer(good: ssl.SSLContext, door: EgressDoor, behave: Behaviour, code: str) -> None:
    with TlsHost(good, behave) as host:
        start = time.monotonic()
        with pytest.raises(FetchError) as caught:
            door.fetch(url(host), accept=MEDIA_TYPES)
        assert time.monotonic() - start < door.max_seconds + 5
    assert caught.value.code == code


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    [
        pytest.param("https://other.example/", id="K-08-other-host"),
        pytest.param("http://issuer.example/", id="K-08-http"),
        pytest.param("https://169.254.169.254/", id="K-08-private"),
        pytest.param("/.well-known/did.json", id="K-08-loop"),
    ],
)
def test_redirect_is_not_followed(good: ssl.SSLContext, door: EgressDoor, status: int, target: str) -> None:
    answer = response(status=f"{status} Elsewhere", extra=f"Location: {target}\r\n")
    with TlsHost(good, say(answer)) as host:
        with pytest.raises(FetchError) as caught:
            door.fetch(url(host), accept=MEDIA_TYPES)
        assert host.connections == 1
    assert caught.value.code == "redirect_refused"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(lambda ca: ca.server_context("other.example"), "tls_failed", id="K-08-wrong-host"),
        pytest.param(lambda ca: ca.server_context(HOST, days=-1), "tls_failed", id="K-08-expired"),
        pytest.param(
            lambda ca: ca.server_context(HOST, self_signed=True), "tls_failed", id="K-08-self-signed"
        ),
        pytest.param(lambda ca: old_tls(ca.server_context(HOST)), "tls_failed", id="K-08-tls-1.1"),
    ],
)
def test_identity_of_the_host(
    authority: CertificateAuthority,
    door: EgressDoor,
    make: Callable[[CertificateAuthority], ssl.SSLContext],
    code: str,
) -> None:
    with TlsHost(make(authority), say(response())) as host:
        with pytest.raises(FetchError) as caught:
            door.fetch(url(host), accept=MEDIA_TYPES)
        assert not host.requests
    assert caught.value.code == code


def old_tls(context: ssl.SSLContext) -> ssl.SSLContext:
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def test_k08_authorities_of_the_machine_do_not_know_the_test_host(good: ssl.SSLContext) -> None:
    door = EgressDoor(
        EgressDoor.to_the_internet().tls,
        resolver=resolve_to("127.0.0.1"),
        policy=allow_loopback,
        max_seconds=0.8,
    )
    with TlsHost(good, say(response())) as host, pytest.raises(FetchError) as caught:
        door.fetch(url(host), accept=MEDIA_TYPES)
    assert caught.value.code == "tls_failed"


def test_context_that_checks_nothing_is_made_to_check() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    door = EgressDoor(context)
    assert door.tls.check_hostname
    assert door.tls.verify_mode is ssl.CERT_REQUIRED


@pytest.fixture
def plain_port() -> Iterator[int]:
    """A port that takes connections and says nothing, not even TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_k08_handshake_that_never_ends(door: EgressDoor, plain_port: int) -> None:
    start = time.monotonic()
    with pytest.raises(FetchError) as caught:
        door.fetch(f"https://{HOST}:{plain_port}/", accept=MEDIA_TYPES)
    assert caught.value.code == "timeout"
    assert time.monotonic() - start < door.max_seconds + 5


def test_closed_port(door: EgressDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FetchError) as caught:
        door.fetch(f"https://{HOST}:{port}/", accept=MEDIA_TYPES)
    assert caught.value.code == "connection_failed"


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["127.0.0.1"], id="K-07-loopback"),
        pytest.param(["::1"], id="K-07-loopback-6"),
        pytest.param(["10.0.0.1"], id="K-07-private"),
        pytest.param(["169.254.169.254"], id="K-07-metadata"),
        pytest.param(["93.184.216.34", "127.0.0.1"], id="K-09-public-and-loopback"),
        pytest.param(["93.184.216.34", "::1"], id="K-09-a-public-aaaa-loopback"),
        pytest.param(["::ffff:127.0.0.1"], id="K-09-mapped"),
        pytest.param(["64:ff9b::7f00:1"], id="K-09-nat64"),
        pytest.param(["2002:7f00:1::"], id="K-09-6to4"),
        pytest.param(["fe80::1%lo"], id="K-09-link-local-with-zone"),
    ],
)
def test_address_is_refused_before_anything_is_sent(
    authority: CertificateAuthority, good: ssl.SSLContext, addresses: list[str]
) -> None:
    door = EgressDoor(authority.client_context(), resolver=resolve_to(*addresses), max_seconds=0.8)
    with TlsHost(good, say(response())) as host:
        with pytest.raises(FetchError) as caught:
            door.fetch(url(host), accept=MEDIA_TYPES)
        assert host.connections == 0
    assert caught.value.code == "address_refused"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "2130706433", "127.1"])
def test_k07_system_resolver_and_real_policy_keep_us_off_this_machine(
    authority: CertificateAuthority, good: ssl.SSLContext, name: str
) -> None:
    door = EgressDoor(authority.client_context())
    with TlsHost(good, say(response())) as host:
        with pytest.raises(FetchError) as caught:
            door.fetch(f"https://{name}:{host.port}/", accept=MEDIA_TYPES)
        assert host.connections == 0
    assert caught.value.code == "address_refused"


def test_k09_rebinding_name_is_resolved_once(authority: CertificateAuthority, good: ssl.SSLContext) -> None:
    """The name is public when it is vetted and loopback ever after: what counts is what was vetted."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
    asked: list[str] = []

    def rebinding(host: str, deadline: Deadline) -> Sequence[IPAddress]:
        asked.append(host)
        return [ip_address(address) for address in next(answers)]

    door = EgressDoor(authority.client_context(), resolver=rebinding, policy=allow_loopback, max_seconds=0.8)
    with TlsHost(good, say(response())) as host:
        assert door.fetch(url(host), accept=MEDIA_TYPES).content == BODY
        assert asked == [HOST]
        with pytest.raises(FetchError) as caught:
            door.fetch(url(host), accept=MEDIA_TYPES)
        assert caught.value.code == "address_refused"
        assert host.connections == 1


def test_k09_address_at_the_other_end_is_looked_at_again(
    authority: CertificateAuthority, good: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the network below us had led the connection elsewhere."""
    monkeypatch.setattr(socket.socket, "getpeername", lambda self: ("10.0.0.1", 443))
    door = EgressDoor(
        authority.client_context(), resolver=resolve_to("127.0.0.1"), policy=allow_loopback, max_seconds=0.8
    )
    with TlsHost(good, say(response())) as host:
        with pytest.raises(FetchError) as caught:
            door.fetch(url(host), accept=MEDIA_TYPES)
        assert not host.requests
    assert caught.value.code == "address_refused"


def test_next_address_is_tried(authority: CertificateAuthority, good: ssl.SSLContext) -> None:
    door = EgressDoor(
        authority.client_context(),
        resolver=resolve_to("127.0.0.9", "127.0.0.1"),
        policy=lambda address: address.is_loopback,
    )
    with TlsHost(good, say(response())) as host:
        assert door.fetch(url(host), accept=MEDIA_TYPES).content == BODY


def test_name_that_does_not_resolve(authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(FetchError) as caught:
        EgressDoor(authority.client_context()).fetch("https://gone.example/", accept=MEDIA_TYPES)
    assert caught.value.code == "dns_failed"


def test_name_without_addresses(authority: CertificateAuthority) -> None:
    with pytest.raises(FetchError) as caught:
        EgressDoor(authority.client_context(), resolver=resolve_to()).fetch("https://a.example/", accept=())
    assert caught.value.code == "dns_failed"


def test_k08_resolver_that_hangs(authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: let_go.wait(30) and [])
    start = time.monotonic()
    with pytest.raises(FetchError) as caught:
        EgressDoor(authority.client_context(), max_seconds=0.3).fetch(
            "https://slow.example/", accept=MEDIA_TYPES
        )
    assert caught.value.code == "timeout"
    assert time.monotonic() - start < 10
    let_go.set()


@pytest.mark.parametrize(
    "address",
    [
        "http://issuer.example/",
        "HTTPS://issuer.example/",
        "https://good@evil.example/",
        "https://issuer.example:0/",
        "https://issuer.example:65536/",
        "https://issuer.example:99999999999/",
        "https://issuer.example",
        "https://issuer.example\\@evil.example/",
        "https://issuer.example/#fragment",
        "https://issuer.example/a b",
        "https://issuer.example/\r\nX: y",
        "https://issuer.example/\n",
        "https://[::1]/",
        "https://Issuer.example/",
        "https://issuer。example/",
        "https:///path",
        "file:///etc/passwd",
        "gopher://issuer.example/",
        "https://issuer.example/" + "a" * 3_000,
        "",
    ],
)
def test_p16_address_that_is_none(door: EgressDoor, address: str) -> None:
    with pytest.raises(FetchError) as caught:
        door.fetch(address, accept=MEDIA_TYPES)
    assert caught.value.code == "invalid_url"


def test_limits_are_those_of_the_design() -> None:
    assert EgressDoor(ssl.create_default_context()).max_seconds == MAX_SECONDS == 3.0
    assert MAX_BODY_BYTES == 65_536


def test_environment_does_not_put_a_proxy_in_between(
    good: ssl.SSLContext, door: EgressDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with TlsHost(good, say(response())) as host:
        assert door.fetch(url(host), accept=MEDIA_TYPES).content == BODY


class FakeTime:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def did_document(did: str) -> EvidenceReference:
    return EvidenceReference(EvidenceKind.DID_DOCUMENT, did)


def test_source_gives_the_document_and_remembers_it(good: ssl.SSLContext, door: EgressDoor) -> None:
    now = FakeTime()
    source = DidWebSource(door, monotonic=now)
    with TlsHost(good, say(response())) as host:
        reference = did_document(f"did:web:{HOST}%3A{host.port}:orgs:x")
        first = source.fetch_evidence(reference, at=AT)
        assert (first.content, first.unavailable) == (BODY, None)
        assert first.source == f"https://{HOST}:{host.port}/orgs/x/did.json"
        assert first.retrieved_at == AT
        now.now += MAX_AGE_SECONDS - 1
        later = AT.replace(year=2027)
        assert source.fetch_evidence(reference, at=later) == first
        assert host.connections == 1
        now.now += 2
        assert source.fetch_evidence(reference, at=later).retrieved_at == later
        assert host.connections == 2


def test_source_remembers_failures_for_a_short_time(good: ssl.SSLContext, door: EgressDoor) -> None:
    now = FakeTime()
    source = DidWebSource(door, monotonic=now)
    answers = iter([response(status="404 Not Found"), response()])
    with TlsHost(good, lambda connection: connection.sendall(next(answers))) as host:
        reference = did_document(f"did:web:{HOST}%3A{host.port}")
        failed = source.fetch_evidence(reference, at=AT)
        assert (failed.content, failed.unavailable) == (None, "not_found")
        now.now += MAX_FAILURE_AGE_SECONDS - 1
        assert source.fetch_evidence(reference, at=AT) == failed
        assert host.connections == 1
        now.now += 2
        assert source.fetch_evidence(reference, at=AT).content == BODY


def test_source_forgets_the_oldest(good: ssl.SSLContext, door: EgressDoor) -> None:
    source = DidWebSource(door)
    refusing = DidWebSource(EgressDoor(door.tls, resolver=resolve_to("10.0.0.1")))
    for number in range(MAX_CACHED + 10):
        refusing.fetch_evidence(did_document(f"did:web:a{number}.example"), at=AT)
    assert len(refusing._items) == MAX_CACHED
    assert "did:web:a0.example" not in refusing._items
    assert not source._items


@pytest.mark.parametrize(
    ("did", "code"),
    [
        pytest.param("did:web:127.0.0.1%3A8000", "invalid_did", id="K-07-own-development-did"),
        pytest.param("did:web:localhost", "invalid_did", id="K-07-localhost"),
        pytest.param("did:web:a.example:..:b", "invalid_did", id="K-07-dots"),
        pytest.param("did:example:1", "unsupported_did_method", id="other-method"),
        pytest.param("nonsense", "invalid_did", id="no-did"),
        pytest.param("did:web:internal.example", "address_refused", id="K-07-private-address"),
    ],
)
def test_source_says_why_there_is_nothing(door: EgressDoor, did: str, code: str) -> None:
    source = DidWebSource(EgressDoor(door.tls, resolver=resolve_to("192.168.0.1")))
    item = source.fetch_evidence(did_document(did), at=AT)
    assert (item.content, item.unavailable, item.reference) == (None, code, did_document(did))


def test_source_fetches_no_other_kind(door: EgressDoor) -> None:
    reference = EvidenceReference(EvidenceKind.STATUS_LIST, "did:web:a.example")
    assert DidWebSource(door).fetch_evidence(reference, at=AT).unavailable == "evidence_kind_not_supported"


def test_no_connection_is_left_open(good: ssl.SSLContext, door: EgressDoor) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("this system does not list open descriptors")
    with TlsHost(good, flood) as host:
        time.sleep(0.1)
        before = len(list(descriptors.iterdir()))
        for _ in range(5):
            with pytest.raises(FetchError):
                door.fetch(url(host), accept=MEDIA_TYPES)
        time.sleep(0.1)
        assert len(list(descriptors.iterdir())) <= before + 2  # the host may still be closing its own

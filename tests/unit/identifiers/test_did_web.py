"""did:web: one document has one name, and no name reaches into a private network (SECURITY K-07, P-16)."""

from __future__ import annotations

import pytest

from skillcred.identifiers import DidError, build_did_web, did_web_url


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:good.example", "https://good.example/.well-known/did.json"),
        ("did:web:good.example:issuers:tech-1", "https://good.example/issuers/tech-1/did.json"),
        ("did:web:good.example%3A8443", "https://good.example:8443/.well-known/did.json"),
        ("did:web:a.b.xn--mgbaam7a8h:X_y.z", "https://a.b.xn--mgbaam7a8h/X_y.z/did.json"),
        ("did:web:1edtech.org:a..b", "https://1edtech.org/a..b/did.json"),
    ],
)
def test_url(did: str, url: str) -> None:
    assert did_web_url(did) == url


@pytest.mark.parametrize(
    "rest",
    [
        "127.0.0.1",
        "127.0.0.1%3A8000",
        "localhost",
        "localhost%3A8443",
        "app.localhost",
        "[::1]",
        "%5B%3A%3A1%5D",
        "0x7f000001",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "169.254.169.254",
        "10.0.0.1",
        "1.2.3.4",
        "good.example.1",
        "internal",
        "db.internal",
        "printer.local",
        "1.0.0.10.in-addr.arpa",
        "good.example%3A22",
        "good.example%3A443",
        "good.example%3A0",
        "good.example%3A65536",
        "good.example%3A08443",
        "good.example%3A",
        "good.example%3Ahttp",
        "good.example%3A8443%3A1",
        "good.example%3a8443",
        "good.example%2F..%2Fevil",
        "good.example%2Fevil",
        "%2e%2e",
        "good.example:%2e%2e:x",
        "a.example:b:..:c",
        "a.example:b:.:c",
        "a.example:...",
        "a.example::b",
        "a.example:b:",
        "a.example:b%20c",
        "a.example:b%00",
        "a.example:b%3Fq",
        "good%40evil.example",
        "good@evil.example",
        "good.example\\evil.example",
        "good.example/evil",
        "good.example.",
        ".good.example",
        "good..example",
        "-good.example",
        "good-.example",
        "go_od.example",
        "Good.example",
        "GOOD.EXAMPLE",
        "göod.example",
        "good\u3002example",
        "good.example%E3%80%82evil",
        "fe80::1%25eth0",
        "good.example#key",
        "good.example?versionTime=2020",
        "good.ex\tample",
        "good.example\n",
        ".".join(["a" * 60] * 5),
        "a" * 64 + ".example",
        "a.example:" + "b" * 5_000,
        "",
    ],
)
def test_k07_refused(rest: str) -> None:
    with pytest.raises(DidError) as caught:
        did_web_url(f"did:web:{rest}")
    assert caught.value.code == "invalid_did"


def test_only_did_web_has_an_address() -> None:
    with pytest.raises(DidError) as caught:
        did_web_url("did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp")
    assert caught.value.code == "unsupported_did_method"


@pytest.mark.parametrize(
    ("base_url", "segments", "did"),
    [
        ("https://skills.example", (), "did:web:skills.example"),
        ("https://skills.example/", ("orgs", "a-1"), "did:web:skills.example:orgs:a-1"),
        ("https://skills.example:443/", (), "did:web:skills.example"),
        ("https://skills.example:8443/registry/", ("x",), "did:web:skills.example%3A8443:registry:x"),
        ("http://127.0.0.1:8000", ("orgs", "x"), "did:web:127.0.0.1%3A8000:orgs:x"),
        ("http://localhost:8000/", (), "did:web:localhost%3A8000"),
    ],
)
def test_build(base_url: str, segments: tuple[str, ...], did: str) -> None:
    assert build_did_web(base_url, *segments) == did


@pytest.mark.parametrize(
    ("base_url", "segments"),
    [
        ("http://skills.example", ()),
        ("ftp://skills.example", ()),
        ("https://user@skills.example", ()),
        ("https://skills.example?x", ()),
        ("https://skills.example#x", ()),
        ("https://skills.example:22", ()),
        ("https://skills.example:99999", ()),
        ("https://10.0.0.1", ()),
        ("https://[::1]", ()),
        ("https://Skills.example", ()),
        ("https://skills.example", ("a:b/c",)),
        ("https://skills.example", ("..",)),
        ("https://skills.example", ("",)),
        ("https://skills.example/%2e", ()),
        ("skills.example", ()),
        ("", ()),
    ],
)
def test_build_refuses(base_url: str, segments: tuple[str, ...]) -> None:
    with pytest.raises(DidError):
        build_did_web(base_url, *segments)


def test_segment_may_not_smuggle_in_another() -> None:
    """A segment with a colon would be two segments to whoever reads the DID."""
    with pytest.raises(DidError):
        build_did_web("https://skills.example", "a:b")

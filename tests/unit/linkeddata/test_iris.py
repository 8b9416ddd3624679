"""IRIs by RFC 3987 and language tags by RFC 5646, in linear time (SECURITY L-03, L-04, P-17)."""

from __future__ import annotations

import time

import pytest

from skillcred.linkeddata.iris import is_absolute_iri


@pytest.mark.parametrize(
    "text",
    [
        "https://e.example/a?b=c#d",
        "https://[2001:db8::1]:8443/x",
        "http://user@e.example:80//a//b",
        "https://exämple.example/ü/ሀ",
        "did:web:127.0.0.1%3A8000:users:1",
        "did:key:z6Mk#z6Mk",
        "urn:uuid:3f1c2b1e-9d53-4a0c-8d0e-0d7b2c1d9a11",
        "mailto:a@e.example",
        "tel:+63-2-1234",
        "data:image/png;base64,iVBORw0KGgo=",
        "file:///x",
        "a:b",
    ],
)
def test_absolute_iris(text: str) -> None:
    assert is_absolute_iri(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "#f", "//h/x", "../x", "_:b0", "did:", ":x", "1a:b", " a:b", "a:b ", "a:b\n"),
        *("https://", "https:///x", "http:x", "HTTPS:x", "https://:80/", "https://a:b/", "https://a[b]/"),
        *(
            "a:b c",
            "a:<",
            "a:>",
            'a:"',
            "a:{",
            "a:}",
            "a:|",
            "a:\\",
            "a:^",
            "a:`",
            "a:%zz",
            "a:%2",
            "a:b#c#d",
        ),
        *(
            "a:\x00",
            "a:\x7f",
            "a:\x85",
            "a:\u202e",
            "a:\u200f",
            "a:\u2066",
            "a:\ue000",
            "a:\ufffe",
            "a:\ud800",
        ),
    ],
)
def test_what_is_no_absolute_iri(text: str) -> None:
    assert not is_absolute_iri(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a:" + "b" * 500_000 + " ", id="P-17-path"),
        pytest.param("a://" + "b" * 500_000 + " ", id="P-17-host"),
        pytest.param("a:" + "/b" * 250_000 + " ", id="P-17-segments"),
        pytest.param("a:?" + "%20" * 160_000 + " ", id="P-17-escapes"),
        pytest.param("a" * 500_000, id="P-17-scheme"),
    ],
)
def test_hostile_texts_cost_linear_time(text: str) -> None:
    start = time.process_time()
    assert not is_absolute_iri(text)
    assert time.process_time() - start < 5

"""Lists of other issuers: cached, kept while they last, never older than before (SECURITY S-07 to S-09, S-13)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from skillcred.adapters.fetch import FetchError, StatusListSource
from skillcred.adapters.fetch.egress_door import Fetched
from skillcred.encoding.base64url import encode_base64url
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.remember_status_lists import RememberStatusLists
from skillcred.status.peek import ListTimes, peek_list_times
from worlds.in_memory import START, InMemoryStorage

URI = "https://issuer.example/status/1"
REFERENCE = EvidenceReference(EvidenceKind.STATUS_LIST, URI)


def a_list(made: datetime, *, lasts: timedelta = timedelta(days=1), ttl: int = 60_000) -> bytes:
    document = {
        "validFrom": format_instant(made),
        "validUntil": format_instant(made + lasts),
        "credentialSubject": {"ttl": ttl},
    }
    return json.dumps(document).encode()


class Door:
    """A host that gives out what it is told, and counts."""

    def __init__(self) -> None:
        self.content: bytes | FetchError = a_list(START)
        self.asked: list[str] = []

    def fetch(self, url: str, *, accept: object, max_bytes: int) -> Fetched:
        self.asked.append(url)
        if isinstance(self.content, FetchError):
            raise self.content
        return Fetched(self.content, "application/vc")


class World:
    def __init__(self) -> None:
        self.door = Door()
        self.storage = InMemoryStorage()
        self.source = self.restarted()

    def restarted(self) -> StatusListSource:
        return StatusListSource(self.door, RememberStatusLists(self.storage))  # type: ignore[arg-type]

    def fetch(self, after: timedelta = timedelta()) -> bytes | str | None:
        item = self.source.fetch_evidence(REFERENCE, at=START + after)
        return item.content if item.content is not None else item.unavailable


@pytest.fixture
def world() -> World:
    return World()


def test_a_warm_cache_asks_nobody(world: World) -> None:
    assert world.fetch() == world.fetch(timedelta(seconds=59)) == a_list(START)
    assert world.door.asked == [URI]
    world.fetch(timedelta(seconds=61))
    assert world.door.asked == [URI, URI]


def test_S13_only_the_address_of_the_list_is_asked_for(world: World) -> None:
    """Nothing is added that would tell which credential is looked at, and nothing of the address is left out; however
    many credentials are looked at, the list is fetched once."""
    uri = "https://issuer.example/status?list=42"
    reference = EvidenceReference(EvidenceKind.STATUS_LIST, uri)
    for second in range(5):
        world.source.fetch_evidence(reference, at=START + timedelta(seconds=second))
    assert world.door.asked == [uri]


@pytest.mark.parametrize(("ttl", "fresh"), [(0, 299), (1, 14), (10**12, 299), (10**10, 3599)])
def test_S07_a_time_to_live_is_believed_within_limits(world: World, ttl: int, fresh: int) -> None:
    world.door.content = a_list(START, ttl=ttl)
    world.fetch()
    world.fetch(timedelta(seconds=fresh))
    assert len(world.door.asked) == 1
    world.fetch(timedelta(seconds=fresh + 2))
    assert len(world.door.asked) == 2


def test_S08_an_older_list_is_refused_also_after_a_restart(world: World) -> None:
    world.door.content = a_list(START)
    world.fetch()
    world.door.content = a_list(START - timedelta(hours=1))
    world.source = world.restarted()
    assert world.fetch(timedelta(minutes=5)) == "status_list_rolled_back"
    world.door.content = a_list(START + timedelta(minutes=6))
    assert world.fetch(timedelta(minutes=7)) == world.door.content


def test_S08_within_one_run_the_newer_list_is_used_on(world: World) -> None:
    newer = a_list(START)
    world.door.content = newer
    world.fetch()
    world.door.content = a_list(START - timedelta(hours=1))
    assert world.fetch(timedelta(minutes=5)) == newer


def test_a_list_from_the_future_pushes_no_honest_one_out(world: World) -> None:
    world.door.content = a_list(START + timedelta(days=30))
    assert world.fetch() == world.door.content
    honest = a_list(START)
    world.door.content = honest
    assert world.fetch(timedelta(hours=2)) == honest


def test_S09_a_host_that_is_down(world: World) -> None:
    world.door.content = FetchError("Too slow.", code="timeout")
    assert world.fetch() == "timeout"
    assert world.fetch(timedelta(seconds=20)) == "timeout"
    assert len(world.door.asked) == 1
    world.door.content = a_list(START)
    assert world.fetch(timedelta(seconds=31)) == a_list(START)
    world.door.content = FetchError("Too slow.", code="timeout")
    assert world.fetch(timedelta(hours=20)) == a_list(START)  # it says that it lasts a day
    assert world.fetch(timedelta(hours=25)) == "timeout"


def test_an_instant_before_the_list_was_fetched_is_no_cache_hit(world: World) -> None:
    world.fetch(timedelta(seconds=30))
    world.fetch()
    assert len(world.door.asked) == 2


def test_only_lists_are_fetched(world: World) -> None:
    item = world.source.fetch_evidence(EvidenceReference(EvidenceKind.DID_DOCUMENT, "did:web:a"), at=START)
    assert item.unavailable == "evidence_kind_not_supported"
    assert world.door.asked == []


def test_times_of_tokens() -> None:
    claims = {"iat": int(START.timestamp()), "exp": int(START.timestamp()) + 60, "ttl": 30}
    token = b"e30." + encode_base64url(json.dumps(claims).encode()).encode() + b".c2ln"
    assert peek_list_times(token) == ListTimes(START, START + timedelta(seconds=60), timedelta(seconds=30))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"a.b", b"\xff.\xff.\xff", b"e30.e30.c2ln", b"<html>", b'{"validFrom": "x"}']
)
def test_nothing_makes_peeking_raise(content: bytes) -> None:
    assert peek_list_times(content) == ListTimes()

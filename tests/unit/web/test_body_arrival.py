"""A body counts the same whether it is there at once, arrives in pieces, or never does (SECURITY W-10)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message

from skillcred.web.faults import RequestTimeoutError
from skillcred.web.middleware.body_limit import BodyLimitMiddleware

SCOPE = {"type": "http", "headers": []}


def read(receive: Callable[[], Awaitable[Message]], *, seconds: float = 5.0) -> bytes:
    """The body as the application behind the middleware gets it."""
    found = bytearray()

    async def app(_scope: Any, given: Any, _send: Any) -> None:
        more = True
        while more:
            message = await given()
            found.extend(message["body"])
            more = message["more_body"]

    async def send(_message: Message) -> None:
        raise AssertionError("nothing is answered here")

    asyncio.run(BodyLimitMiddleware(app, seconds=seconds)(dict(SCOPE), receive, send))
    return bytes(found)


def pieces(*pauses: float) -> Callable[[], Awaitable[Message]]:
    """A body of one byte after each pause."""
    waiting = list(pauses)

    async def receive() -> Message:
        pause = waiting.pop(0)
        for _ in range(3 if pause else 0):
            await asyncio.sleep(pause / 3)
        return {"type": "http.request", "body": b"x", "more_body": bool(waiting)}

    return receive


@pytest.mark.parametrize("pauses", [(0,), (0, 0, 0), (0.01,), (0, 0.01, 0), (0.01, 0.01)])
def test_it_arrives_whole(pauses: tuple[float, ...]) -> None:
    assert read(pieces(*pauses)) == b"x" * len(pauses)


@pytest.mark.parametrize("pauses", [(60,), (0, 60), (0.01, 60)])
def test_the_time_is_that_of_the_whole_body(pauses: tuple[float, ...]) -> None:
    with pytest.raises(RequestTimeoutError):
        read(pieces(*pauses), seconds=0.05)


@pytest.mark.parametrize("wait", [0, 0.01])
def test_a_fault_while_it_arrives_is_passed_on(wait: float) -> None:
    async def receive() -> Message:
        if wait:
            await asyncio.sleep(wait)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        read(receive)


def test_what_is_given_up_is_put_away() -> None:
    put_away: list[str] = []

    async def receive() -> Message:
        try:
            await asyncio.sleep(60)
        finally:
            put_away.append("done")
        raise AssertionError("nobody waits that long")

    with pytest.raises(RequestTimeoutError):
        read(receive, seconds=0.02)
    assert put_away == ["done"]

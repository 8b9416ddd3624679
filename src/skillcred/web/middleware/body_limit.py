"""No more of a body is read than is accepted, however it is announced (SECURITY P-06, W-10, W-35)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Generator, Iterable
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.web.faults import BodyTooLargeError, FramingError, RequestTimeoutError

MAX_ENVELOPE_BYTES: Final = 64 * 1024
"""Room for the multipart frame around a document, in bytes."""
MAX_BODY_BYTES: Final = MAX_BYTES + MAX_ENVELOPE_BYTES
BODY_SECONDS: Final = 30.0
"""Longest that a whole body may take to arrive, in seconds."""
MAX_HEADERS: Final = 100
"""Most header lines of one request."""

_LENGTH = re.compile(rb"[0-9]{1,15}")


class BodyLimitMiddleware:
    """Refuses by the announced length before anything is read, and by the true length while reading.

    A server reads on after an early answer, to keep the connection. Where nobody knows how much would come, the
    connection is closed instead.
    """

    def __init__(
        self, app: ASGIApp, *, max_bytes: int = MAX_BODY_BYTES, seconds: float = BODY_SECONDS
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        endless = _check_framing(scope["headers"], self._max_bytes)
        body = _LimitedBody(receive, self._max_bytes, self._seconds)
        if not endless:
            await self._app(scope, body.receive, send)
            return

        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start" and not body.complete:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self._app(scope, body.receive, send_and_close)


def _check_framing(headers: Iterable[tuple[bytes, bytes]], max_bytes: int) -> bool:
    """Whether the body may come without end, in pieces. Header names are in lower case, as ASGI says."""
    count = 0
    lengths = []
    endless = False
    for name, value in headers:
        count += 1
        if name == b"content-length":
            lengths.append(value)
        elif name == b"transfer-encoding":
            endless = True
    if count > MAX_HEADERS:
        raise FramingError("The request has too many header lines.", code="too_many_headers")
    if not lengths:
        return endless
    if len(lengths) > 1 or endless:
        raise FramingError("The request gives its length in two ways.", code="ambiguous_length")
    if not _LENGTH.fullmatch(lengths[0]):
        raise FramingError("The Content-Length is not a number.", code="invalid_length")
    if int(lengths[0]) > max_bytes:
        raise BodyTooLargeError(f"The body is larger than {max_bytes} bytes.")
    return False


class _LimitedBody:
    """The body of one request as it comes in."""

    def __init__(self, receive: Receive, max_bytes: int, seconds: float) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._deadline: float | None = None
        self._received = 0
        self.complete = False

    async def receive(self) -> Message:
        """The next message. Raises `BodyTooLargeError`, `RequestTimeoutError`."""
        if self.complete:
            return await self._receive()
        arriving = self._receive().__await__()
        try:
            waited_for = next(arriving)
        except StopIteration as arrived:  # it was there already, as mostly, and a timeout is not even set
            message: Message = arrived.value
        else:
            message = await self._wait(_Rest(arriving, waited_for))
        self._received += len(message.get("body", b""))
        if self._received > self._max_bytes:
            raise BodyTooLargeError(f"The body is larger than {self._max_bytes} bytes.")
        self.complete = not message.get("more_body", False)
        return message

    async def _wait(self, rest: Awaitable[Message]) -> Message:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                return await rest
        except TimeoutError as error:
            raise RequestTimeoutError("The body did not arrive in time.") from error


class _Rest:
    """What is left of a coroutine whose first step ended at waiting for something."""

    def __init__(self, steps: Generator[Any, Any, Message], waited_for: object) -> None:
        self._steps = steps
        self._waited_for = waited_for

    def __await__(self) -> Generator[Any, Any, Message]:
        try:
            yield self._waited_for
        except asyncio.CancelledError:
            self._steps.close()
            raise
        return (yield from self._steps)

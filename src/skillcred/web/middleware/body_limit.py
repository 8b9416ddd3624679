"""No more of a body is read than is accepted, however it is announced (SECURITY P-06, W-10, W-35)."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.web.faults import BodyTooLargeError, RequestError, RequestTimeoutError

MAX_ENVELOPE_BYTES: Final = 64 * 1024
"""Room for the multipart frame around a document, in bytes."""
MAX_BODY_BYTES: Final = MAX_BYTES + MAX_ENVELOPE_BYTES
BODY_SECONDS: Final = 30.0
"""Longest that a whole body may take to arrive, in seconds."""
MAX_HEADERS: Final = 100
"""Most header lines of one request."""

_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)


class BodyLimitMiddleware:
    """Refuses by the announced length before anything is read, and by the true length while reading."""

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
        _check_framing(Headers(scope=scope), self._max_bytes)
        await self._app(scope, _limited(receive, self._max_bytes, self._seconds), send)


def _check_framing(headers: Headers, max_bytes: int) -> None:
    if len(headers) > MAX_HEADERS:
        raise RequestError("The request has too many header lines.", code="too_many_headers")
    lengths = headers.getlist("content-length")
    if not lengths:
        return
    if len(lengths) > 1 or "transfer-encoding" in headers:
        raise RequestError("The request gives its length in two ways.", code="ambiguous_length")
    if not _LENGTH.fullmatch(lengths[0]):
        raise RequestError("The Content-Length is not a number.", code="invalid_length")
    if int(lengths[0]) > max_bytes:
        raise BodyTooLargeError(f"The body is larger than {max_bytes} bytes.")


def _limited(receive: Receive, max_bytes: int, seconds: float) -> Receive:
    received = 0
    deadline: float | None = None
    complete = False

    async def receive_limited() -> Message:
        nonlocal received, deadline, complete
        if complete:
            return await receive()
        now = asyncio.get_running_loop().time()
        deadline = deadline if deadline is not None else now + seconds
        try:
            message = await asyncio.wait_for(receive(), max(deadline - now, 0.001))
        except TimeoutError as error:
            raise RequestTimeoutError("The body did not arrive in time.") from error
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise BodyTooLargeError(f"The body is larger than {max_bytes} bytes.")
        complete = not message.get("more_body", False)
        return message

    return receive_limited

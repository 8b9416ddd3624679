"""An id and one log line for every request (SECURITY W-29)."""

from __future__ import annotations

import secrets
import time
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillcred.web.logs import Log

REQUEST_ID_HEADER: Final = "X-Request-Id"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


class RequestMiddleware:
    """Outermost. Answers HEAD wherever GET is answered (RFC 9110 section 9.1)."""

    def __init__(self, app: ASGIApp, *, log: Log) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = secrets.token_hex(16)
        status = 0
        size = 0

        async def send_counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
                if method == "HEAD":
                    message = {**message, "body": b""}
            await send(message)

        inner = {**scope, "method": "GET"} if method == "HEAD" else scope
        try:
            await self._app(inner, receive, send_counted)
        finally:
            route = inner.get("route")
            self._log(
                "request",
                request_id=request_id,
                method=method if method in METHODS else "other",
                route=getattr(route, "path", None) or "unmatched",
                status=status,
                bytes=size,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                api_key_id=state.get("api_key_id"),
                organisation_id=state.get("organisation_id"),
            )

"""An id, one log line, a count and the headers of every answer (SECURITY W-24, W-28, W-29)."""

from __future__ import annotations

import os
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillcred.adapters.metrics import ProcessMetrics
from skillcred.web.logs import Log
from skillcred.web.middleware.security_headers import RawHeaders, fill_in

REQUEST_ID_HEADER: Final = "X-Request-Id"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
ECHOED_ID: Final = "echoed_request_id"
"""Member of the state in which a route puts the id that its caller chose, where its protocol says so; checked ASCII."""
_RAW_ID_HEADER: Final = REQUEST_ID_HEADER.lower().encode("ascii")


class RequestMiddleware:
    """Outermost. Answers HEAD wherever GET is answered (RFC 9110 section 9.1)."""

    def __init__(self, app: ASGIApp, *, log: Log, metrics: ProcessMetrics, headers: RawHeaders) -> None:
        self._app = app
        self._log = log
        self._metrics = metrics
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = os.urandom(16).hex()
        status = 0
        size = 0

        async def send_counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                fill_in(message, self._headers)
                shown_id: str = state.get(ECHOED_ID, request_id)
                message["headers"].append((_RAW_ID_HEADER, shown_id.encode("ascii")))
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
                if method == "HEAD":
                    message = {**message, "body": b""}
            await send(message)

        inner = {**scope, "method": "GET"} if method == "HEAD" else scope
        try:
            await self._app(inner, receive, send_counted)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(inner.get("route"), "path", None) or "unmatched"
            shown_method = method if method in METHODS else "other"
            self._metrics.count_request(shown_method, route, status, seconds)
            self._log(
                "request",
                request_id=request_id,
                method=shown_method,
                route=route,
                status=status,
                bytes=size,
                milliseconds=round(seconds * 1000, 1),
                api_key_id=state.get("api_key_id"),
                organisation_id=state.get("organisation_id"),
            )

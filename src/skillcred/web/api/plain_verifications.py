"""The verification that is asked for most: a document as the body, and nothing else. The same answer as
`verifications.py` gives, at a third of the cost, because nothing has to be worked out about the request.

Whatever has a query, a form or an unusual Content-Type is left to the route there, which is also the one that is
described in the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from skillcred.bootstrap import Application
from skillcred.services.report_bytes import encode_report
from skillcred.web.bodies import require_document_size
from skillcred.web.media_types import CREDENTIAL, ENVELOPES, JSON, JSON_LD, PRESENTATION
from skillcred.web.rate_limit import RequestRateLimit
from skillcred.web.verifying.frames import Kind
from skillcred.web.verifying.processes import VerificationProcesses

VERIFICATIONS_PATH: Final = "/v1/verifications"
PLAIN: Final[Mapping[bytes, str]] = MappingProxyType(
    {name.encode("ascii"): name for name in (CREDENTIAL, PRESENTATION, JSON, JSON_LD, *ENVELOPES)}
)
"""Content-Type headers that need no parsing."""


class PlainVerificationRoute(BaseRoute):
    """Takes a request whose body is the document; answers inline where nothing has to be fetched or waited for."""

    path = VERIFICATIONS_PATH

    def __init__(
        self, application: Application, rate_limit: RequestRateLimit, processes: VerificationProcesses
    ) -> None:
        self._verify = application.verify_document
        self._count = application.metrics.count_credential
        self._rate_limit = rate_limit
        self._processes = processes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full for exactly these requests, none for all others."""
        if (
            scope["type"] != "http"
            or scope["path"] != self.path
            or scope["method"] != "POST"
            or scope["query_string"]
            or scope.get("root_path")
            or _plain_type(scope) is None
        ):
            return Match.NONE, {}
        return Match.FULL, {"route": self, "endpoint": self}

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """The described route has the name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one. Raises `RateLimitError`, `BodyTooLargeError`, and what the service raises."""
        media_type = _plain_type(scope)
        if media_type is None:
            raise HTTPException(404)
        request = Request(scope, receive)
        self._rate_limit.check(request)
        content = require_document_size(await request.body())
        answer = await self._answer(content, media_type)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer)).encode("ascii")),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, content: bytes, media_type: str) -> bytes:
        """The report in JSON: from a process beside this one if there is any, else from here; in a thread if something
        has to be fetched or waited for."""
        prepared = self._verify.prepare(content, media_type=media_type)
        if prepared is not None:
            beside = self._processes.ask(prepared)
            if beside is None:
                report = self._verify.judge_prepared(prepared)
                if report is not None:
                    return encode_report(report)
            else:
                answer = await beside
                if answer is not None and answer.kind is Kind.REPORT:
                    self._count(answer.verdict, answer.road)
                    return answer.report
        found = await run_in_threadpool(self._verify.upload, content, media_type=media_type)
        return encode_report(found.report)


def _plain_type(scope: Scope) -> str | None:
    found = [value for name, value in scope["headers"] if name == b"content-type"]
    return PLAIN.get(found[0]) if len(found) == 1 else None

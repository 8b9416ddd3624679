"""The verification that is asked for most: a document as the body, and nothing else. The same answer as
`verifications.py` gives, at a third of the cost, because nothing has to be worked out about the request.

Whatever has a query, a form or an unusual Content-Type is left to the route there, which is also the one that is
described in the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from skillcred.bootstrap import Application
from skillcred.errors import SkillcredError
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
_JSON_HEADER: Final = (b"content-type", JSON.encode("ascii"))


class PlainVerifications:
    """Takes the requests whose body is the document, before they reach FastAPI, and hands all others on. Answers inline
    where nothing has to be fetched or waited for."""

    path = VERIFICATIONS_PATH
    """Also what is logged and counted as the route."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        application: Application,
        rate_limit: RequestRateLimit,
        processes: VerificationProcesses,
        answer_fault: Callable[[Request, Exception], Awaitable[Response]],
    ) -> None:
        self._app = app
        self._verify = application.verify_document
        self._count = application.metrics.count_credential
        self._rate_limit = rate_limit
        self._processes = processes
        self._answer_fault = answer_fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on. Faults of ours are answered as FastAPI's handlers would."""
        media_type = find_plain_type(scope)
        if media_type is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = self
        try:
            self._rate_limit.check(scope)
            answer = await self._answer(require_document_size(await _read_body(receive)), media_type)
        except SkillcredError as fault:
            response = await self._answer_fault(Request(scope, receive), fault)
            await response(scope, receive, send)
            return
        headers = [_JSON_HEADER, (b"content-length", b"%d" % len(answer))]
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


def find_plain_type(scope: Scope) -> str | None:
    """The media type of a request that is a document for verification and nothing else; `None` for all others."""
    if (
        scope["type"] != "http"
        or scope["path"] != VERIFICATIONS_PATH
        or scope["method"] != "POST"
        or scope["query_string"]
        or scope.get("root_path")
    ):
        return None
    found = [value for name, value in scope["headers"] if name == b"content-type"]
    return PLAIN.get(found[0]) if len(found) == 1 else None


async def _read_body(receive: Receive) -> bytes:
    """The whole body. Raises `ClientDisconnect` if the client goes before it is whole."""
    message = await receive()
    pieces: list[bytes] = []
    while message["type"] != "http.disconnect":
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        message = await receive()
    raise ClientDisconnect

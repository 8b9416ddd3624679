"""The HTTP surface of one application. Nothing here exists before `create_app` is called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final, TextIO

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillcred.bootstrap import Application
from skillcred.errors import SkillcredError
from skillcred.services.page_sessions import SignedOutError
from skillcred.web.api import ROUTERS
from skillcred.web.api.openapi import DESCRIPTION, install_openapi
from skillcred.web.api.plain_verifications import PlainVerifications
from skillcred.web.api.shipped_documents import load_shipped_documents
from skillcred.web.batch_worker import batch_worker
from skillcred.web.logs import Log, build_log, describe_fault
from skillcred.web.middleware.body_limit import MAX_ENVELOPE_BYTES, BodyLimitMiddleware
from skillcred.web.middleware.requests import RequestMiddleware
from skillcred.web.middleware.security_headers import build_default_headers
from skillcred.web.oid4vci import ROUTERS as WALLET_ROUTERS
from skillcred.web.oid4vp import router as oid4vp_router
from skillcred.web.pages.ask_routes import router as ask_router
from skillcred.web.pages.faults import wants_page
from skillcred.web.pages.offer_form_routes import router as offer_form_router
from skillcred.web.pages.offers_routes import router as offers_pages_router
from skillcred.web.pages.recognition_routes import router as recognition_pages_router
from skillcred.web.pages.rendering import Pages
from skillcred.web.pages.routes import router as pages_router
from skillcred.web.pages.sign_in_routes import SIGN_IN_PATH, SIGN_INS_PER_MINUTE
from skillcred.web.pages.sign_in_routes import router as sign_in_router
from skillcred.web.pages.skills_routes import router as skills_pages_router
from skillcred.web.problems import build_problem, problem_response
from skillcred.web.publisher import publishing
from skillcred.web.purger import purging
from skillcred.web.rate_limit import RequestRateLimit
from skillcred.web.registry_updater import updating_registry
from skillcred.web.trqp import router as trqp_router
from skillcred.web.vcapi import router as vcapi_router
from skillcred.web.verifying.processes import VerificationProcesses

NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI would tell collectors that the environment names of paths with identifiers in them, and the texts of faults,
which may hold what somebody handed in (SECURITY PR-11). What we measure is at `/metrics`."""


def create_app(
    application: Application, *, log_stream: TextIO | None = None, verification_processes: int = 0
) -> FastAPI:
    """The ASGI application that serves `application`. Log lines go to `log_stream`, standard error unless given.
    `verification_processes` verify beside it while it is served.

    Closing the server closes `application`.
    """
    settings = application.settings
    log = build_log(log_stream)
    processes = VerificationProcesses(verification_processes, log)
    verification_rate_limit = RequestRateLimit(settings.verifications_per_minute, settings.trusted_proxies)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        interval = settings.publisher_interval_seconds
        try:
            with (
                publishing(application.publish_due_lists, interval, log),
                batch_worker(application.run_status_batches, log),
                purging(
                    application.presenting.purge,
                    application.wallet_issuing.forget_traces,
                    application.erase_case_evidence,
                    log,
                ),
                updating_registry(application.update_registry_copy, settings.registry_update_seconds, log),
            ):
                async with processes.running():
                    yield
        finally:
            application.close()

    app = FastAPI(
        title="skillcred",
        version=version("skillcred"),
        description=DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        lifespan=lifespan,
        exception_handlers=dict.fromkeys(
            (SkillcredError, RequestValidationError, HTTPException), _answer_fault
        ),
        middleware=[
            Middleware(
                RequestMiddleware,
                log=log,
                metrics=application.metrics,
                headers=build_default_headers(https=settings.base_url.startswith("https://")),
            ),
            Middleware(_LastResort),
            Middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes + MAX_ENVELOPE_BYTES),
            Middleware(
                PlainVerifications,
                application=application,
                rate_limit=verification_rate_limit,
                processes=processes,
                answer_fault=_answer_fault,
            ),
        ],
    )
    app.state.application = application
    app.state.log = log
    app.state.shipped_documents = load_shipped_documents()
    app.state.pages = Pages()
    app.state.verification_processes = processes
    app.state.verification_rate_limit = verification_rate_limit
    app.state.resolution_rate_limit = RequestRateLimit(
        settings.verifications_per_minute, settings.trusted_proxies, what="identifiers"
    )
    app.state.wallet_rate_limit = RequestRateLimit(
        settings.wallet_requests_per_minute, settings.trusted_proxies, what="requests of wallets"
    )
    app.state.sign_in_rate_limit = RequestRateLimit(
        SIGN_INS_PER_MINUTE, settings.trusted_proxies, what="attempts to sign in"
    )
    for router in ROUTERS:
        app.include_router(router)
    for router in WALLET_ROUTERS:
        app.include_router(router)
    app.include_router(trqp_router)
    app.include_router(oid4vp_router)
    if application.interop is not None:
        app.include_router(vcapi_router)
    app.include_router(pages_router)
    app.include_router(recognition_pages_router)
    app.include_router(skills_pages_router)
    app.include_router(ask_router)
    app.include_router(sign_in_router)
    app.include_router(offer_form_router)
    app.include_router(offers_pages_router)
    install_openapi(app)
    return app


async def _answer_fault(request: Request, fault: Exception) -> Response:
    """The problem for any fault, as a page for somebody who was looking at pages. Our own faults are logged."""
    problem = build_problem(fault)
    request_id: str = request.state.request_id
    if problem.status >= 500:
        log: Log = request.app.state.log
        log("fault", request_id=request_id, status=int(problem.status), **describe_fault(fault))
    if wants_page(request):
        pages: Pages = request.app.state.pages
        if isinstance(fault, SignedOutError):
            return RedirectResponse(SIGN_IN_PATH + pages.suffix_of(request), 303)
        return pages.render_problem(request, problem, request_id)
    return problem_response(problem, request_id)


class _LastResort:
    """Turns what nobody expected into a 500 and a log line that holds no text of the fault (SECURITY I11, W-33)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except ClientDisconnect:
            return  # whoever asked has gone, so that there is nobody to be told, and no fault of ours to log
        except Exception as fault:  # noqa: BLE001 - the edge: nothing gets past it untold
            request = Request(scope, receive)
            response = await _answer_fault(request, fault)
            if started:
                raise ConnectionAbortedError("A response could not be finished.") from None
            await response(scope, receive, send)

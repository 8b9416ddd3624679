"""Answers of wallets on real databases: many at once, a process that dies, and what can be read afterwards
(SECURITY R-01, R-15, PR-07; F-01)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, text

from skillcred.adapters.db.engine import build_engine
from skillcred.bootstrap import Application, build_application
from skillcred.exchange.oid4vp.errors import AuthorizationResponseError
from skillcred.services.create_presentation_request import PresentationOrder
from skillcred.services.presentation_records import PresentationState
from worlds.application import DemoRegistry, build_demo_registry
from worlds.deployments import running_deployment
from worlds.in_memory import FixedClock
from worlds.wallet_answers import CANARY, LiteralWallet, issue, read_request

ORDER = PresentationOrder("qualification", response_mode="direct_post")
AT_ONCE = 24


@pytest.fixture(params=["sqlite", "postgresql"])
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[DemoRegistry, Application]]:
    """A registry, and a second application on the same database and keys."""
    changes = {}
    if request.param == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    registry = build_demo_registry(tmp_path, clock=FixedClock(), **changes)
    second = build_application(registry.application.settings, clock=FixedClock(), evidence_sources={})
    yield registry, second
    second.close()
    registry.application.close()


def test_of_many_answers_at_once_one_is_taken(deployed: tuple[DemoRegistry, Application]) -> None:
    """R-01, by two applications that share nothing but database and keys."""
    registry, second = deployed
    first = registry.application
    created = first.presenting.create_request(ORDER, actor=registry.operator)
    fetched = second.presenting.get_request_object(created.request.handle)
    wallet = LiteralWallet(first.clock.now(), {"dc+sd-jwt": issue(registry)})
    body = wallet.answer(read_request(created.link, fetched))
    outcomes: Counter[str] = Counter()
    start = threading.Barrier(AT_ONCE)

    def answer(application: Application) -> None:
        start.wait()
        try:
            application.presenting.receive(created.request.handle, body)
            outcomes["taken"] += 1
        except AuthorizationResponseError as error:
            outcomes[error.reason] += 1

    threads = [
        threading.Thread(target=answer, args=((first, second)[number % 2],)) for number in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"taken": 1, "request_answered": AT_ONCE - 1}
    view = second.presenting.get_request(created.request.id, actor=registry.operator)
    assert view.state is PresentationState.VERIFIED
    assert view.result is not None
    assert view.result["verdict"] == "valid"
    assert CANARY not in everything_stored(registry, without="issuance")


def everything_stored(registry: DemoRegistry, *, without: str) -> str:
    """The rows of requests for presentations as text; the issuer's own record of the credential is another matter."""
    assert without == "issuance"
    engine = build_engine(registry.application.settings.database_address)
    try:
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT * FROM presentation_request")).mappings().all()
        return "\n".join(f"{name}={value!r}" for row in rows for name, value in row.items())
    finally:
        engine.dispose()


@pytest.mark.parametrize("storage", ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def test_a_killed_process_leaves_nothing_to_read_and_everything_to_finish(
    storage: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """F-01: killed after the answer was taken and before it was verified. The database (with SQLite also its files, and
    the log that it writes ahead) holds neither what was shown nor any token; who looks later finishes it."""
    url = None if storage == "sqlite" else str(request.getfixturevalue("postgres_url"))
    variables = {"crash_points_enabled": "true", "crash": "after-presentation-claim:1"}
    with running_deployment(tmp_path, url, **variables) as deployment:
        registry = deployment.registry
        created = registry.application.presenting.create_request(ORDER, actor=registry.operator)
        credential = issue(registry, subject={"licenseNumber": "only-in-wallets"})
        wallet = LiteralWallet(datetime.now(UTC), {"dc+sd-jwt": credential})
        with httpx2.Client(trust_env=False) as client:
            token = client.get(f"{deployment.base_url}/oid4vp/requests/{created.request.handle}").content
            asked = read_request(created.link, token)
            body = wallet.answer(asked, extra=True)
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            with pytest.raises(httpx2.TransportError):
                client.post(asked.response_uri, content=body, headers=headers)
        binding = wallet.presentation(asked, "dc+sd-jwt", [], extra=True)
        assert isinstance(binding, str)
        nonce_of_wallet = binding.rpartition("~")[2].split(".")[0]
        written = everything_stored(registry, without="issuance").encode()
        written += b"".join(path.read_bytes() for path in tmp_path.glob("*.sqlite3*"))
        assert created.request.handle.encode() in written
        assert nonce_of_wallet.encode() not in written
        later = FixedClock(datetime.now(UTC) + timedelta(seconds=61))
        settings = registry.application.settings.model_copy(update={"crash": None})
        application = build_application(settings, clock=later, evidence_sources={})
        try:
            waiting = registry.application.presenting.get_request(created.request.id, actor=registry.operator)
            assert waiting.state is PresentationState.ANSWERED
            view = application.presenting.get_request(created.request.id, actor=registry.operator)
            assert view.state is PresentationState.VERIFIED
            assert view.result is not None
            assert view.result["verdict"] == "valid"
            with create_engine(settings.database_address).connect() as connection:
                kept = connection.execute(
                    text("SELECT presentation, encryption_key FROM presentation_request")
                ).all()
            assert kept == [(None, None)]
        finally:
            application.close()

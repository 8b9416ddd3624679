"""One application with a demo registry for all API tests, called in process."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry

BASE_URL = "http://127.0.0.1:8000"
MANY = 100_000
"""Verifications a minute: tests other than those of the limit must not meet it."""


@dataclass(frozen=True)
class Served:
    """A registry, the application that serves it, and what it has logged."""

    registry: DemoRegistry
    app: FastAPI
    client: TestClient
    log: io.StringIO

    def bearer(self, who: str) -> dict[str, str]:
        """The headers of `operator`, `body`, `provider` or `stranger`; of nobody for `anonymous`."""
        if who == "anonymous":
            return {}
        if who == "unknown key":
            return {"Authorization": "Bearer sk_" + "0" * 20 + "_" + "A" * 43}
        return {"Authorization": f"Bearer {getattr(self.registry, who + '_secret')}"}

    def log_lines(self) -> list[dict[str, Any]]:
        """What was logged so far."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served demo registry."""
    folder: Path = tmp_path_factory.mktemp("api")
    registry = build_demo_registry(folder, verifications_per_minute=MANY)
    log = io.StringIO()
    app = create_app(registry.application, log_stream=log)
    with TestClient(app, base_url=BASE_URL, raise_server_exceptions=False) as client:
        yield Served(registry, app, client, log)


@pytest.fixture(scope="session")
def credential(served: Served) -> bytes:
    """A credential of the accredited provider."""
    return served.registry.issue("api-tests").content


@pytest.fixture
def client(served: Served) -> TestClient:
    """A client of the served registry."""
    return served.client

"""The storages over which the contracts run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine, upgrade
from skillcred.services.ports import UnitOfWorkFactory
from worlds.in_memory import InMemoryStorage


@pytest.fixture(params=["in-memory", "sqlite", "postgresql"])
def units(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UnitOfWorkFactory]:
    if request.param == "in-memory":
        yield InMemoryStorage()
        return
    address = (
        f"sqlite:///{tmp_path / 'test.sqlite3'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    engine = build_engine(address)
    upgrade(engine)
    yield SqlUnitOfWorkFactory(engine)
    engine.dispose()

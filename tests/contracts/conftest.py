"""The storages over which the contracts run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.services.ports import UnitOfWorkFactory
from worlds.databases import upgrade_new
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
    upgrade_new(address)
    engine = build_engine(address)
    yield SqlUnitOfWorkFactory(engine)
    engine.dispose()

"""A running service with the demo registry, for tests that come in from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from skillcred.cli.demo.cast import Part, Player, engage
from skillcred.cli.demo.client import DemoClient
from skillcred.cli.demo.folder import DemoFolder
from skillcred.cli.demo.service_process import find_free_port, running_service
from skillcred.cli.demo.story import Told, tell
from worlds.browsing import running_browser
from worlds.commands import start_skillcred


@dataclass(frozen=True)
class DemoService:
    """The demo deployment while its service runs."""

    folder: DemoFolder
    players: Mapping[Part, Player]
    told: Told

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return self.folder.base_url

    def credential(self, file_name: str) -> bytes:
        """One of the credentials of the story."""
        return next(exhibit.content for exhibit in self.told.exhibits if exhibit.file_name == file_name)


@pytest.fixture(scope="session")
def demo_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoService]:
    """Started once for each test process."""
    folder = DemoFolder(tmp_path_factory.mktemp("demo-service"), f"http://127.0.0.1:{find_free_port()}")
    players = engage(folder.settings())
    with running_service(folder.base_url, folder.variables(), folder.root / "service.log", start_skillcred):
        with DemoClient(folder.base_url) as client:
            told = tell(client, players)
        yield DemoService(folder, players, told)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with running_browser() as chromium:
        yield chromium

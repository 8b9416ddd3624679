"""Fixtures that every test level shares."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import settings

from worlds.cheap_keys import CHEAP_SCRYPT_N, GENUINE_SCRYPT_N, protect_keys
from worlds.databases import (
    DEFAULT_POSTGRES_URL,
    PostgresMissingError,
    UpgradedDatabases,
    scratch_database,
)
from worlds.deployments import Deployment, running_deployment
from worlds.npm_clients import ClientMissingError, NpmWallet, installed_clients

PROJECT = Path(__file__).resolve().parents[1]

# No example is late on a busy machine: no test goes by the wall clock.
settings.register_profile(
    "unhurried", settings.get_profile(settings.get_current_profile_name()), deadline=None
)
settings.load_profile("unhurried")

protect_keys(CHEAP_SCRYPT_N)


def missing(reason: str) -> None:
    """Skip for `reason`; in CI, where everything must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def project_dir() -> Path:
    """The root of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of vectors and data of others, beside the checkout or where SKILLCRED_SHARED says."""
    folder = Path(os.environ.get("SKILLCRED_SHARED", PROJECT.parent / "shared"))
    if not (folder / "vectors").is_dir():
        missing("the shared vectors are not beside this checkout")
    return folder


@pytest.fixture
def protected_keys() -> Iterator[None]:
    """Keys at rest are protected as they are outside of tests."""
    protect_keys(GENUINE_SCRYPT_N)
    yield
    protect_keys(CHEAP_SCRYPT_N)


@pytest.fixture
def bare_postgres_url() -> Iterator[str]:
    """The URL of a database of this test's own on a real PostgreSQL server, without tables."""
    yield from _lent(scratch_database(_postgres_server()))


@pytest.fixture(scope="session")
def upgraded_databases() -> Iterator[UpgradedDatabases]:
    """Databases on a real PostgreSQL server with the newest tables, to be lent."""
    databases = UpgradedDatabases(_postgres_server())
    yield databases
    databases.close()


@pytest.fixture
def postgres_url(upgraded_databases: UpgradedDatabases) -> Iterator[str]:
    """The URL of a database on a real PostgreSQL server that this test has for itself, with the newest tables and
    nothing in them."""
    yield from _lent(upgraded_databases.lend())


@pytest.fixture(scope="module")
def module_postgres_url(upgraded_databases: UpgradedDatabases) -> Iterator[str]:
    """The same for the tests of one module together."""
    yield from _lent(upgraded_databases.lend())


def _postgres_server() -> str:
    return os.environ.get("SKILLCRED_TEST_POSTGRES_URL", DEFAULT_POSTGRES_URL)


def _lent(database: AbstractContextManager[str]) -> Iterator[str]:
    try:
        with database as url:
            yield url
    except PostgresMissingError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def npm_clients(shared_dir: Path) -> Path:
    """The folder with the clients of others that run on Node, installed. Our own contexts are there, too."""
    try:
        return installed_clients(shared_dir)
    except ClientMissingError as error:
        missing(str(error))
        raise


@pytest.fixture
def npm_wallet(npm_clients: Path, tmp_path: Path) -> Callable[..., NpmWallet]:
    """Makes wallets that nobody here wrote; each name is another person's, with keys and credentials of its own."""

    def make(name: str = "holder") -> NpmWallet:
        return NpmWallet(npm_clients, tmp_path / f"wallet-{name}" / "store.json")

    return make


@pytest.fixture(scope="session")
def sqlite_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A running service on SQLite with a small registry, shared by all tests of a process: they leave it as it is, but
    for what they add under names of their own."""
    with running_deployment(tmp_path_factory.mktemp("deployment")) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def postgresql_deployment(
    tmp_path_factory: pytest.TempPathFactory, upgraded_databases: UpgradedDatabases
) -> Iterator[Deployment]:
    """The same on PostgreSQL, answered by two processes in turn."""
    for url in _lent(upgraded_databases.lend()):
        with running_deployment(tmp_path_factory.mktemp("deployment"), url) as deployment:
            yield deployment


@pytest.fixture(params=["sqlite", "postgresql"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Both, one after the other."""
    found: Deployment = request.getfixturevalue(f"{request.param}_deployment")
    return found

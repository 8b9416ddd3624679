"""Fixtures that every test level shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from worlds.databases import DEFAULT_POSTGRES_URL, PostgresMissingError, scratch_database

PROJECT = Path(__file__).resolve().parents[1]


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
def postgres_url() -> Iterator[str]:
    """The URL of an empty database of this test's own on a real PostgreSQL server."""
    yield from _scratch_url()


@pytest.fixture(scope="module")
def module_postgres_url() -> Iterator[str]:
    """The URL of a database that the tests of one module share."""
    yield from _scratch_url()


def _scratch_url() -> Iterator[str]:
    server = os.environ.get("SKILLCRED_TEST_POSTGRES_URL", DEFAULT_POSTGRES_URL)
    try:
        with scratch_database(server) as url:
            yield url
    except PostgresMissingError as error:
        missing(str(error))

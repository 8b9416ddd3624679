"""Fixtures that every test level shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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

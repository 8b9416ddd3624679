"""Where the files live that are shipped beside the code: schemas, contexts of our own, migrations."""

from __future__ import annotations

from pathlib import Path

from skillcred.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent


def shipped_path(relative: str) -> Path:
    """The path of a shipped file or folder, in an installed wheel or in a checkout.

    `relative` starts with `schemas/` or `alembic`. Raises `ConfigurationError` if it is not there.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parents[1]):
        path = root / relative
        if path.exists():
            return path
    raise ConfigurationError(f"The installation lacks {relative}.", code="installation_incomplete")

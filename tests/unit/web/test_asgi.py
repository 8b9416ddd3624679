"""How many processes verify beside a serving one, if nobody says."""

from __future__ import annotations

import pytest

from skillcred.settings import Settings
from skillcred.web import asgi

POSTGRESQL = "postgresql://skillcred@db.example/skillcred"


@pytest.mark.parametrize(
    ("cores", "database", "asked", "count"),
    [
        pytest.param(1, None, None, 0, id="one core"),
        pytest.param(2, None, None, 1, id="two cores"),
        pytest.param(64, None, None, asgi.MAX_UNASKED, id="many cores"),
        pytest.param(8, POSTGRESQL, None, 0, id="where several serve"),
        pytest.param(8, POSTGRESQL, 3, 3, id="asked for"),
        pytest.param(8, None, 0, 0, id="not wanted"),
    ],
)
def test_processes_beside(
    cores: int, database: str | None, asked: int | None, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "usable_cores", lambda: cores)
    settings = Settings.model_validate({"database_url": database, "verification_processes": asked})
    assert asgi.count_processes(settings) == count

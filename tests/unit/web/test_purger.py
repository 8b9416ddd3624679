"""The loop that forgets what was presented (SECURITY PR-07)."""

from __future__ import annotations

import threading
from typing import Any

from skillcred.errors import UnavailableError
from skillcred.services.purge_presentations import PRESENTATION_RETENTION, Purged
from skillcred.web.purger import PURGE_EVERY_SECONDS, purging


def test_it_goes_on_after_a_fault_and_ends_with_the_server() -> None:
    lines: list[tuple[str, dict[str, Any]]] = []
    outcomes = [UnavailableError("The database is away."), Purged(1, 2, 0), Purged(0, 0, 0)]
    passed = threading.Event()
    calls = 0

    def purge() -> Purged:
        nonlocal calls
        outcome = outcomes[min(calls, 2)]
        calls += 1
        if calls > 2:
            passed.set()
        if isinstance(outcome, UnavailableError):
            raise outcome
        return outcome

    def log(event: str, **members: Any) -> None:
        lines.append((event, members))

    others = set(threading.enumerate())
    with purging(purge, lambda: 0, lambda: 1, log, every=0.01):  # type: ignore[arg-type]
        assert passed.wait(30)
    ended = calls
    assert [event for event, _ in lines[:3]] == [
        "presentation_purge_fault",
        "presentations_purged",
        "case_evidence_erased",
    ]
    assert lines[1][1] == {"expired": 1, "forgotten": 2, "deleted": 0}
    assert not any(thread.name == "presentation-purger" for thread in set(threading.enumerate()) - others)
    assert calls == ended


def test_it_looks_often_enough() -> None:
    """What was left behind is gone at the latest after 15 minutes and one round."""
    assert PURGE_EVERY_SECONDS <= 60 < PRESENTATION_RETENTION.total_seconds()

"""A minute's share at once, then evenly (SECURITY W-19)."""

from __future__ import annotations

import pytest

from skillcred.web import rate_limit as module
from skillcred.web.rate_limit import Allowance


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("per_minute", [1, 3, 7, 60, 1_000, 100_000])
def test_exactly_a_minutes_share_at_once(per_minute: int) -> None:
    allowance = Allowance(per_minute, Clock())
    assert all(allowance.take("a") == 0 for _ in range(per_minute))
    assert 0 < allowance.take("a") <= 60
    assert allowance.take("b") == 0, "another caller has a share of its own"


def test_what_was_waited_for_is_given_and_refusals_cost_nothing() -> None:
    clock = Clock()
    allowance = Allowance(6, clock)
    for _ in range(6):
        allowance.take("a")
    wait = allowance.take("a")
    for _ in range(100):
        assert allowance.take("a") == wait
    clock.now += wait + 0.001
    assert allowance.take("a") == 0
    assert allowance.take("a") > 0


@pytest.mark.parametrize("seconds", [60, 3600])
def test_no_more_than_twice_the_share_in_any_minute(seconds: int) -> None:
    clock = Clock()
    allowance = Allowance(10, clock)
    given = []
    for _ in range(seconds * 4):
        clock.now += 0.25
        if allowance.take("a") == 0:
            given.append(clock.now)
    assert len(given) <= 10 + seconds / 6 + 1
    assert all(sum(1 for then in given if start <= then < start + 60) <= 20 for start in given)


def test_callers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CALLERS", 2)
    allowance = Allowance(1, Clock())
    assert [allowance.take(caller) for caller in "abc"] == [0, 0, 0]
    assert allowance.take("c") > 0
    assert allowance.take("a") == 0, "the one who asked longest ago was forgotten"

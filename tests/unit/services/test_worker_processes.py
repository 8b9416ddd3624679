"""Batches and answers between processes: all of them, as they are, whatever their size."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator

from skillcred.services.worker_processes import BATCHES_AHEAD, PIPE_BYTES, Answer, Batch, answers_in_order
from skillcred.verification import Evidence
from worlds.echo import echo
from worlds.pure_world import PureWorld

ONE = PureWorld().evidence()
OTHER = Evidence()


def test_answers_come_in_order_where_neither_batch_nor_answer_fits_into_a_pipe() -> None:
    taken = 0

    def batches() -> Iterator[Batch]:
        nonlocal taken
        for taken in range(1, 31):
            size = (PIPE_BYTES, 0, 100)[taken % 3]
            yield [(bytes([taken]) * size, ONE, "a/b"), (b"", ONE, ""), (bytes(size), OTHER, "c/d")]

    given: list[Answer | None] = []
    for answer in answers_in_order(echo, batches(), 2):
        given.append(answer)
        assert taken <= len(given) + 2 * BATCHES_AHEAD, "more was read than is worked on"
    assert given == [echo(batch) for batch in batches()]
    assert not multiprocessing.active_children()


def test_a_fault_comes_with_the_reports_before_it() -> None:
    (answer,) = answers_in_order(echo, iter([[(b"1", ONE, "a/b"), (b"fail", ONE, "a/b")]]), 1)
    assert answer is not None
    assert len(answer[0]) == 2
    assert repr(answer[1]) == "ValueError('told to')"


def test_what_is_before_a_lost_answer_is_given_even_if_it_is_done_later() -> None:
    contents = [b"x" * (8 * PIPE_BYTES), b"die", b"never", b"never"]
    batches = iter([[(content, ONE, "a/b")] for content in contents])
    first, lost = answers_in_order(echo, batches, 2)
    assert first is not None
    assert lost is None
    assert not multiprocessing.active_children()

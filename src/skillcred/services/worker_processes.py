"""Processes that work on batches of documents for `verify_many`, and how they are spoken to.

Batches go to each over one pipe, and its answers come in the same order over another. Documents and reports pass as
bytes behind a pickled head that says how long each is; inside a pickle they would be copied several times. Evidence
goes over once as long as the documents have the same. This process never waits for a worker to read, since that one
may be waiting for its answer to be read.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import pickle
import selectors
import signal
import struct
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from typing import Any, Final

from skillcred.services.warm_up import warm_up
from skillcred.verification import Evidence

BATCHES_AHEAD: Final = 3
"""Batches for each worker that are under way or done and not yet taken; bounds what is in memory."""
UNANSWERED: Final = 2
"""Batches that a worker has at most: one to work on, and the next. Who is done gets more."""
PIPE_BYTES: Final = 512 * 1024
"""Room in a pipe, for as much as 64 reports on a badge. Linux gives a user 64 MiB for all pipes; what does not fit
passes in pieces."""

Batch = list[tuple[bytes, Evidence, str]]
"""Documents with their evidence and media types."""
Answer = tuple[list[tuple[str, str, bytes]], Exception | None]
"""Verdict, reason and content of each report on a batch, and the fault that came instead of the next."""
Work = Callable[[Batch], Answer]

_LENGTHS: Final = struct.Struct("!QQ")
"""Before each message: the lengths of its head and of all contents, in bytes."""


def answers_in_order(
    work: Work, batches: Iterator[Batch], count: int
) -> Generator[Answer | None, None, None]:
    """What `work` answers to each of `batches`, in their order, done by `count` processes.

    `None`, and nothing after it, stands for an answer that was lost because a process died.
    """
    with ExitStack() as at_end:
        workers: list[_Worker] = []
        for _ in range(count):
            workers.append(_Worker(work))
            at_end.callback(workers[-1].end)
        under_way: deque[_Worker] = deque()
        while True:
            while len(under_way) < BATCHES_AHEAD * count:
                worker = min(workers, key=lambda each: each.unanswered)
                if worker.unanswered == UNANSWERED or (batch := next(batches, None)) is None:
                    break
                worker.hand_over(batch)
                under_way.append(worker)
            if not under_way:
                return
            if under_way[0].answers:
                yield under_way.popleft().answers.popleft()
            elif under_way[0].lost:
                yield None
                return
            else:
                _exchange(workers)


def _exchange(workers: Iterable[_Worker]) -> None:
    """Wait until one answers, or died, or has room for more of what it was handed."""
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            if not worker.lost:
                selector.register(worker.incoming, selectors.EVENT_READ, worker.take_answer)
            if worker.unsent:
                selector.register(worker.outgoing, selectors.EVENT_WRITE, worker.send)
        for key, _ in selector.select():
            key.data()


class _Worker:
    """A process, what it has answered, and how many batches it has still to answer."""

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")
        batches, self.outgoing = _pipe()
        self.incoming, answers = _pipe()
        os.set_blocking(self.outgoing.fileno(), False)
        self.unsent = memoryview(b"")
        self.answers: deque[Answer] = deque()
        self.unanswered = 0
        self.lost = False
        self._evidence: Evidence | None = None
        with batches, answers:
            self._process = context.Process(target=_run, args=(work, batches, answers), daemon=True)
            self._process.start()

    def hand_over(self, batch: Batch) -> None:
        """Send as much of it as there is room for."""
        heads: list[tuple[Evidence | None, str]] = []
        for _, evidence, media_type in batch:
            heads.append((None if evidence is self._evidence else evidence, media_type))
            self._evidence = evidence
        self.unsent = memoryview(bytes(self.unsent) + _encode(heads, [content for content, _, _ in batch]))
        self.unanswered += 1
        self.send()

    def send(self) -> None:
        """Send what is left, as far as there is room for it now."""
        try:
            with suppress(BlockingIOError):
                self.unsent = self.unsent[os.write(self.outgoing.fileno(), self.unsent) :]
        except BrokenPipeError:
            self.unsent = memoryview(b"")  # it died; what it said before is still to be read

    def take_answer(self) -> None:
        """Read the answer that it has begun to send, or that it died."""
        try:
            (codes, fault), contents = _receive(self.incoming)
        except EOFError:
            self.lost = True
            return
        reports = [(*each, content) for each, content in zip(codes, contents, strict=True)]
        self.answers.append((reports, fault))
        self.unanswered -= 1

    def end(self) -> None:
        """End the process, whatever it does. It has nothing to put away."""
        self._process.kill()
        self._process.join()
        self.incoming.close()
        self.outgoing.close()


def _pipe() -> tuple[Connection, Connection]:
    """Both ends, the one to read from first."""
    ends = multiprocessing.Pipe(duplex=False)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # where there is less to be had, the usual 64 KiB do
            fcntl.fcntl(ends[0].fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return ends


def _run(work: Work, batches: Connection, answers: Connection) -> None:
    """What a worker does, until the other process closes its pipes or ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all processes; the other decides
    warm_up()
    evidence: Any = None
    with suppress(EOFError, BrokenPipeError):
        while True:
            heads, contents = _receive(batches)
            batch: Batch = []
            for (new, media_type), content in zip(heads, contents, strict=True):
                evidence = evidence if new is None else new
                batch.append((content, evidence, media_type))
            reports, fault = work(batch)
            message = _encode(([report[:2] for report in reports], fault), [report[2] for report in reports])
            rest = memoryview(message)
            while rest:
                rest = rest[os.write(answers.fileno(), rest) :]


def _encode(head: object, contents: list[bytes]) -> bytes:
    lengths = [len(content) for content in contents]
    pickled = pickle.dumps((head, lengths), pickle.HIGHEST_PROTOCOL)
    return b"".join((_LENGTHS.pack(len(pickled), sum(lengths)), pickled, *contents))


def _receive(connection: Connection) -> tuple[Any, list[bytes]]:
    """What `_encode` was given. Raises `EOFError` if the other side is closed."""
    head_length, length = _LENGTHS.unpack(_read(connection, _LENGTHS.size))
    head, lengths = pickle.loads(_read(connection, head_length))  # noqa: S301 - of our own processes
    body = _read(connection, length)
    contents: list[bytes] = []
    start = 0
    for each in lengths:
        contents.append(bytes(body[start : start + each]))
        start += each
    return head, contents


def _read(connection: Connection, length: int) -> memoryview:
    result = rest = memoryview(bytearray(length))
    while rest:
        count = os.readv(connection.fileno(), [rest])
        if not count:
            raise EOFError
        rest = rest[count:]
    return result

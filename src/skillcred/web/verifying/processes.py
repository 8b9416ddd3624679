"""The processes that verify beside a serving process, seen from the latter (docs/adr/0037-verification-beside.md).

The event loop of the serving process only carries bytes to and fro, so that a document that is made to be expensive
holds up one of several processes that do nothing else, and all cores verify. All here runs in the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Final

from skillcred.errors import UnavailableError
from skillcred.services.snapshot_ports import OwnEvidence
from skillcred.services.verify_document import PreparedVerification
from skillcred.settings import environment_without_settings
from skillcred.web.logs import Log, describe_fault
from skillcred.web.verifying.frames import Answer, FrameError, Kind, Order, decode_answer, encode_order

WORKER: Final = "skillcred.web.verifying.worker"
MAX_HELD: Final = 4_096
MAX_HELD_BYTES: Final = 64 * 1024 * 1024
"""Most evidence that a process is given to keep, in pieces and in bytes; what was used longest ago is taken back."""
STALL_SECONDS: Final = 30.0
"""How long a process may say nothing while it has orders, before it is ended. Canonicalisation has a work limit of a
quarter of a second."""
LOOK_EVERY_SECONDS: Final = 5.0
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 60.0
"""Before a process that ended is started again: twice as long each time, as long as none stays."""


class VerificationLostError(UnavailableError):
    """The process that verified this document ended, perhaps because of it; so it is not tried again here."""

    default_code = "verification_lost"

    def __init__(self) -> None:
        super().__init__("The verification of this document was interrupted.")


class _Evidence:
    """What one process holds, by numbers. Evidence is told apart as an object: what is in memory here stays the same
    object until it is made anew."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, OwnEvidence]] = {}
        self._bytes = 0
        self._next = 0

    def build_order(self, prepared: PreparedVerification) -> Order:
        """The order, with all that the process has not seen, and what it may forget."""
        known = self._known
        new: list[tuple[int, OwnEvidence]] = []
        used: list[int] = []
        for own in prepared.held:
            held = known.pop(id(own), None)
            if held is None:
                held = (self._next, own)
                self._next += 1
                self._bytes += len(own.content)
                new.append(held)
            known[id(own)] = held
            used.append(held[0])
        gone: list[int] = []
        while len(known) > len(used) and (len(known) > MAX_HELD or self._bytes > MAX_HELD_BYTES):
            number, own = known.pop(next(iter(known)))
            self._bytes -= len(own.content)
            gone.append(number)
        return Order(prepared.content, prepared.media_type, prepared.at, tuple(new), tuple(used), tuple(gone))


class _Connection(asyncio.Protocol):
    """One process that verifies, and what was asked of it, in order."""

    def __init__(self, process: subprocess.Popen[bytes], when_lost: Callable[[_Connection], None]) -> None:
        self.process = process
        self.ready = False
        self.waiting: deque[asyncio.Future[Answer | None]] = deque()
        self.heard_at = 0.0
        """When it last said something, or was asked something while it had nothing to do, by the clock of the loop."""
        self._loop = asyncio.get_running_loop()
        self._when_lost = when_lost
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._evidence = _Evidence()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket can be used."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def ask(self, prepared: PreparedVerification) -> asyncio.Future[Answer | None]:
        """Hand one over. `None` comes back if the process ended before it came to it."""
        future: asyncio.Future[Answer | None] = self._loop.create_future()
        if self._transport is None or self._transport.is_closing():
            future.set_result(None)
            return future
        if not self.waiting:
            self.heard_at = self._loop.time()
        self.waiting.append(future)
        self._transport.write(encode_order(self._evidence.build_order(prepared)))
        return future

    def data_received(self, data: bytes) -> None:
        """Answers come in the order of what was asked."""
        self.heard_at = self._loop.time()
        self._received += data
        try:
            while (answer := decode_answer(self._received)) is not None:
                if answer.kind is Kind.READY:
                    self.ready = True
                    continue
                future = self.waiting.popleft()
                if not future.done():  # whoever asked may have gone
                    future.set_result(answer)
        except (FrameError, IndexError):
            self.end()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended says the exit code
        """The first that waits may be why; the others are verified elsewhere."""
        self.ready = False
        for place, future in enumerate(self.waiting):
            if future.done():
                continue
            if place:
                future.set_result(None)
            else:
                future.set_exception(VerificationLostError())
        self.waiting.clear()
        self._when_lost(self)

    def end(self) -> None:
        """End the process. It has nothing to put away."""
        self.process.kill()
        if self._transport is not None:
            self._transport.abort()


class VerificationProcesses:
    """`count` processes. Those that end are started again, with growing pauses if they do not stay."""

    def __init__(self, count: int, log: Log) -> None:
        self._count = count
        self._log = log
        self._connections: list[_Connection] = []
        self._pause = FIRST_PAUSE_SECONDS
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = False

    @property
    def ready(self) -> int:
        """How many take orders now."""
        return sum(connection.ready for connection in self._connections)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Those that run, in the order in which they were started."""
        return tuple(connection.process.pid for connection in self._connections)

    def ask(self, prepared: PreparedVerification) -> asyncio.Future[Answer | None] | None:
        """What one of them answers, the one with the least to do; `None`, now or as the result, if none can.

        The future raises `VerificationLostError`.
        """
        best = None
        for connection in self._connections:
            if connection.ready and (best is None or len(connection.waiting) < len(best.waiting)):
                best = connection
        return None if best is None else best.ask(prepared)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While it is open the processes run. Raises `OSError` if one cannot be started at first."""
        self._open = True
        try:
            for _ in range(self._count):
                await self._start()
            if self._count:
                self._keep(self._watch())
            yield
        finally:
            self._open = False
            for task in list(self._tasks):
                task.cancel()
            connections = list(self._connections)
            for connection in connections:
                connection.end()
            for connection in connections:
                await asyncio.to_thread(connection.process.wait)

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as not_started, theirs:
            not_started.callback(ours.close)
            process = subprocess.Popen(  # noqa: S603 - our own program; starting one takes a millisecond
                [sys.executable, "-m", WORKER, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=environment_without_settings(),
            )
            not_started.pop_all()
        connection = _Connection(process, self._lost)
        self._connections.append(connection)
        await asyncio.get_running_loop().create_unix_connection(lambda: connection, sock=ours)

    def _lost(self, connection: _Connection) -> None:
        if self._open:
            self._connections.remove(connection)
            self._keep(self._replace(connection.process))

    async def _replace(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        code = await asyncio.to_thread(process.wait)
        self._log("verification_process_ended", exit_code=code)
        while True:
            pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)
            try:
                return await self._start()
            except OSError as fault:
                self._log("verification_process_not_started", **describe_fault(fault))

    async def _watch(self) -> None:
        """End what is silent, and forget earlier ends where all is well."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            now = asyncio.get_running_loop().time()
            for connection in list(self._connections):
                if connection.waiting and now - connection.heard_at > STALL_SECONDS:
                    self._log("verification_process_stalled")
                    connection.end()
            if self.ready == self._count:
                self._pause = FIRST_PAUSE_SECONDS

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

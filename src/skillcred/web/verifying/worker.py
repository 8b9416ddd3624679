"""A process that verifies: reads orders, runs the pure function, writes answers. Started by `processes.py` as
`python -m skillcred.web.verifying.worker DESCRIPTOR`.

It has no settings, no database, no keys and no network of its own. It ends when the other side of its socket is closed,
however that came about, and not by the signals that a terminal or a service manager sends to all processes of the
service: the serving process waits for what is under way.
"""

from __future__ import annotations

import signal
import socket
import sys
from typing import BinaryIO

from skillcred.adapters.metrics import road_of
from skillcred.services.report_bytes import encode_report
from skillcred.services.snapshot_ports import OwnEvidence
from skillcred.services.verify_document import PreparedVerification, verify_prepared
from skillcred.services.warm_up import warm_up
from skillcred.web.verifying.frames import (
    LENGTH,
    Answer,
    Kind,
    Order,
    decode_order,
    encode_answer,
)


class Worker:
    """What is kept from order to order: the evidence that was handed over."""

    def __init__(self) -> None:
        self._held: dict[int, OwnEvidence] = {}

    def answer(self, order: Order) -> Answer:
        """Verify."""
        for number in order.gone:
            self._held.pop(number, None)
        self._held.update(order.new)
        held = tuple([self._held[number] for number in order.used])
        prepared = PreparedVerification(order.content, order.media_type, order.at, held)
        try:
            report = verify_prepared(prepared)
            if report is None:
                return Answer(Kind.NOT_AT_ONCE)
            return Answer(Kind.REPORT, report.verdict, road_of(report), encode_report(report))
        except Exception:  # noqa: BLE001 - met again, and told, where the serving process verifies by itself
            return Answer(Kind.FAULT)


def work(connection: socket.socket) -> None:
    """Answer until the other side closes."""
    worker = Worker()
    connection.sendall(encode_answer(Answer(Kind.READY)))
    with connection.makefile("rb") as incoming:
        while body := _read(incoming):
            connection.sendall(encode_answer(worker.answer(decode_order(body))))


def _read(incoming: BinaryIO) -> bytes:
    """The next order, empty at the end."""
    length = incoming.read(LENGTH.size)
    return incoming.read(LENGTH.unpack(length)[0]) if len(length) == LENGTH.size else b""


def main() -> None:
    """Serve the socket that was inherited under the number given."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        warm_up()
        try:
            work(connection)
        except (BrokenPipeError, ConnectionResetError):
            return  # nobody waits for the answer any more


if __name__ == "__main__":
    main()

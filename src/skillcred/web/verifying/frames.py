"""What passes between a serving process and one that verifies for it, over a pair of sockets.

Orders are pickled: they come from the process that started the other, and hold what it holds in memory anyway. Answers
are not: who verifies reads what strangers hand in, so nothing that it says is ever run. Each is a head of fixed length
and bytes.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from skillcred.adapters.metrics import ROADS
from skillcred.errors import IntegrityError
from skillcred.model.outcomes import Verdict
from skillcred.services.snapshot_ports import OwnEvidence

LENGTH: Final = struct.Struct("!I")
"""Before each order: its length in bytes."""
HEAD: Final = struct.Struct("!BBBI")
"""Before each answer: its kind, places of verdict and road, and the length of the report in bytes."""
MAX_REPORT_BYTES: Final = 16 * 1024 * 1024
VERDICTS: Final = tuple(Verdict)


class FrameError(IntegrityError):
    """What came from the other process is no answer."""

    default_code = "broken_frame"


class Kind(IntEnum):
    """What an answer is."""

    READY = 0
    """The process has loaded all that it needs."""
    REPORT = 1
    NOT_AT_ONCE = 2
    """Something has to be fetched for it, or it is a presentation."""
    FAULT = 3
    """It ended in a fault, which the serving process will meet, and tell, when it verifies itself."""


@dataclass(frozen=True, slots=True)
class Order:
    """One credential to verify. Evidence goes over once and has a number from then on: `new` is what the other has not
    seen, `used` the numbers of what this verification is given, `gone` the numbers that will not come again."""

    content: bytes
    media_type: str
    at: datetime
    new: tuple[tuple[int, OwnEvidence], ...]
    used: tuple[int, ...]
    gone: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The report as JSON in UTF-8, with what is counted of it; empty unless it is a report."""

    kind: Kind
    verdict: Verdict = Verdict.INDETERMINATE
    road: str = "none"
    report: bytes = b""


def encode_order(order: Order) -> bytes:
    """The order with its length."""
    body = pickle.dumps(
        (order.content, order.media_type, order.at, order.new, order.used, order.gone),
        pickle.HIGHEST_PROTOCOL,
    )
    return LENGTH.pack(len(body)) + body


def decode_order(body: bytes) -> Order:
    """What `encode_order` wrote, without the length."""
    return Order(*pickle.loads(body))  # noqa: S301 - of the process that started this one


def encode_answer(answer: Answer) -> bytes:
    """The answer with its head."""
    head = HEAD.pack(
        answer.kind, VERDICTS.index(answer.verdict), ROADS.index(answer.road), len(answer.report)
    )
    return head + answer.report


def decode_answer(received: bytearray) -> Answer | None:
    """Take the first answer out of what was received; `None` if it is not whole yet. Raises `FrameError`."""
    if len(received) < HEAD.size:
        return None
    kind, verdict, road, length = HEAD.unpack_from(received)
    if kind >= len(Kind) or verdict >= len(VERDICTS) or road >= len(ROADS) or length > MAX_REPORT_BYTES:
        raise FrameError("The process that verifies said something that is no answer.")
    end = HEAD.size + length
    if len(received) < end:
        return None
    report = bytes(received[HEAD.size : end])
    del received[:end]
    return Answer(Kind(kind), VERDICTS[verdict], ROADS[road], report)

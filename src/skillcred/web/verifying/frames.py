"""What passes between a serving process and one that verifies for it, over a pair of sockets.

Orders and answers are a head of fixed length and bytes. Only evidence that goes over for the first time is pickled: it
comes from the process that started the other. Nothing in an answer is: who verifies reads what strangers hand in, so
nothing that it says is ever run.
"""

from __future__ import annotations

import pickle
import struct
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple

from skillcred.adapters.metrics import ROADS
from skillcred.errors import IntegrityError
from skillcred.model.outcomes import Verdict
from skillcred.services.snapshot_ports import OwnEvidence

LENGTH: Final = struct.Struct("!I")
"""Before each order: its length in bytes."""
ORDER_HEAD: Final = struct.Struct("!qIIHH")
"""Of an order: the instant, in microseconds since 1970; the lengths of content, pickled evidence and media type in
bytes; and how many numbers of 4 bytes follow."""
HEAD: Final = struct.Struct("!BBBI")
"""Before each answer: its kind, places of verdict and road, and the length of the report in bytes."""
MAX_REPORT_BYTES: Final = 16 * 1024 * 1024
VERDICTS: Final = tuple(Verdict)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


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


KINDS: Final = tuple(Kind)


class Order(NamedTuple):
    """One credential to verify. Evidence goes over once and has a number from then on: `new` is what the other has not
    seen, `used` the numbers of what this verification is given, `gone` the numbers that will not come again."""

    content: bytes
    media_type: str
    at: datetime
    new: tuple[tuple[int, OwnEvidence], ...]
    used: tuple[int, ...]
    gone: tuple[int, ...]


class Answer(NamedTuple):
    """The report as JSON in UTF-8, with what is counted of it; empty unless it is a report."""

    kind: Kind
    verdict: Verdict = Verdict.INDETERMINATE
    road: str = "none"
    report: bytes = b""


def encode_order(order: Order) -> bytes:
    """The order with its length."""
    content, media_type, at, new, used, gone = order
    kind = media_type.encode()
    changes = pickle.dumps((new, gone), pickle.HIGHEST_PROTOCOL) if new or gone else b""
    head = ORDER_HEAD.pack((at - _EPOCH) // _MICROSECOND, len(content), len(changes), len(kind), len(used))
    numbers = struct.pack(f"!{len(used)}I", *used)
    body = b"".join((head, numbers, kind, content, changes))
    return LENGTH.pack(len(body)) + body


def decode_order(body: bytes) -> Order:
    """What `encode_order` wrote, without the length."""
    microseconds, content_length, changes_length, kind_length, count = ORDER_HEAD.unpack_from(body)
    used = struct.unpack_from(f"!{count}I", body, ORDER_HEAD.size)
    start = ORDER_HEAD.size + 4 * count
    middle = start + kind_length
    end = middle + content_length
    new: tuple[tuple[int, OwnEvidence], ...] = ()
    gone: tuple[int, ...] = ()
    if changes_length:
        new, gone = pickle.loads(body[end:])  # noqa: S301 - of the process that started this one
    at = _EPOCH + timedelta(microseconds=microseconds)
    return Order(body[middle:end], body[start:middle].decode(), at, new, used, gone)


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
    if kind >= len(KINDS) or verdict >= len(VERDICTS) or road >= len(ROADS) or length > MAX_REPORT_BYTES:
        raise FrameError("The process that verifies said something that is no answer.")
    end = HEAD.size + length
    if len(received) < end:
        return None
    report = bytes(received[HEAD.size : end])
    del received[:end]
    return Answer(KINDS[kind], VERDICTS[verdict], ROADS[road], report)

"""Host names to addresses, once for each fetch, within its deadline."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Final

from skillcred.adapters.fetch.address_policy import IPAddress
from skillcred.adapters.fetch.fetch_error import Deadline, FetchError

Resolver = Callable[[str, Deadline], Sequence[IPAddress]]
"""All addresses of a host name. Raises `FetchError` (`dns_failed`, `timeout`)."""

MAX_LOOKUPS: Final = 16
"""Lookups under way at one time. The system's resolver cannot be interrupted, so one that hangs keeps its
thread; with more than these no new one is begun."""

_free: Final = threading.BoundedSemaphore(MAX_LOOKUPS)


def resolve_host(host: str, deadline: Deadline) -> Sequence[IPAddress]:
    """The addresses of `host` by the system's resolver; see `Resolver`."""
    if not _free.acquire(timeout=deadline.remaining()):
        raise FetchError("Too many names are being looked up.", code="dns_failed")
    answers: queue.SimpleQueue[Sequence[IPAddress] | OSError | UnicodeError] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=(host, answers), daemon=True, name="skillcred-dns").start()
    try:
        answer = answers.get(timeout=deadline.remaining())
    except queue.Empty as error:
        raise FetchError("The name was not resolved in time.", code="timeout") from error
    if isinstance(answer, OSError | UnicodeError):
        raise FetchError("The name does not resolve.", code="dns_failed") from answer
    return answer


def _look_up(host: str, answers: queue.SimpleQueue[Sequence[IPAddress] | OSError | UnicodeError]) -> None:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        answers.put(list(dict.fromkeys(ip_address(item[4][0]) for item in found)))
    except (OSError, UnicodeError) as error:
        answers.put(error)
    finally:
        _free.release()

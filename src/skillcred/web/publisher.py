"""The loop that publishes status lists beside the requests of a serving process.

Requests do not need it: a list is published when it is asked for and lacks an event. The loop is for those who keep
copies, and so that a list does not end unnoticed. Every process may run it, because publishing is safe with several.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from skillcred.services.publish_due_lists import PublishDueLists
from skillcred.web.logs import Log, describe_fault

STOP_SECONDS: Final = 5
"""How long a stopping process waits for the list that is just being published; the next one goes on with it."""


@contextmanager
def publishing(publish: PublishDueLists, interval_seconds: float, log: Log) -> Iterator[None]:
    """Runs `publish` at once and then every `interval_seconds`, until the context ends; never for 0."""
    if interval_seconds <= 0:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(
        target=_repeat, args=(publish, interval_seconds, log, stop), name="status-publisher", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)


def _repeat(publish: PublishDueLists, interval_seconds: float, log: Log, stop: threading.Event) -> None:
    while True:
        try:
            done = publish()
            if done.published:
                log("status_lists_published", count=len(done.published))
            for failure in done.failed:
                log("status_list_not_published", list=failure.list_id, view=failure.view, code=failure.code)
        except Exception as fault:  # noqa: BLE001 - the edge: a loop that ends here would leave revocations untold
            log("status_publisher_fault", **describe_fault(fault))
        if stop.wait(interval_seconds):
            return

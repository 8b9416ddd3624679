"""The loop that brings the copy of a published registry up to date beside the requests of a serving process.

Requests never wait for it: they use the copy that is there until its signatures run out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from skillcred.services.registry_copy import UpdateRegistryCopy
from skillcred.web.logs import Log, describe_fault

STOP_SECONDS: Final = 5
"""How long a stopping process waits for an update that is under way; a copy is never half replaced."""


@contextmanager
def updating_registry(update: UpdateRegistryCopy, interval_seconds: float, log: Log) -> Iterator[None]:
    """Runs `update` at once and then every `interval_seconds`, until the context ends; never for 0, or where no
    registry is copied."""
    if interval_seconds <= 0 or update.store is None:
        yield
        return
    stop = threading.Event()

    def work() -> None:
        while True:
            try:
                info = update().info
                log("registry_copy_updated", version=info.timestamp_version)
            except Exception as fault:  # noqa: BLE001 - the edge: a loop that ends here would let the copy run out
                log("registry_copy_not_updated", **describe_fault(fault))
            if stop.wait(interval_seconds):
                return

    thread = threading.Thread(target=work, name="registry-updater", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)

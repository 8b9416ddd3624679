"""A serving process looks now and then for batches of status changes that nobody works on: those of a process that
died, and those that were started on the command line and interrupted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from skillcred.errors import SkillcredError
from skillcred.services.run_status_batches import RunStatusBatches
from skillcred.web.logs import Log, describe_fault

LOOK_EVERY_SECONDS: Final = 30.0
JOIN_SECONDS: Final = 10.0


@contextmanager
def batch_worker(run: RunStatusBatches, log: Log, *, every: float = LOOK_EVERY_SECONDS) -> Iterator[None]:
    """While it is open, waiting batches are carried out in a thread of their own. A fault is logged, and what was not
    done waits for the next look. Closing it ends after the chunk that is under way."""

    def work() -> None:
        while not run.stopping.is_set():
            try:
                run()
            except SkillcredError as fault:
                log("status_batch_interrupted", **describe_fault(fault))
            run.stopping.wait(every)

    thread = threading.Thread(target=work, name="status-batches", daemon=True)
    thread.start()
    try:
        yield
    finally:
        run.stop()
        thread.join(JOIN_SECONDS)

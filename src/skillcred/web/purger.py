"""The loop that forgets what was presented (SECURITY PR-07) and what wallets left behind, beside the requests of a
serving process.

Every process may run it, because forgetting twice is forgetting once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from skillcred.errors import SkillcredError
from skillcred.services.forget_wallet_traces import ForgetWalletTraces
from skillcred.services.purge_presentations import PurgePresentations
from skillcred.web.logs import Log, describe_fault

PURGE_EVERY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 5


@contextmanager
def purging(
    purge: PurgePresentations,
    forget_traces: ForgetWalletTraces,
    log: Log,
    *,
    every: float = PURGE_EVERY_SECONDS,
) -> Iterator[None]:
    """Runs `purge` and `forget_traces` now and then until the context ends. A fault is logged, and the next round does
    what is due."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(every):
            try:
                purged = purge()
                if purged.expired or purged.forgotten or purged.deleted:
                    log(
                        "presentations_purged",
                        expired=purged.expired,
                        forgotten=purged.forgotten,
                        deleted=purged.deleted,
                    )
                forgotten = forget_traces()
                if forgotten:
                    log("wallet_traces_forgotten", count=forgotten)
            except SkillcredError as fault:
                log("presentation_purge_fault", **describe_fault(fault))

    thread = threading.Thread(target=work, name="presentation-purger", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)

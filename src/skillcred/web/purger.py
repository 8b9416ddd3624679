"""The loop that forgets what was presented (SECURITY PR-07), what wallets left behind and what was handed in with
closed cases, beside the requests of a serving process.

Every process may run it, because forgetting twice is forgetting once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from skillcred.errors import SkillcredError
from skillcred.services.erase_case_evidence import EraseCaseEvidence
from skillcred.services.forget_wallet_traces import ForgetWalletTraces
from skillcred.services.purge_presentations import PurgePresentations
from skillcred.web.logs import Log, describe_fault

PURGE_EVERY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 5


@contextmanager
def purging(
    purge: PurgePresentations,
    forget_traces: ForgetWalletTraces,
    erase_evidence: EraseCaseEvidence,
    log: Log,
    *,
    every: float = PURGE_EVERY_SECONDS,
) -> Iterator[None]:
    """Runs `purge`, `forget_traces` and `erase_evidence` now and then until the context ends. A fault is logged, and
    the next round does what is due."""
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
                erased = erase_evidence()
                if erased:
                    log("case_evidence_erased", count=erased)
            except SkillcredError as fault:
                log("presentation_purge_fault", **describe_fault(fault))

    thread = threading.Thread(target=work, name="presentation-purger", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)

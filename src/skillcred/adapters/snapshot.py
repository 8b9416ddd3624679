"""Own evidence in the memory of this process, as of counts that the database keeps."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final

from skillcred.model.outcomes import EvidenceReference
from skillcred.services.snapshot_ports import AREA_OF_KIND, ChangeCounter, OwnEvidence, Versions

MAX_HELD: Final = 50_000
"""Most pieces of evidence held: extract, document and lists of some ten thousand issuers."""
MAX_HELD_BYTES: Final = 64 * 1024 * 1024
"""Most bytes of evidence held."""


class CountedSnapshot:
    """`EvidenceSnapshot` over a `ChangeCounter`.

    It fills as things are asked for. Each piece is kept with the count that its area had before it was made and is
    found under that count only; what was made at another is replaced when it is asked for again. Beyond the limits the
    oldest makes room.
    """

    def __init__(self, counter: ChangeCounter) -> None:
        self._counter = counter
        self._lock = threading.Lock()
        self._held: dict[EvidenceReference, tuple[int, OwnEvidence]] = {}
        self._bytes = 0

    @property
    def at_once(self) -> bool:
        """As the counter."""
        return self._counter.at_once

    def read_versions(self) -> Versions:
        """The counts now. Raises `UnavailableError`."""
        return self._counter.read()

    def find(self, reference: EvidenceReference, *, versions: Versions, at: datetime) -> OwnEvidence | None:
        """What is held and was made at these versions, if it is good at `at`."""
        held = self._held.get(reference)
        if held is None or held[0] != versions[AREA_OF_KIND[reference.kind]]:
            return None
        evidence = held[1]
        return evidence if evidence.good_until is None or at < evidence.good_until else None

    def hold(self, evidence: OwnEvidence, *, versions: Versions) -> None:
        """Hold what was made after `versions` were read, unless it is too large."""
        size = len(evidence.content)
        if size > MAX_HELD_BYTES:
            return
        with self._lock:
            self._remove(evidence.reference)
            while len(self._held) >= MAX_HELD or self._bytes + size > MAX_HELD_BYTES:
                self._remove(next(iter(self._held)))
            self._held[evidence.reference] = (versions[AREA_OF_KIND[evidence.reference.kind]], evidence)
            self._bytes += size

    def _remove(self, reference: EvidenceReference) -> None:
        removed = self._held.pop(reference, None)
        self._bytes -= 0 if removed is None else len(removed[1].content)

"""Own evidence in the memory of this process, as of counts that the database keeps."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final, NamedTuple

from skillcred.model.outcomes import EvidenceReference
from skillcred.services.snapshot_ports import AREA_OF_KIND, ChangeCounter, OwnEvidence, Versions

MAX_HELD: Final = 50_000
"""Most pieces of evidence held: extract, document and lists of some ten thousand issuers."""
MAX_HELD_BYTES: Final = 64 * 1024 * 1024
"""Most bytes of evidence held."""


class _Recalled(NamedTuple):
    """What is held under one name, with all that it leads to, at these versions and before `until`."""

    versions: Versions
    until: datetime | None
    evidence: tuple[OwnEvidence, ...]


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
        self._names: dict[str, tuple[EvidenceReference, ...]] = {}
        self._recalled: dict[str, _Recalled] = {}
        """By names of what is held, so no more than that; emptied when something else is held."""
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

    def recall(self, name: str, *, versions: Versions, at: datetime) -> tuple[OwnEvidence, ...]:
        """What `find` finds under this name, and all that it leads to."""
        recalled = self._recalled.get(name)
        if recalled is not None and recalled.versions == versions:
            until = recalled.until
            if until is None or at < until:
                return recalled.evidence
        references = self._names.get(name)
        return () if references is None else self._gather(name, references, versions, at)

    def _gather(
        self, name: str, references: tuple[EvidenceReference, ...], versions: Versions, at: datetime
    ) -> tuple[OwnEvidence, ...]:
        with self._lock:
            found: dict[EvidenceReference, OwnEvidence] = {}
            waiting = list(references)
            for reference in waiting:
                own = None if reference in found else self.find(reference, versions=versions, at=at)
                if own is not None:
                    found[reference] = own
                    waiting.extend(own.leads_to)
            evidence = tuple(found.values())
            until = min((own.good_until for own in evidence if own.good_until is not None), default=None)
            if evidence:
                self._recalled[name] = _Recalled(versions, until, evidence)
        return evidence

    def hold(self, evidence: OwnEvidence, *, versions: Versions) -> None:
        """Hold what was made after `versions` were read, unless it is too large."""
        size = len(evidence.content)
        if size > MAX_HELD_BYTES:
            return
        with self._lock:
            reference = evidence.reference
            self._remove(reference)
            while len(self._held) >= MAX_HELD or self._bytes + size > MAX_HELD_BYTES:
                self._remove(next(iter(self._held)))
            self._held[reference] = (versions[AREA_OF_KIND[reference.kind]], evidence)
            self._names[reference.id] = (*self._names.get(reference.id, ()), reference)
            self._bytes += size
            self._recalled.clear()

    def _remove(self, reference: EvidenceReference) -> None:
        removed = self._held.pop(reference, None)
        if removed is None:
            return
        self._bytes -= len(removed[1].content)
        others = tuple(other for other in self._names.pop(reference.id) if other != reference)
        if others:
            self._names[reference.id] = others

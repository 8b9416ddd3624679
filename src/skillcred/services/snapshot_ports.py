"""What this deployment knows itself, held in memory: the ports. Each has a contract test suite like those in `ports`.

Registry statements, identity documents and status lists of our own are asked for by every verification and change
rarely. They may be held for as long as the database says that nothing has changed, whoever changed it, so that a
suspension or a revocation counts in the very next verification (docs/adr/0008-own-evidence-in-memory.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.verification.evidence import Evidence, EvidenceItem


class Area(StrEnum):
    """What changes together: the registry with the organisations and their keys, or the status lists."""

    REGISTRY = "registry"
    STATUS = "status"


AREA_OF_KIND: Mapping[EvidenceKind, Area] = {
    EvidenceKind.REGISTRY_EXTRACT: Area.REGISTRY,
    EvidenceKind.DID_DOCUMENT: Area.REGISTRY,
    EvidenceKind.STATUS_LIST: Area.STATUS,
    EvidenceKind.REVOCATION_DATES: Area.STATUS,
}
"""The area that evidence of our own is made from."""

Versions = Mapping[Area, int]


class ChangeCounter(Protocol):
    """Counts the committed changes of each area, by whatever process they were made."""

    @property
    def at_once(self) -> bool:
        """Whether `read` answers in microseconds, so that it may be called where nothing may wait."""
        ...

    def read(self) -> Versions:
        """The counts now. A count that is the same as before says that nothing was committed in between.

        Raises `UnavailableError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class OwnEvidence:
    """Evidence that this deployment made from its own records.

    It is true until its area changes, and no longer than up to `good_until`. `leads_to` is what a verifier who
    reads it is going to ask for next.
    """

    reference: EvidenceReference
    source: str
    content: bytes
    good_until: datetime | None = None
    leads_to: tuple[EvidenceReference, ...] = ()

    def build_item(self, at: datetime) -> EvidenceItem:
        """The evidence as of `at`, an instant at which it was true."""
        return EvidenceItem(self.reference, at, self.source, self.content)


def build_evidence(held: Iterable[OwnEvidence], at: datetime) -> Evidence:
    """All of it as of `at`, an instant at which it was true."""
    # What `build_item` gives, without a call for each piece in every verification.
    return Evidence([EvidenceItem(own.reference, at, own.source, own.content) for own in held])


class EvidenceSnapshot(Protocol):
    """Own evidence in memory. Thread-safe. What it does not hold is not unknown, only not held yet."""

    @property
    def at_once(self) -> bool:
        """As `ChangeCounter.at_once`."""
        ...

    def read_versions(self) -> Versions:
        """The versions now, to be handed to `find` and `hold`. Raises `UnavailableError`."""
        ...

    def find(self, reference: EvidenceReference, *, versions: Versions, at: datetime) -> OwnEvidence | None:
        """What is held and was made at these versions, if it is good at the present instant `at`."""
        ...

    def recall(self, name: str, *, versions: Versions, at: datetime) -> tuple[OwnEvidence, ...]:
        """What `find` finds under the name, of whatever kind, and all that it leads to."""
        ...

    def hold(self, evidence: OwnEvidence, *, versions: Versions) -> None:
        """Hold what was made after `versions` were read."""
        ...

"""What the services need to keep a classification of skills and occupations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from skillcred.recognition.classification import Concept, Release


class ClassificationRepository(Protocol):
    """One release of a classification, taken over as a whole."""

    def replace(self, release: Release, concepts: Sequence[Concept]) -> None:
        """Record a release in place of the one that was there."""
        ...

    def find_release(self) -> Release | None:
        """The release that is there."""
        ...

    def find_concepts(self, uris: Collection[str]) -> dict[str, Concept]:
        """Those concepts that are there, by address."""
        ...

    def find_by_labels(self, folded: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Addresses of skills by a folded label, preferred or alternative."""
        ...

    def search_occupations(self, *, isco: str | None, words: str | None, limit: int) -> list[Concept]:
        """Occupations whose ISCO-08 code begins with `isco` and that have a label with `words` (folded) in it, by
        address."""
        ...

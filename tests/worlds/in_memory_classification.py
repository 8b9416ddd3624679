"""The fake of the storage of a classification."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from skillcred.recognition.classification import Concept, ConceptKind, Release, fold


def labels_of(concept: Concept) -> set[str]:
    return {fold(label) for label in (concept.label, *concept.alternatives) if label is not None}


class InMemoryClassificationRepository:
    def __init__(self, state: Any) -> None:
        self._state = state.classification

    def replace(self, release: Release, concepts: Sequence[Concept]) -> None:
        self._state.clear()
        self._state[""] = release
        self._state.update((concept.uri, concept) for concept in concepts)

    def find_release(self) -> Release | None:
        found: Release | None = self._state.get("")
        return found

    def find_concepts(self, uris: Collection[str]) -> dict[str, Concept]:
        return {uri: self._state[uri] for uri in uris if uri and uri in self._state}

    def find_by_labels(self, folded: Collection[str]) -> Mapping[str, frozenset[str]]:
        found = {
            label: frozenset(
                concept.uri
                for concept in self._concepts()
                if concept.kind is ConceptKind.SKILL and label in labels_of(concept)
            )
            for label in folded
        }
        return {label: uris for label, uris in found.items() if uris}

    def search_occupations(self, *, isco: str | None, words: str | None, limit: int) -> list[Concept]:
        found = [
            concept
            for concept in self._concepts()
            if concept.kind is ConceptKind.OCCUPATION
            and (isco is None or (concept.isco or "").startswith(isco))
            and (words is None or any(words in label for label in labels_of(concept)))
        ]
        return found[:limit]

    def _concepts(self) -> list[Concept]:
        return [concept for uri, concept in self._state.items() if uri]

"""A classification of skills and occupations, replaced as a whole."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import select

from skillcred.adapters.db.classification_rows import (
    ClassificationConceptRow,
    ClassificationLabelRow,
    ClassificationReleaseRow,
)
from skillcred.adapters.db.statements import Statements
from skillcred.recognition.classification import Concept, ConceptKind, Release, fold

T = TypeVar("T")
ROWS_AT_ONCE: Final = 5000
"""How many rows are sent at once."""
VALUES_AT_ONCE: Final = 500
"""How many values are asked for at once; SQLite takes no more than some thousands."""


class SqlClassificationRepository:
    """`ClassificationRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def replace(self, release: Release, concepts: Sequence[Concept]) -> None:
        """Record a release in place of the one that was there."""
        for row in (ClassificationLabelRow, ClassificationConceptRow, ClassificationReleaseRow):
            self._statements.remove(row)
        self._statements.insert(
            ClassificationReleaseRow(
                version=release.version,
                sha256=release.sha256,
                imported_at=release.imported_at,
                occupations=release.occupations,
                skills=release.skills,
                unlabelled=release.unlabelled,
            )
        )
        for some in _slices(concepts, ROWS_AT_ONCE):
            self._statements.insert_many(ClassificationConceptRow, [_columns(each) for each in some])
        for labels in _slices(list(_labels(concepts)), ROWS_AT_ONCE):
            self._statements.insert_many(ClassificationLabelRow, labels)

    def find_release(self) -> Release | None:
        """The release that is there."""
        row = self._statements.find(select(ClassificationReleaseRow))
        if row is None:
            return None
        return Release(row.version, row.sha256, row.imported_at, row.occupations, row.skills, row.unlabelled)

    def find_concepts(self, uris: Collection[str]) -> dict[str, Concept]:
        """Those concepts that are there, by address."""
        found: dict[str, Concept] = {}
        for some in _slices(sorted(uris), VALUES_AT_ONCE):
            query = select(ClassificationConceptRow).where(ClassificationConceptRow.uri.in_(some))
            found.update((row.uri, _concept(row)) for row in self._statements.list_all(query))
        return found

    def find_by_labels(self, folded: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Addresses of skills by a folded label, preferred or alternative."""
        found: dict[str, set[str]] = defaultdict(set)
        for some in _slices(sorted(folded), VALUES_AT_ONCE):
            query = select(ClassificationLabelRow.folded, ClassificationLabelRow.uri).where(
                ClassificationLabelRow.folded.in_(some),
                ClassificationLabelRow.kind == ConceptKind.SKILL.value,
            )
            for label, uri in self._statements.list_tuples(query):
                found[label].add(uri)
        return {label: frozenset(uris) for label, uris in found.items()}

    def search_occupations(self, *, isco: str | None, words: str | None, limit: int) -> list[Concept]:
        """Occupations by the beginning of their ISCO-08 code and words in a label."""
        query = select(ClassificationConceptRow).where(
            ClassificationConceptRow.kind == ConceptKind.OCCUPATION.value
        )
        if isco is not None:
            query = query.where(ClassificationConceptRow.isco.startswith(isco, autoescape=True))
        if words is not None:
            named = select(ClassificationLabelRow.uri).where(
                ClassificationLabelRow.kind == ConceptKind.OCCUPATION.value,
                ClassificationLabelRow.folded.contains(words, autoescape=True),
            )
            query = query.where(ClassificationConceptRow.uri.in_(named))
        query = query.order_by(ClassificationConceptRow.position).limit(limit)
        return [_concept(row) for row in self._statements.list_all(query)]


def _slices(items: Sequence[T], length: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), length):
        yield items[start : start + length]


def _columns(concept: Concept) -> dict[str, Any]:
    links = {"essential": concept.essential, "optional": concept.optional, "broader": concept.broader}
    return {
        "uri": concept.uri,
        "kind": concept.kind.value,
        "label": concept.label,
        "alternatives": json.dumps(concept.alternatives, ensure_ascii=False),
        "isco": concept.isco,
        "links": json.dumps(links),
    }


def _concept(row: ClassificationConceptRow) -> Concept:
    links = json.loads(row.links)
    return Concept(
        row.uri,
        ConceptKind(row.kind),
        row.label,
        tuple(json.loads(row.alternatives)),
        row.isco,
        tuple(links["essential"]),
        tuple(links["optional"]),
        tuple(links["broader"]),
    )


def _labels(concepts: Sequence[Concept]) -> Iterator[dict[str, Any]]:
    for concept in concepts:
        if concept.kind is ConceptKind.GROUP:
            continue
        labels = concept.alternatives if concept.label is None else (concept.label, *concept.alternatives)
        for folded in dict.fromkeys(map(fold, labels)):
            yield {"folded": folded, "kind": concept.kind.value, "uri": concept.uri}

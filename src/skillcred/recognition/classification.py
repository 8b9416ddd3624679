"""A classification of skills and occupations (ESCO) as records, and reading it from the tables of its CSV release.

The tables are those of the official download. What is not there is left out and counted, never made up.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from skillcred.errors import InputError

ATTRIBUTION: Final = "This service uses the ESCO classification of the European Commission."
"""Commission Decision 2011/833/EU asks for it wherever the classification is used."""
MAX_CELL_CHARACTERS: Final = 100_000
"""Longest cell of a table; descriptions are long."""
MAX_CONCEPTS: Final = 100_000
MAX_RELATIONS: Final = 1_000_000
ESCO_PREFIX: Final = "http://data.europa.eu/esco/"


class Table(StrEnum):
    """The tables of a release by their file names, without language and ending."""

    OCCUPATIONS = "occupations"
    SKILLS = "skills"
    SKILL_GROUPS = "skillGroups"
    OCCUPATION_SKILLS = "occupationSkillRelations"
    BROADER_SKILLS = "broaderRelationsSkillPillar"


COLUMNS: Final[Mapping[Table, tuple[str, ...]]] = {
    Table.OCCUPATIONS: ("conceptUri", "iscoGroup", "preferredLabel"),
    Table.SKILLS: ("conceptUri", "preferredLabel"),
    Table.SKILL_GROUPS: ("conceptUri", "preferredLabel"),
    Table.OCCUPATION_SKILLS: ("occupationUri", "relationType", "skillUri"),
    Table.BROADER_SKILLS: ("conceptUri", "broaderUri"),
}
"""The columns that are read; others are ignored."""


class ClassificationError(InputError):
    """A release cannot be taken. Codes: `classification_table_missing`, `classification_malformed`,
    `classification_too_large`, `classification_digest_differs`."""

    default_code = "classification_malformed"


class ConceptKind(StrEnum):
    """What a concept is."""

    OCCUPATION = "occupation"
    SKILL = "skill"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Concept:
    """An occupation with the skills that it asks for, or a skill or group of skills with what is broader. Skills are
    named by their URIs, `isco` is a code of ISCO-08."""

    uri: str
    kind: ConceptKind
    label: str | None
    alternatives: tuple[str, ...] = ()
    isco: str | None = None
    essential: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A release that a deployment took over. `sha256` is over the tables as they were read."""

    version: str
    sha256: str
    imported_at: datetime
    occupations: int
    skills: int
    unlabelled: int


def fold(text: str) -> str:
    """A label for comparing: case, width and space do not count. Nothing is guessed beyond that."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def read_concepts(tables: Mapping[Table, bytes]) -> tuple[Concept, ...]:
    """All concepts of a release, in the order of their tables.

    Raises `ClassificationError` with the table and the row (the first row of data is 2, as in a spreadsheet).
    """
    for table in Table:
        if table not in tables:
            raise ClassificationError(
                f"The table {table.value} is missing.", code="classification_table_missing"
            )
    broader: dict[str, dict[str, None]] = defaultdict(dict)
    for row in _rows(Table.BROADER_SKILLS, tables, MAX_RELATIONS):
        broader[row["conceptUri"]][row["broaderUri"]] = None
    wanted: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: {"essential": {}, "optional": {}})
    for row in _rows(Table.OCCUPATION_SKILLS, tables, MAX_RELATIONS):
        relation = wanted[row["occupationUri"]].get(row["relationType"])
        if relation is None:
            raise ClassificationError(
                "A skill of an occupation is essential or optional.", pointer="/occupationSkillRelations"
            )
        relation[row["skillUri"]] = None
    found: dict[str, Concept] = {}
    for table, kind in (
        (Table.OCCUPATIONS, ConceptKind.OCCUPATION),
        (Table.SKILL_GROUPS, ConceptKind.GROUP),
        (Table.SKILLS, ConceptKind.SKILL),
    ):
        for number, row in enumerate(_rows(table, tables, MAX_CONCEPTS), start=2):
            uri = row["conceptUri"]
            if not uri.startswith(ESCO_PREFIX) or uri in found:
                raise ClassificationError(
                    "A concept has no address of ESCO, or has it twice.", pointer=f"/{table.value}/{number}"
                )
            skills = wanted.get(uri, {})
            found[uri] = Concept(
                uri,
                kind,
                row["preferredLabel"].strip() or None,
                _labels(row),
                (row["iscoGroup"].strip() or None) if kind is ConceptKind.OCCUPATION else None,
                tuple(skills.get("essential", {})),
                tuple(skills.get("optional", {})),
                tuple(broader.get(uri, {})),
            )
    return tuple(found.values())


def _labels(row: Mapping[str, str]) -> tuple[str, ...]:
    """Alternative labels stand on lines of their own, or with bars between them."""
    text = (row.get("altLabels") or "").replace(" | ", "\n")
    return tuple(dict.fromkeys(label.strip() for label in text.splitlines() if label.strip()))


def _rows(table: Table, tables: Mapping[Table, bytes], limit: int) -> Iterator[dict[str, str]]:
    try:
        text = tables[table].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClassificationError("A table is not UTF-8.", pointer=f"/{table.value}") from error
    previous = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = [name for name in COLUMNS[table] if name not in (reader.fieldnames or ())]
        if missing:
            raise ClassificationError(f"A table has no column {missing[0]}.", pointer=f"/{table.value}/1")
        for number, row in enumerate(reader, start=2):
            if number > limit:
                raise ClassificationError(
                    "A table has more rows than are read.",
                    code="classification_too_large",
                    pointer=f"/{table.value}",
                )
            if None in row or any(row[name] is None for name in COLUMNS[table]):
                raise ClassificationError(
                    "A row has too many or too few cells.", pointer=f"/{table.value}/{number}"
                )
            yield row
    except csv.Error as error:
        raise ClassificationError(f"A table is not CSV: {error}.", pointer=f"/{table.value}") from error
    finally:
        csv.field_size_limit(previous)

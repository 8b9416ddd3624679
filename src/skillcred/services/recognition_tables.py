"""Tables of named qualifications and what somebody compares them to, as CSV: read row by row, hedges kept as they
are.

The form is that of `qualification_comparisons.csv`: who publishes such a table sets its terms, so none is shipped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.errors import InputError, IntegrityError, SkillcredError
from skillcred.recognition.records import RecognitionData, Source, TitleComparison
from skillcred.services.listed_records import RowProblem
from skillcred.services.listed_rows import ListedRowError, read_cells, read_csv, read_sources
from skillcred.services.recognition import require_country
from skillcred.services.recognition_data_ports import ImportedTable

COLUMNS: Final = (
    "origin_country",
    "origin_qualification",
    "origin_nqf_level",
    "destination_country",
    "comparable_to",
    "destination_nqf",
    "destination_nqf_level",
    "eqf_level",
    "source",
)
NEEDED: Final = frozenset(
    {"origin_country", "origin_qualification", "destination_country", "comparable_to", "source"}
)
MAX_TEXT_CHARACTERS: Final = 500
EQF_LEVELS: Final = frozenset("12345678")

_OTHER = re.compile(r", sometimes |, (?=an? )| or (?=an? |at least |\d)")
_LEVELS = re.compile(r" or | and |, |-")


@dataclass(frozen=True, slots=True)
class ReadTable:
    """The rows that can be taken, and what is wrong with the others."""

    rows: tuple[TitleComparison, ...]
    problems: tuple[RowProblem, ...]


def read_title_table(content: bytes, *, label: str, as_of: str, data: RecognitionData) -> ReadTable:
    """A table, each row checked by itself. Raises `ListFileError` for the file as a whole."""
    heading, rows = read_csv(content, COLUMNS, NEEDED)
    found: list[TitleComparison] = []
    problems: list[RowProblem] = []
    seen: set[tuple[str, str, str]] = set()
    for number, cells in enumerate(rows, 1):
        try:
            row = _read_row(read_cells(heading, cells), f"{label}-{number}", label, as_of, data)
        except SkillcredError as error:
            problems.append(RowProblem(number, error.code, error.message))
            continue
        key = (row.origin, row.title.casefold(), row.destination)
        if key in seen:
            problems.append(
                RowProblem(number, "title_twice", "Another row has the same title and countries.")
            )
        seen.add(key)
        found.append(row)
    return ReadTable(tuple(found), tuple(problems))


def read_stored_table(table: ImportedTable, data: RecognitionData) -> ReadTable:
    """A table as it was imported. Raises `IntegrityError` (`recognition_table_damaged`) where it is not what was
    recorded."""
    if hashlib.sha256(table.content).hexdigest() != table.sha256:
        raise _damaged(table.label)
    try:
        return read_title_table(table.content, label=table.label, as_of=table.as_of, data=data)
    except InputError as error:
        raise _damaged(table.label) from error


def _damaged(label: str) -> IntegrityError:
    return IntegrityError(
        f"The imported table {label} is not what was recorded; remove it and import it again.",
        code="recognition_table_damaged",
    )


def read_hedge(statement: str) -> str:
    """How sure a comparison is: `individual`, `hedged`, `in_parts`, `at_least`, `alternatives` or `as_stated`."""
    if "individual evaluation" in statement:
        return "individual"
    if "usually" in statement or "sometimes" in statement:
        return "hedged"
    if " part" in statement:
        return "in_parts"
    if statement.startswith("at least"):
        return "at_least"
    return "alternatives" if " or " in statement else "as_stated"


def read_alternatives(statement: str) -> tuple[str, ...]:
    """All that a comparison names, in its order; never one of them alone."""
    if read_hedge(statement) in ("individual", "in_parts"):
        return ()
    parts = _OTHER.split(statement.removeprefix("usually "))
    return tuple(part.strip() for part in parts if part.strip())


def _read_row(
    facts: Mapping[str, str], row_id: str, label: str, as_of: str, data: RecognitionData
) -> TitleComparison:
    for column in sorted(NEEDED):
        text = facts.get(column, "")
        if not text.strip():
            raise ListedRowError(f"The row has no {column}.", code="cell_missing")
        if column != "source" and (len(text) > MAX_TEXT_CHARACTERS or not text.isprintable()):
            raise ListedRowError("A text is too long, or holds what cannot be seen.", code="invalid_cell")
    for column in ("origin_country", "destination_country"):
        require_country(facts[column], f"/{column}")
    framework = facts.get("destination_nqf") or None
    levels = (
        tuple(_LEVELS.split(facts["destination_nqf_level"])) if facts.get("destination_nqf_level") else ()
    )
    _check_levels(framework, levels, data)
    if any(level not in EQF_LEVELS for level in _LEVELS.split(facts.get("eqf_level") or "1")):
        raise ListedRowError("This is no level of the European framework.", code="unknown_level")
    sources = tuple(Source(item.title, item.address) for item in read_sources(facts["source"]))
    statement = facts["comparable_to"].strip()
    return TitleComparison(
        id=row_id,
        table=label,
        origin=facts["origin_country"],
        title=facts["origin_qualification"].strip(),
        destination=facts["destination_country"],
        statement=statement,
        alternatives=read_alternatives(statement),
        hedge=read_hedge(statement),
        levels=levels,
        framework=framework,
        sources=sources,
        as_of=as_of,
    )


def _check_levels(framework: str | None, levels: tuple[str, ...], data: RecognitionData) -> None:
    if framework is None:
        if levels:
            raise ListedRowError("There are levels and no framework.", code="unknown_framework")
        return
    known = data.frameworks.get(framework)
    if known is None:
        raise ListedRowError("There is no such framework.", code="unknown_framework")
    codes = {level.code for level in known.levels}
    if any(level not in codes for level in levels):
        raise ListedRowError("The framework has no such level.", code="unknown_level")

"""Lists of bodies as they are handed in and out: our JSON form, and CSV that a spreadsheet can open.

Every row is checked by itself; what is wrong with it is a finding, so that all of it can be shown at once.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError, SkillcredError
from skillcred.services.listed_records import ListedBody, ListedRole, ListedSource, RowProblem
from skillcred.services.names import check_name
from skillcred.services.registrable import check_country

LISTED_FORMAT: Final = "skillcred-listed-bodies-1"
MAX_LIST_BYTES: Final = 8 * 1024 * 1024
MAX_LIST_ROWS: Final = 5000
MAX_CELL_CHARACTERS: Final = 4000
MAX_TEXT_CHARACTERS: Final = 500
MAX_ADDRESS_CHARACTERS: Final = 2000
"""Largest list that is read, in bytes and rows, and the longest texts of a row."""
COLUMNS: Final = (
    "id", "country", "name", "acronym", "role", "website", "identifier", "sources", "source_kind", "as_of",
    "rights", "confirm_first",
)  # fmt: skip
NEEDED: Final = frozenset({"id", "country", "name", "role", "sources", "source_kind"})

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,99}", re.ASCII)
_KIND = re.compile(r"[a-z][a-z\-]{0,39}", re.ASCII)
_AS_OF = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_PRINTABLE_ASCII = re.compile(r"[\x21-\x7e]+", re.ASCII)
_SOURCE = re.compile(r"(?P<title>[^<>]+?)\s*(?:<(?P<address>[^<>\s]+)>)?")
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n]")


R = TypeVar("R")


class ListedRowError(InputError):
    """A row of a list cannot be taken. The code says why."""

    default_code = "invalid_row"


class ListFileError(InputError):
    """The file as a whole cannot be read. Codes: `list_too_large`, `list_not_text`, `list_heading`, `list_rows`,
    `list_format`."""

    default_code = "list_format"


@dataclass(frozen=True, slots=True)
class ReadList:
    """The rows that can be taken, what is wrong with the others, and what was checked of the whole."""

    bodies: tuple[ListedBody, ...]
    problems: tuple[RowProblem, ...]
    notes: tuple[str, ...] = ()


def read_listed_json(content: bytes, label: str, at: datetime) -> ReadList:
    """A list in our own JSON form. Raises `ListFileError` or a strict JSON error."""
    document = parse_json_object(content, max_bytes=MAX_LIST_BYTES)
    rows = document.get("bodies")
    if document.get("format") != LISTED_FORMAT or not isinstance(rows, list):
        raise ListFileError("This is not a list of bodies in the form of this version.")
    return read_rows(rows, lambda row: _from_json(row, label, at))


def read_listed_csv(content: bytes, label: str, at: datetime) -> ReadList:
    """A list as CSV in UTF-8, with a heading of `COLUMNS`. Raises `ListFileError`."""
    heading, rows = read_csv(content, COLUMNS, NEEDED)
    return read_rows(rows, lambda row: _from_csv(heading, row, label, at))


def read_csv(
    content: bytes, columns: Sequence[str], needed: AbstractSet[str]
) -> tuple[list[str], list[list[str]]]:
    """The heading and the rows of a CSV in UTF-8 with some of `columns`, `needed` among them. Raises
    `ListFileError`."""
    if len(content) > MAX_LIST_BYTES:
        raise ListFileError(f"The list is larger than {MAX_LIST_BYTES} bytes.", code="list_too_large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListFileError("The list is not UTF-8.", code="list_not_text") from error
    if "\0" in text:
        raise ListFileError("The list holds a NUL character.", code="list_not_text")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(row)
            if len(rows) > MAX_LIST_ROWS + 1:
                break
    except csv.Error as error:
        raise ListFileError("The list is not well-formed CSV.") from error
    heading = rows[0] if rows else []
    if not needed <= set(heading) <= set(columns) or len(set(heading)) != len(heading):
        wanted = ", ".join(column for column in columns if column in needed)
        raise ListFileError(
            f"The heading names each column once, and at least {wanted}.", code="list_heading"
        )
    return heading, rows[1:]


def read_rows(rows: Iterable[R], read: Callable[[R], ListedBody]) -> ReadList:
    """Read each row with `read`, and refuse ids that occur twice. Raises `ListFileError` for too many rows."""
    bodies: dict[str, ListedBody] = {}
    problems: list[RowProblem] = []
    for number, row in enumerate(rows, 1):
        if number > MAX_LIST_ROWS:
            raise ListFileError(f"The list has more than {MAX_LIST_ROWS} rows.", code="list_rows")
        try:
            body = read(row)
        except SkillcredError as error:
            problems.append(RowProblem(number, error.code, error.message))
            continue
        if body.id in bodies:
            problems.append(RowProblem(number, "id_twice", "Another row has the same id."))
        bodies.setdefault(body.id, body)
    return ReadList(tuple(bodies.values()), tuple(problems))


def write_listed_csv(bodies: Iterable[ListedBody]) -> bytes:
    """The bodies as CSV. No cell is taken for a formula by a spreadsheet, and reading gives the same back (W-13)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    for body in bodies:
        cells = (
            body.id, body.country, body.name, body.acronym or "", body.role.value, body.website or "",
            body.identifier or "", " ; ".join(map(_write_source, body.sources)), body.source_kind,
            body.as_of or "", body.rights or "", "yes" if body.confirm_first else "",
        )  # fmt: skip
        writer.writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells])
    return out.getvalue().encode("utf-8")


def build_listed(
    facts: Mapping[str, str], sources: Iterable[ListedSource], label: str, at: datetime
) -> ListedBody:
    """The body of checked texts. Raises `ListedRowError`, or what checks a name or country."""
    for column in sorted(NEEDED - {"sources"}):
        if not facts.get(column):
            raise ListedRowError(f"The row has no {column}.", code="cell_missing")
    check_country(facts["country"])
    role = facts["role"]
    if role not in set(ListedRole):
        raise ListedRowError("There is no such role.", code="unknown_role")
    named = tuple(sources)
    if not named:
        raise ListedRowError("The row names no source.", code="source_missing")
    if facts.get("confirm_first", "") not in {"", "yes"}:
        raise ListedRowError("confirm_first is yes or empty.", code="invalid_cell")
    return ListedBody(
        id=_matching(_ID, facts["id"], "id"),
        country=facts["country"],
        name=check_name(facts["name"]),
        role=ListedRole(role),
        sources=named,
        source_kind=_matching(_KIND, facts["source_kind"], "source_kind"),
        imported_at=at,
        imported_from=label,
        acronym=check_name(facts["acronym"]) if facts.get("acronym") else None,
        website=_address(facts.get("website"), "website"),
        identifier=_identifier(facts.get("identifier")),
        as_of=_matching(_AS_OF, facts["as_of"], "as_of") if facts.get("as_of") else None,
        rights=_text(facts["rights"]) if facts.get("rights") else None,
        confirm_first=facts.get("confirm_first") == "yes",
    )


def build_source(title: str, address: str | None) -> ListedSource:
    """A source of checked texts. Raises `ListedRowError`."""
    return ListedSource(_text(title), _address(address, "address of the source"))


def _from_json(row: JsonValue, label: str, at: datetime) -> ListedBody:
    if not isinstance(row, dict) or not row.keys() <= set(COLUMNS):
        raise ListedRowError("A row is an object with the known members.")
    listed = row.get("sources")
    sources = [_json_source(item) for item in (listed if isinstance(listed, list) else [])]
    facts: dict[str, str] = {}
    for name, value in row.items():
        if name == "sources":
            continue
        if name == "confirm_first" and isinstance(value, bool):
            facts[name] = "yes" if value else ""
        elif isinstance(value, str):
            facts[name] = value
        else:
            raise ListedRowError("A member of the row is not a text.", code="invalid_cell")
    return build_listed(facts, sources, label, at)


def _json_source(value: JsonValue) -> ListedSource:
    source: JsonObject = value if isinstance(value, dict) else {}
    title, address = source.get("title"), source.get("address")
    if not isinstance(title, str) or not (address is None or isinstance(address, str)):
        raise ListedRowError("A source has a title, and may have an address.", code="invalid_source")
    return build_source(title, address)


def _from_csv(heading: list[str], cells: list[str], label: str, at: datetime) -> ListedBody:
    facts = read_cells(heading, cells)
    return build_listed(facts, read_sources(facts.pop("sources")), label, at)


def read_cells(heading: list[str], cells: list[str]) -> dict[str, str]:
    """The cells of a row by their column. Raises `ListedRowError`."""
    if len(cells) != len(heading):
        raise ListedRowError("The row has another number of cells than the heading.", code="cell_count")
    facts: dict[str, str] = {}
    for column, cell in zip(heading, cells, strict=True):
        if len(cell) > MAX_CELL_CHARACTERS:
            raise ListedRowError("A cell is too long.", code="cell_too_long")
        facts[column] = cell[1:] if _ESCAPED.match(cell) else cell
    return facts


def read_sources(text: str) -> list[ListedSource]:
    """Sources written as `title <address>`, several separated by ` ; `. Raises `ListedRowError`."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(" ; "))):
        match = _SOURCE.fullmatch(part)
        if match is None:
            raise ListedRowError("A source is written as: title <address>.", code="invalid_source")
        found.append(build_source(match["title"], match["address"]))
    return found


def _write_source(source: ListedSource) -> str:
    return source.title if source.address is None else f"{source.title} <{source.address}>"


def _matching(pattern: re.Pattern[str], text: str, column: str) -> str:
    if not pattern.fullmatch(text):
        raise ListedRowError(f"The {column} is not of the expected form.", code="invalid_cell")
    return text


def _text(text: str) -> str:
    """A text of people that is shown as it is; `<`, `>` and ` ; ` would be read as something else in CSV."""
    if not text.strip() or len(text) > MAX_TEXT_CHARACTERS or not text.isprintable():
        raise ListedRowError("A text is empty, too long, or holds what cannot be seen.", code="invalid_cell")
    if "<" in text or ">" in text or " ; " in text:
        raise ListedRowError("A text holds what separates sources.", code="invalid_cell")
    return text.strip()


def _address(text: str | None, what: str) -> str | None:
    """An http or https address; it is shown, and never fetched."""
    if not text:
        return None
    fault = ListedRowError(f"The {what} is not a web address.", code="invalid_address")
    if len(text) > MAX_ADDRESS_CHARACTERS or not _PRINTABLE_ASCII.fullmatch(text) or set(text) & set("<>\"'"):
        raise fault
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise fault from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise fault
    return text


def _identifier(text: str | None) -> str | None:
    if not text:
        return None
    if text.startswith("did:"):
        if len(text) > MAX_ADDRESS_CHARACTERS or not _PRINTABLE_ASCII.fullmatch(text):
            raise ListedRowError("The identifier is not a DID.", code="invalid_cell")
        return text
    return _address(text, "identifier")

"""The operator takes over a table of recognition data: first looked at, then confirmed by the digest of the
preview."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Final

from skillcred.errors import ConflictError, InputError, IntegrityError, NotFoundError
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.questions import read_day
from skillcred.recognition.records import RecognitionData
from skillcred.services.listed_records import RowProblem
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.recognition_data_ports import ImportedTable
from skillcred.services.recognition_tables import read_stored_table, read_title_table
from skillcred.services.records import Actor, AuditEntry, Role
from skillcred.services.transactions import in_transaction

_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9.\-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TableImport:
    """What an import would do. Nothing of it is done while there are `problems`. `digest` names exactly this
    import: it must be repeated to confirm it (hex SHA-256). `replaces` is how many rows the table of that label has
    now."""

    label: str
    as_of: str
    digest: str
    rows: int
    replaces: int | None
    countries: tuple[str, ...]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class ImportRecognitionTable:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def preview(self, actor: Actor, content: bytes, *, label: str, as_of: str) -> TableImport:
        """What taking over the table would do. `label` names it (a-z, 0-9, dot, hyphen), `as_of` is the day of its
        data.

        Raises `AuthorisationError`, `InputError` where the file as a whole cannot be read.
        """
        require_role(actor, Role.OPERATOR)
        with self.units(writes=False) as unit:
            return _plan(unit, content, label, as_of)

    def confirm(self, actor: Actor, content: bytes, *, label: str, as_of: str, digest: str) -> TableImport:
        """Take the table over, in place of the one with that label, if the preview had that `digest`.

        Raises what `preview` raises, `InputError` (`list_has_faults`), `ConflictError` (`list_not_as_previewed`).
        """
        require_role(actor, Role.OPERATOR)

        def work(unit: UnitOfWork) -> TableImport:
            plan = _plan(unit, content, label, as_of)
            if plan.problems:
                raise InputError("The table has rows that cannot be taken.", code="list_has_faults")
            if plan.digest != digest:
                raise ConflictError("This is not what the preview showed.", code="list_not_as_previewed")
            now = self.clock.now()
            unit.recognition_data.put_table(
                ImportedTable(
                    label, content, hashlib.sha256(content).hexdigest(), as_of, now, actor.api_key_id
                )
            )
            unit.audit.add(
                AuditEntry(
                    now,
                    actor.api_key_id,
                    actor.organisation.id,
                    "import_recognition_table",
                    f"{label}:{digest}",
                )
            )
            return plan

        return in_transaction(self.units, work)

    def list_all(self, actor: Actor) -> list[ImportedTable]:
        """The tables of this deployment. Raises `AuthorisationError`."""
        require_role(actor, Role.OPERATOR)
        with self.units(writes=False) as unit:
            return unit.recognition_data.list_tables()

    def remove(self, actor: Actor, label: str) -> None:
        """Take a table out again. Raises `NotFoundError`."""
        require_role(actor, Role.OPERATOR)

        def work(unit: UnitOfWork) -> None:
            if not unit.recognition_data.remove_table(label):
                raise NotFoundError("There is no table of that label.", code="unknown_table")
            unit.audit.add(
                AuditEntry(
                    self.clock.now(),
                    actor.api_key_id,
                    actor.organisation.id,
                    "remove_recognition_table",
                    label,
                )
            )

        in_transaction(self.units, work)


def _count_rows(table: ImportedTable, data: RecognitionData) -> int:
    """How many rows a table has that is there; none of one that is damaged, so that it can be replaced."""
    try:
        return len(read_stored_table(table, data).rows)
    except IntegrityError:
        return 0


def _plan(unit: UnitOfWork, content: bytes, label: str, as_of: str) -> TableImport:
    if not _LABEL.fullmatch(label):
        raise InputError(
            "A label is of small letters, digits, dots and hyphens.", code="invalid_label", pointer="/label"
        )
    read_day(as_of, "/as_of")
    data = load_shipped_data()
    read = read_title_table(content, label=label, as_of=as_of, data=data)
    known = next((table for table in unit.recognition_data.list_tables() if table.label == label), None)
    replaces = None if known is None else _count_rows(known, data)
    digest = hashlib.sha256(
        json.dumps(
            [
                label,
                as_of,
                hashlib.sha256(content).hexdigest(),
                None if known is None else [known.sha256, known.as_of],
            ]
        ).encode()
    ).hexdigest()
    countries = tuple(sorted({row.origin for row in read.rows}))
    return TableImport(label, as_of, digest, len(read.rows), replaces, countries, read.problems)

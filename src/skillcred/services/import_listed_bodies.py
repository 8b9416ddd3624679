"""The operator takes over a list of bodies from public sources: first looked at, then confirmed. Listed gives no trust.

Nothing is applied while a row is wrong, and what is applied is exactly what was looked at: the confirmation repeats the
digest of the preview, which covers the file, its label and what would change here. An accreditation that an enrolled
body signed is the exception: it counts, so to confirm it is to propose it, and somebody else approves (docs/adr/0032).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, InputError
from skillcred.keys.certificates import TrustAnchors
from skillcred.keys.public_key import PublicKey
from skillcred.services.chained_accreditations import ChainedAccreditation, find_chained
from skillcred.services.ebsi_accreditations import read_accreditation
from skillcred.services.governance_records import ProposalKind
from skillcred.services.hand_in_accreditation import HandInAccreditation
from skillcred.services.listed_records import ListedBody, ListedImport, RowProblem
from skillcred.services.listed_rows import ReadList, read_listed_csv, read_listed_json
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.propose_change import ProposeChange
from skillcred.services.records import Actor, AuditEntry, Role
from skillcred.services.registry_log import log_change
from skillcred.services.transactions import in_transaction
from skillcred.services.trusted_entities_list import find_lister, read_trusted_list

_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9.\-]{0,59}", re.ASCII)


class ListFormat(StrEnum):
    """How a list is written."""

    JSON = "json"
    CSV = "csv"
    LOTE = "lote"
    EBSI = "ebsi"


ReadsList = Callable[[bytes, str, datetime], ReadList]
READERS: Final[dict[ListFormat, ReadsList]] = {
    ListFormat.JSON: read_listed_json,
    ListFormat.CSV: read_listed_csv,
}
"""How unsigned lists are read; the others have a signature, which must be checked, or may be (an accreditation)."""


@dataclass(frozen=True, slots=True)
class ImportListedBodies:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    hand_in: HandInAccreditation
    propose: ProposeChange

    def preview(
        self,
        actor: Actor,
        content: bytes,
        list_format: ListFormat,
        label: str,
        key: PublicKey | TrustAnchors | None = None,
    ) -> ListedImport:
        """What taking over the list would do. `label` names where it comes from (a-z, 0-9, dot, hyphen).
        `key` is that of whoever signed a trusted list, or the anchors of its certificates, known by another way; it
        need not be given for one that an enrolled body signed. For an accreditation a key may be given.

        Raises `AuthorisationError`, `InputError` where the file as a whole cannot be read.
        """
        require_role(actor, Role.OPERATOR)
        _check_label(label)
        chained = self._find_chained(actor, content, list_format, key)
        if chained is not None and chained.note is None:
            return _plan_chained(chained, content, label)
        read = _with_note(self._read(content, list_format, label, key), chained)
        with self.units(writes=False) as unit:
            return _plan(unit, read, content, label)

    def confirm(
        self,
        actor: Actor,
        content: bytes,
        list_format: ListFormat,
        label: str,
        digest: str,
        key: PublicKey | TrustAnchors | None = None,
    ) -> ListedImport:
        """Take the list over, if the preview had that `digest`; an accreditation that counts is proposed instead.

        Raises what `preview` and proposing raise, `InputError` (`list_has_faults`), `ConflictError`
        (`list_not_as_previewed`).
        """
        require_role(actor, Role.OPERATOR)
        _check_label(label)
        chained = self._find_chained(actor, content, list_format, key)
        if chained is not None and chained.note is None:
            plan = _plan_chained(chained, content, label)
            _require_as_previewed(plan, digest)
            change: JsonObject = {"credential": content.decode("utf-8")}
            return replace(plan, proposal=self.propose(actor, ProposalKind.HAND_IN_ACCREDITATION, change))
        read = _with_note(self._read(content, list_format, label, key), chained)

        def work(unit: UnitOfWork) -> ListedImport:
            plan = _plan(unit, read, content, label)
            _require_as_previewed(plan, digest)
            for body in (*plan.new, *plan.changed):
                unit.listed_bodies.put(body)
            subject, now = f"{label}:{plan.digest}", self.clock.now()
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, actor.organisation.id, "import_listed_bodies", subject)
            )
            log_change(
                unit,
                at=now,
                actor=actor.api_key_id,
                organisation_did=actor.organisation.did,
                action="listed_bodies_imported",
                subject=label,
                content={"digest": plan.digest, "new": len(plan.new), "changed": len(plan.changed)},
            )
            return plan

        return in_transaction(self.units, work)

    def _find_chained(
        self, actor: Actor, content: bytes, list_format: ListFormat, key: PublicKey | TrustAnchors | None
    ) -> ChainedAccreditation | None:
        if list_format is not ListFormat.EBSI:
            return None
        with self.units(writes=False) as unit:
            return find_chained(unit, actor, content, key, self.hand_in, self.clock.now())

    def _read(
        self, content: bytes, list_format: ListFormat, label: str, key: PublicKey | TrustAnchors | None
    ) -> ReadList:
        if list_format in READERS:
            return READERS[list_format](content, label, self.clock.now())
        if list_format is ListFormat.EBSI:
            return read_accreditation(content, label, self.clock.now(), key)
        now = self.clock.now()
        with self.units(writes=False) as unit:
            lister = find_lister(unit, content, now)
        key = key if key is not None or lister is None else lister[1]
        if key is None:
            raise InputError("Say whose signature the list must have.", code="list_key_missing")
        read = read_trusted_list(content, label, now, key)
        if lister is None:
            return read
        note = f"Signed by {lister[0]}, which is enrolled here: told beside each entry, and gives no trust."
        bodies = tuple(replace(body, listed_by=lister[0]) for body in read.bodies)
        return replace(read, bodies=bodies, notes=(*read.notes, note))


def _check_label(label: str) -> None:
    if not _LABEL.fullmatch(label):
        raise InputError(
            "A label is of small letters, digits, dots and hyphens.", code="invalid_label", pointer="/label"
        )


def _require_as_previewed(plan: ListedImport, digest: str) -> None:
    if plan.problems:
        raise InputError("The list has rows that cannot be taken.", code="list_has_faults")
    if plan.digest != digest:
        raise ConflictError("This is not what the preview showed.", code="list_not_as_previewed")


def _with_note(read: ReadList, chained: ChainedAccreditation | None) -> ReadList:
    note = None if chained is None else chained.note
    return read if note is None else replace(read, notes=(note, *read.notes))


def _plan_chained(chained: ChainedAccreditation, content: bytes, label: str) -> ListedImport:
    accreditation, problem = chained.accreditation, chained.problem
    named = None if accreditation is None else accreditation.id
    sha256 = hashlib.sha256(content).hexdigest()
    digest = hashlib.sha256(json.dumps([label, sha256, "accreditation", named]).encode()).hexdigest()
    problems = () if problem is None else (problem,)
    return ListedImport(label, digest, (), (), 0, problems, (), accreditation)


def _plan(unit: UnitOfWork, read: ReadList, content: bytes, label: str) -> ListedImport:
    new: list[ListedBody] = []
    changed: list[ListedBody] = []
    problems = list(read.problems)
    for row, body in enumerate(read.bodies, 1):
        known = unit.listed_bodies.find(body.id)
        if known is None:
            new.append(body)
        elif known.imported_from != label:
            problems.append(
                RowProblem(row, "id_of_another_list", f"The id {body.id} was taken over from another list.")
            )
        elif replace(known, imported_at=body.imported_at) != body:
            changed.append(body)
    digest = hashlib.sha256(
        json.dumps(
            [
                label,
                hashlib.sha256(content).hexdigest(),
                [body.id for body in new],
                [body.id for body in changed],
            ]
        ).encode()
    ).hexdigest()
    unchanged = len(read.bodies) - len(new) - len(changed)
    return ListedImport(label, digest, tuple(new), tuple(changed), unchanged, tuple(problems), read.notes)

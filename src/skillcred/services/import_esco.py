"""The operator takes over a release of ESCO from the official tables: first looked at, then confirmed.

ESCO is not shipped. Without it everything works, with less matching of skills.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.recognition.classification import (
    ClassificationError,
    Concept,
    ConceptKind,
    Release,
    Table,
    read_concepts,
)
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, Role
from skillcred.services.transactions import in_transaction

_VERSION: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImportEsco:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def preview(self, actor: Actor, tables: Mapping[Table, bytes], version: str) -> Release:
        """What would be recorded. Raises `ClassificationError`, `AuthorisationError`."""
        require_role(actor, Role.OPERATOR)
        return self._read(tables, version, _digest(tables, version))[0]

    def confirm(self, actor: Actor, tables: Mapping[Table, bytes], version: str, sha256: str) -> Release:
        """Record what was looked at, in place of the release before.

        Raises `ClassificationError`, with `classification_digest_differs` where the tables are not those whose digest
        was shown, and `AuthorisationError`.
        """
        require_role(actor, Role.OPERATOR)
        if _digest(tables, version) != sha256:
            raise ClassificationError(
                "These tables are not those whose digest was shown.", code="classification_digest_differs"
            )
        release, concepts = self._read(tables, version, sha256)

        def work(unit: UnitOfWork) -> None:
            unit.classification.replace(release, concepts)
            unit.audit.add(
                AuditEntry(
                    release.imported_at,
                    actor.api_key_id,
                    actor.organisation.id,
                    "import_esco",
                    release.sha256,
                )
            )

        in_transaction(self.units, work)
        return release

    def _read(
        self, tables: Mapping[Table, bytes], version: str, sha256: str
    ) -> tuple[Release, tuple[Concept, ...]]:
        if not _VERSION.fullmatch(version):
            raise ClassificationError("A version is written like 1.2.0.", pointer="/version")
        concepts = read_concepts(tables)
        kinds = [concept.kind for concept in concepts]
        release = Release(
            version=version,
            sha256=sha256,
            imported_at=self.clock.now(),
            occupations=kinds.count(ConceptKind.OCCUPATION),
            skills=kinds.count(ConceptKind.SKILL),
            unlabelled=sum(1 for concept in concepts if concept.label is None),
        )
        return release, concepts


def _digest(tables: Mapping[Table, bytes], version: str) -> str:
    """Over the version and each table with its name and length, so that nothing can be moved from one to another."""
    digest = hashlib.sha256(f"{version}\n".encode())
    for table in Table:
        content = tables.get(table, b"")
        digest.update(f"{table.value} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()

"""Proof that a document existed at some time, from our own records: it was issued here, or was verified here before.

A stolen key signs with whatever date it likes; what was here before the theft was not signed by the thief (SECURITY
K-13, T-03).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.errors import ConflictError, UnavailableError
from skillcred.model.outcomes import EvidenceReference, Verdict
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.transactions import in_transaction
from skillcred.trust import ProvableTime, encode_existence_record
from skillcred.verification import AnyReport, EvidenceItem

EXISTENCE_SOURCE: Final = "own records"


@dataclass(frozen=True, slots=True)
class LocalExistenceSource:
    """Records of existence from the database of this deployment. Asked only where a verdict rests on it."""

    units: UnitOfWorkFactory

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The earliest time at which the document with the SHA-256 `reference.id` is known to have been here."""
        try:
            with self.units(writes=False) as unit:
                issued = unit.issuances.find_credential_by_sha256(reference.id)
                seen = unit.seen_documents.find(reference.id)
        except UnavailableError as error:
            return EvidenceItem(reference, at, EXISTENCE_SOURCE, unavailable=error.code)
        known = []
        if issued is not None:
            known.append(ProvableTime(issued.stored_at, "issued_here"))
        if seen is not None:
            known.append(ProvableTime(seen, "first_seen"))
        if not known:
            return EvidenceItem(reference, at, EXISTENCE_SOURCE, unavailable="not_found")
        earliest = min(known, key=lambda time: time.instant)
        return EvidenceItem(reference, at, EXISTENCE_SOURCE, encode_existence_record(reference.id, earliest))


@dataclass(frozen=True, slots=True)
class RememberSeen:
    """Remembers that a document was verified here and found valid: its digest and the time, and nothing else."""

    units: UnitOfWorkFactory

    def __call__(self, report: AnyReport, at: datetime) -> None:
        """Remember it, the first time. Raises `UnavailableError`."""
        if report.verdict is not Verdict.VALID:
            return
        sha256 = report.document_sha256
        with self.units(writes=False) as unit:
            if unit.seen_documents.find(sha256) is not None:
                return
        try:
            in_transaction(self.units, lambda unit: unit.seen_documents.add(sha256, at))
        except ConflictError as error:
            if error.code != "already_recorded":  # else somebody else was quicker
                raise

"""Proof that a document existed at some time, from our own records: it was issued here, or was verified here before.

A stolen key signs with whatever date it likes; what was here before the theft was not signed by the thief (SECURITY
K-13, T-03).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.errors import ConflictError, UnavailableError
from skillcred.model.outcomes import EvidenceReference, Verdict
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.transactions import in_transaction
from skillcred.trust import ProvableTime, encode_existence_record
from skillcred.verification import EvidenceItem, VerificationReport
from skillcred.verification.existence_digests import existence_digests

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
    """Remembers that credentials were verified here and found valid, shown by themselves or in a presentation: their
    digests and the time, and nothing else (SECURITY PR-07). Who showed them, and that they came together, is not kept.
    """

    units: UnitOfWorkFactory

    def __call__(self, shown: Iterable[tuple[VerificationReport, bytes]], at: datetime) -> None:
        """Remember each credential, given with its bytes, the first time. Raises `UnavailableError`."""
        valid = [content for report, content in shown if report.verdict is Verdict.VALID]
        digests = dict.fromkeys(digest for content in valid for digest in existence_digests(content))
        if not digests:
            return
        with self.units(writes=False) as unit:
            new = [digest for digest in digests if unit.seen_documents.find(digest) is None]
        for digest in new:
            self._add(digest, at)

    def _add(self, digest: str, at: datetime) -> None:
        try:
            in_transaction(self.units, lambda unit: unit.seen_documents.add(digest, at))
        except ConflictError as error:
            if error.code != "already_recorded":  # else somebody else was quicker
                raise

"""Verify a document: run the pure function, fetch what it lacks, run it again. Nothing is stored.

Bounded in count and time (SECURITY I9, I10). No fetch carries anything about the credential or the verifier:
identity documents and registry extracts are asked for by the issuer's identifier alone (I14).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.ports import Clock, EvidenceSource
from skillcred.verification import (
    DEFAULT_POLICY,
    Evidence,
    EvidenceItem,
    VerificationPolicy,
    VerificationReport,
    build_bundle,
    verify,
)

MAX_ROUNDS: Final = 4
"""Most times that missing evidence is fetched in one verification; registry, then bodies, needs two."""
MAX_FETCHES: Final = 16
"""Most pieces of evidence fetched in one verification."""
MAX_FETCH_TIME: Final = timedelta(seconds=10)
"""Longest time spent on fetching in one verification; each fetch has its own, shorter limit."""


@dataclass(frozen=True, slots=True)
class Verification:
    """A report and all that is needed to reach it again."""

    document: bytes
    media_type: str
    report: VerificationReport

    def bundle(self) -> bytes:
        """The evidence bundle of this verification."""
        return build_bundle(self.document, self.media_type, self.report)


@dataclass(frozen=True, slots=True)
class VerifyDocument:
    """The use case. `sources` has one source for each kind of evidence; `offline_sources` those that never
    leave this machine."""

    clock: Clock
    sources: Mapping[EvidenceKind, EvidenceSource]
    offline_sources: Mapping[EvidenceKind, EvidenceSource]
    policy: VerificationPolicy = DEFAULT_POLICY

    def __call__(
        self,
        content: bytes,
        *,
        media_type: str = "application/vc",
        at: datetime | None = None,
        offline: bool = False,
    ) -> Verification:
        """Verify `content` as of `at`, the present unless given. Raises nothing for what `content` holds."""
        instant = (at or self.clock.now()).astimezone(UTC)
        started = self.clock.now()
        sources = self.offline_sources if offline else self.sources
        evidence = Evidence()
        report = verify(content, evidence=evidence, policy=self.policy, at=instant, media_type=media_type)
        fetched = 0
        for _ in range(MAX_ROUNDS):
            if not report.needs:
                break
            items = []
            for need in report.needs:
                late = self.clock.now() - started > MAX_FETCH_TIME
                items.append(
                    self._not_fetched(need)
                    if late or fetched >= MAX_FETCHES
                    else self._fetch(sources.get(need.kind), need)
                )
                fetched += 1
            evidence = evidence.with_items(items)
            report = verify(
                content, evidence=evidence, policy=self.policy, at=instant, media_type=media_type
            )
        return Verification(content, media_type, report)

    def _fetch(self, source: EvidenceSource | None, need: EvidenceReference) -> EvidenceItem:
        now = self.clock.now()
        if source is None:
            return EvidenceItem(need, now, "none", unavailable="not_fetched_offline")
        return source.fetch_evidence(need, at=now)

    def _not_fetched(self, need: EvidenceReference) -> EvidenceItem:
        return EvidenceItem(need, self.clock.now(), "none", unavailable="fetch_limit")

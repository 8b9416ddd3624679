"""Verify a document: run the pure function, fetch what it lacks, run it again. Nothing is stored.

What this deployment knows itself and holds in memory is handed over at once, so that mostly one run is enough.

Bounded in count and time (SECURITY I9, I10). No fetch carries anything about the credential or the verifier:
identity documents and registry extracts are asked for by the issuer's identifier alone (I14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeVar

from skillcred.errors import UnavailableError
from skillcred.model.datetimes import to_utc
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.foretelling import foretell_evidence
from skillcred.services.kept_lists import build_kept_lists, require_used
from skillcred.services.ports import Clock, EvidenceSource
from skillcred.services.snapshot_ports import EvidenceSnapshot, OwnEvidence, build_evidence
from skillcred.verification import (
    DEFAULT_POLICY,
    AnyReport,
    Evidence,
    EvidenceItem,
    PresentationReport,
    Subject,
    VerificationPolicy,
    VerificationReport,
    build_bundle,
    peek_subject,
    verify,
    verify_presentation,
)

PRESENTATION_INSTEAD: Final = "presentation_instead"
"""The reason of a report on a credential where the document is a presentation."""
NOTHING: Final = Evidence()
MAX_BYTES_AT_ONCE: Final = 32 * 1024
"""Largest document that is verified where others wait meanwhile: some milliseconds of work."""
MAX_ROUNDS: Final = 4
"""Most times that missing evidence is fetched in one verification; registry, then bodies, needs two."""
MAX_FETCHES: Final = 16
"""Most pieces of evidence fetched in one verification."""
MAX_FETCH_TIME: Final = timedelta(seconds=10)
"""Longest time spent on fetching in one verification; each fetch has its own, shorter limit."""


@dataclass(frozen=True, slots=True)
class Verification:
    """A report on a credential and all that is needed to reach it again."""

    document: bytes
    media_type: str
    report: VerificationReport

    def bundle(self) -> bytes:
        """The evidence bundle of this verification."""
        return build_bundle(self.document, self.media_type, self.report)


@dataclass(frozen=True, slots=True)
class PresentationVerification:
    """A report on a presentation and all that is needed to reach it again."""

    document: bytes
    media_type: str
    report: PresentationReport

    def bundle(self) -> bytes:
        """The evidence bundle of this verification."""
        return build_bundle(self.document, self.media_type, self.report)


class PreparedVerification(NamedTuple):
    """All that the pure function is given for one credential, under the default policy. `held` is what is known here,
    as of `at`."""

    content: bytes
    media_type: str
    at: datetime
    held: tuple[OwnEvidence, ...]


def verify_prepared(prepared: PreparedVerification) -> VerificationReport | None:
    """The report, in whichever process this is; `None` if something has to be fetched for it, or if the document is a
    presentation."""
    report = verify(
        prepared.content,
        evidence=build_evidence(prepared.held, prepared.at),
        at=prepared.at,
        media_type=prepared.media_type,
    )
    return None if report.needs or report.reason == PRESENTATION_INSTEAD else report


_Report = TypeVar("_Report", VerificationReport, PresentationReport)


@dataclass(frozen=True, slots=True)
class VerifyDocument:
    """The use case. `sources` has one source for each kind of evidence; `offline_sources` those that never
    leave this machine. Schemas of others have no source: they are not fetched. `snapshot` holds what some of
    them, in both, have found before; without it they are asked each time."""

    clock: Clock
    sources: Mapping[EvidenceKind, EvidenceSource]
    offline_sources: Mapping[EvidenceKind, EvidenceSource]
    policy: VerificationPolicy = DEFAULT_POLICY
    snapshot: EvidenceSnapshot | None = None
    observe: Callable[[AnyReport], None] | None = None
    """Is told of each report that is given, for counting."""
    remember: Callable[[Sequence[tuple[VerificationReport, bytes]], datetime], None] | None = None
    """Is told of each credential and its report as of the present, and writes; then nothing is verified where others
    wait meanwhile."""

    def __call__(
        self,
        content: bytes,
        *,
        media_type: str = "application/vc",
        at: datetime | None = None,
        offline: bool = False,
        asked_at: datetime | None = None,
        given: Evidence = NOTHING,
    ) -> Verification:
        """Verify a credential as of `at`, the present unless given, and tell also whether the issuer was authorised at
        `asked_at`. What is `given` is not fetched. Raises nothing for what `content` holds."""
        instant = to_utc(at or self.clock.now())

        def judge(evidence: Evidence) -> VerificationReport:
            return verify(
                content,
                evidence=evidence,
                policy=self.policy,
                at=instant,
                media_type=media_type,
                asked_at=asked_at,
            )

        report = self._judge_with_evidence(judge, content, given, offline=offline)
        if report.reason != PRESENTATION_INSTEAD:
            self._tell(report)
            if self.remember is not None and at is None:
                self.remember([(report, content)], self.clock.now())
        return Verification(content, media_type, report)

    def presentation(
        self,
        content: bytes,
        *,
        media_type: str = "application/vp",
        at: datetime | None = None,
        offline: bool = False,
        challenge: str | None = None,
        domain: str | None = None,
        shown_now: bool = False,
        given: Evidence = NOTHING,
    ) -> PresentationVerification:
        """Verify a presentation; `challenge` and `domain` are what it has to answer. `shown_now`: it is being shown,
        although `at` is given."""
        instant = to_utc(at or self.clock.now())

        def judge(evidence: Evidence) -> PresentationReport:
            return verify_presentation(
                content,
                evidence=evidence,
                policy=self.policy,
                at=instant,
                media_type=media_type,
                challenge=challenge,
                domain=domain,
            )

        report = self._judge_with_evidence(judge, content, given, offline=offline)
        self._tell(report)
        if self.remember is not None and (at is None or shown_now):
            self.remember([(each.report, each.document) for each in report.credentials], self.clock.now())
        return PresentationVerification(content, media_type, report)

    def upload(
        self,
        content: bytes,
        *,
        media_type: str = "application/json",
        at: datetime | None = None,
        offline: bool = False,
        asked_at: datetime | None = None,
        kept_lists: Sequence[bytes] = (),
    ) -> Verification | PresentationVerification:
        """Verify what somebody handed in, a credential or a presentation, by what it seems to be. `kept_lists` are
        status lists of then, for `at` in the past. Raises `KeptListError`."""
        given = build_kept_lists(kept_lists, at=at, now=self.clock.now())
        found = self._upload(content, media_type, at, offline, asked_at, given)
        require_used(given, found.report.evidence_used)
        return found

    def _upload(
        self,
        content: bytes,
        media_type: str,
        at: datetime | None,
        offline: bool,
        asked_at: datetime | None,
        given: Evidence,
    ) -> Verification | PresentationVerification:
        if not _is_json(content) and peek_subject(content, media_type) is Subject.PRESENTATION:
            return self.presentation(content, media_type=media_type, at=at, offline=offline, given=given)
        found = self(content, media_type=media_type, at=at, offline=offline, asked_at=asked_at, given=given)
        if found.report.reason == PRESENTATION_INSTEAD:
            return self.presentation(content, media_type=media_type, at=at, offline=offline, given=given)
        return found

    def prepare(
        self, content: bytes, *, media_type: str = "application/json", waiting: bool = False
    ) -> PreparedVerification | None:
        """A credential with what is in memory for it, to be verified as of now. `None` for what may take `waiting`,
        unless that is no matter; for what is a presentation, is large, or is written down; under another policy."""
        snapshot = self.snapshot
        if snapshot is None or len(content) > MAX_BYTES_AT_ONCE:
            return None
        if self.remember is not None or self.policy is not DEFAULT_POLICY:
            return None
        if not (waiting or snapshot.at_once):
            return None
        if not _is_json(content) and peek_subject(content, media_type) is Subject.PRESENTATION:
            return None
        now = self.clock.now()
        return PreparedVerification(content, media_type, now, self._foretell(content, now))

    def judge_prepared(self, prepared: PreparedVerification) -> VerificationReport | None:
        """What `upload` gives for it, if it takes no fetching; else `None`."""
        report = verify_prepared(prepared)
        if report is not None:
            self._tell(report)
        return report

    def _tell(self, report: AnyReport) -> None:
        if self.observe is not None:
            self.observe(report)

    def _foretell(self, content: bytes, at: datetime) -> tuple[OwnEvidence, ...]:
        """What is in memory of what the document may need. A database that does not answer is no fault here: what
        then is asked for says so."""
        if self.snapshot is None:
            return ()
        try:
            versions = self.snapshot.read_versions()
        except UnavailableError:
            return ()
        return foretell_evidence(content, self.snapshot, versions=versions, at=at)

    def _judge_with_evidence(
        self,
        judge: Callable[[Evidence], _Report],
        content: bytes,
        given: Evidence,
        *,
        offline: bool,
    ) -> _Report:
        """Run the pure function, fetch what it lacks, run it again, until nothing new is missing."""
        started = self.clock.now()
        sources = self.offline_sources if offline else self.sources
        evidence = build_evidence(self._foretell(content, started), started)
        if given:
            evidence = evidence.with_items(given.values())
        report = judge(evidence)
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
            report = judge(evidence)
        return report

    def _fetch(self, source: EvidenceSource | None, need: EvidenceReference) -> EvidenceItem:
        now = self.clock.now()
        if source is None:
            never = need.kind not in self.sources
            reason = "not_fetched" if never else "not_fetched_offline"
            return EvidenceItem(need, now, "none", unavailable=reason)
        return source.fetch_evidence(need, at=now)

    def _not_fetched(self, need: EvidenceReference) -> EvidenceItem:
        return EvidenceItem(need, self.clock.now(), "none", unavailable="fetch_limit")


def _is_json(content: bytes) -> bool:
    """Whether it can only be JSON, where the pure function itself says if it is a presentation."""
    return content.lstrip()[:1] == b"{"

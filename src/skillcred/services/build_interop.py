"""Puts the use cases of the interoperability surface together. They have keys, a store and a policy of their own, and
no way to anything that is recorded."""

from __future__ import annotations

from collections.abc import Mapping

from skillcred.errors import ConfigurationError
from skillcred.model.outcomes import EvidenceKind
from skillcred.services.derive_interop_credential import DeriveInteropCredential
from skillcred.services.interop import INTEROP_PATH, Interop
from skillcred.services.interop_issuers import make_interop_issuers
from skillcred.services.interop_statuses import open_interop_statuses
from skillcred.services.issue_interop_credential import IssueInteropCredential
from skillcred.services.ports import Clock, CrashPoint, EvidenceSource, UnitOfWorkFactory
from skillcred.services.status_evidence import LocalStatusListSource
from skillcred.services.verify_document import VerifyDocument
from skillcred.verification.policy import INTEROP_POLICY


def build_interop(
    deployment_url: str,
    units: UnitOfWorkFactory | None,
    clock: Clock,
    crash_point: CrashPoint,
    sources: Mapping[EvidenceKind, EvidenceSource],
    offline: Mapping[EvidenceKind, EvidenceSource],
) -> Interop:
    """The surface below `deployment_url`, over a store that lasts no longer than it. Raises `ConfigurationError`
    (`interop_without_store`)."""
    if units is None:
        raise ConfigurationError("The VC-API needs a store of its own.", code="interop_without_store")
    issuers, policy = make_interop_issuers(), INTEROP_POLICY
    base_url = deployment_url + INTEROP_PATH
    statuses = open_interop_statuses(base_url, units, clock, crash_point, issuers)

    def with_lists(known: Mapping[EvidenceKind, EvidenceSource]) -> dict[EvidenceKind, EvidenceSource]:
        lists = LocalStatusListSource(base_url, statuses.publish, known.get(EvidenceKind.STATUS_LIST))
        return {**known, EvidenceKind.STATUS_LIST: lists}

    return Interop(
        issuers=issuers,
        issue_credential=IssueInteropCredential(clock, issuers, policy, statuses),
        derive_credential=DeriveInteropCredential(clock, policy),
        statuses=statuses,
        verify_document=VerifyDocument(clock, with_lists(sources), with_lists(offline), policy),
    )

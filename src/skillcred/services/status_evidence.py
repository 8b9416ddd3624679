"""The status lists of this deployment as evidence, straight from its own storage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from skillcred.errors import IntegrityError, NotFoundError, UnavailableError
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.get_past_status_list import GetPastStatusList
from skillcred.services.identities import STATUS_LISTS_PATH
from skillcred.services.own_evidence import find_own_evidence
from skillcred.services.ports import EvidenceSource
from skillcred.services.publish_status_list import RENEW_BEFORE, PublishStatusList
from skillcred.services.records import StatusView
from skillcred.services.snapshot_ports import EvidenceSnapshot, OwnEvidence
from skillcred.verification import EvidenceItem

OWN_LIST = "own status list"


@dataclass(frozen=True, slots=True)
class LocalStatusListSource:
    """Lists of the organisations of this deployment; `otherwise` is asked for those of others.

    An own list is published first if an event is lacking in it, so a revocation counts here at once.
    """

    base_url: str
    publish: PublishStatusList
    otherwise: EvidenceSource | None
    snapshot: EvidenceSnapshot | None = None

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The list whose address is `reference.id`, or what the next source says."""
        address = parse_status_list_url(self.base_url, reference.id)
        if address is None:
            if self.otherwise is None:
                return EvidenceItem(reference, at, "none", unavailable="not_fetched_offline")
            return self.otherwise.fetch_evidence(reference, at=at)
        try:
            own = find_own_evidence(self.snapshot, reference, lambda: self._make(reference, *address), at=at)
        except (NotFoundError, UnavailableError, IntegrityError) as error:
            return EvidenceItem(reference, at, OWN_LIST, unavailable=error.code)
        return own.build_item(at)

    def _make(self, reference: EvidenceReference, list_id: str, view: StatusView) -> OwnEvidence:
        """Good until it has to be published again."""
        publication = self.publish(list_id, view)
        good_until = publication.valid_until - RENEW_BEFORE
        dates = (EvidenceReference(EvidenceKind.REVOCATION_DATES, reference.id),)
        return OwnEvidence(reference, OWN_LIST, publication.content, good_until, dates)


@dataclass(frozen=True, slots=True)
class LocalPastStatusSource:
    """What this deployment knows of the past of its own lists. Those of others are not asked for it: no specification
    says how, but for tokens, and there the question would tell which day somebody is interested in."""

    base_url: str
    publish: PublishStatusList
    get_past_list: GetPastStatusList
    snapshot: EvidenceSnapshot | None = None

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The version of an own list that held at an instant, or the dates of its revocations."""
        uri, _, instant = reference.id.partition("?time=")
        address = parse_status_list_url(self.base_url, uri)
        dated = reference.kind is EvidenceKind.REVOCATION_DATES
        if address is None or not (dated or instant.isdecimal()):
            return EvidenceItem(reference, at, "none", unavailable="not_fetched")
        list_id, view = address
        try:
            if dated:
                own = find_own_evidence(
                    self.snapshot, reference, lambda: self._make_dates(reference, list_id), at=at
                )
                return own.build_item(at)
            publication = self.get_past_list(list_id, view, datetime.fromtimestamp(int(instant), UTC))
        except (NotFoundError, UnavailableError, IntegrityError) as error:
            return EvidenceItem(reference, at, OWN_LIST, unavailable=error.code)
        return EvidenceItem(reference, at, OWN_LIST, publication.content)

    def _make_dates(self, reference: EvidenceReference, list_id: str) -> OwnEvidence:
        publication = self.publish(list_id, StatusView.REVOCATION_DATES)
        return OwnEvidence(reference, OWN_LIST, publication.content, publication.valid_until - RENEW_BEFORE)


def parse_status_list_url(base_url: str, url: str) -> tuple[str, StatusView] | None:
    """List and view of an address of ours, `None` for any other address."""
    prefix = base_url + STATUS_LISTS_PATH
    if not url.startswith(prefix):
        return None
    list_id, _, view = url.removeprefix(prefix).partition("/")
    return (list_id, StatusView(view)) if list_id and view in set(StatusView) else None

"""Accreditations as the registry page lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.encoding.strict_json import parse_json_object
from skillcred.services.get_accreditation import AccreditationHistory
from skillcred.trust import ExtractedEvent, parse_accreditation
from skillcred.trust.standing import standing_at
from skillcred.web.pages.labels import STANDINGS


@dataclass(frozen=True, slots=True)
class ListedAccreditation:
    """One line of the list. `name` is the provider's as the national body signed it."""

    name: str | None
    provider_did: str
    valid_from: datetime
    valid_until: datetime | None
    standing: str
    in_force: bool


def list_accreditation(history: AccreditationHistory, at: datetime) -> ListedAccreditation:
    """The line for an accreditation, with its state at an instant."""
    recorded = history.accreditation
    document = parse_json_object(recorded.content)
    events = [
        ExtractedEvent(event.kind.value, event.effective_at, event.recorded_at, event.reason)
        for event in history.events
    ]
    standing = standing_at(parse_accreditation(document), events, at).standing
    subject = document.get("credentialSubject")
    name = subject.get("name") if isinstance(subject, dict) else None
    return ListedAccreditation(
        name=name if isinstance(name, str) else None,
        provider_did=recorded.provider_did,
        valid_from=recorded.valid_from,
        valid_until=recorded.valid_until,
        standing=STANDINGS[standing.value],
        in_force=standing.value == "in_force",
    )

"""Evidence that this deployment has itself: registry extracts, and the DID documents of its own
organisations.

Own documents are never fetched over HTTP: it would be slower, and a service should not depend on its own
proxy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.errors import UnavailableError
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.organisation_document import build_organisation_document
from skillcred.services.own_evidence import find_own_evidence
from skillcred.services.ports import EvidenceSource, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    BodyEvent,
    NationalBody,
)
from skillcred.services.snapshot_ports import EvidenceSnapshot, OwnEvidence
from skillcred.trust import (
    EnrolledBody,
    ExtractedAccreditation,
    ExtractedEvent,
    KeyHistory,
    RegisteredKey,
    RegistryExtract,
    encode_registry_extract,
)
from skillcred.trust.chains import MAX_CHAIN_LINKS
from skillcred.verification import EvidenceItem

SOURCE: Final = "local registry"
OWN_DOCUMENT: Final = "own did document"


@dataclass(frozen=True, slots=True)
class LocalRegistrySource:
    """Registry extracts from the database of this deployment."""

    units: UnitOfWorkFactory
    snapshot: EvidenceSnapshot | None = None

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """All that the registry knows about the issuer with the DID `reference.id`; an issuer that nobody
        knows gives an empty extract. A database that does not answer gives an unavailable item (SECURITY
        T-11)."""
        try:
            own = find_own_evidence(self.snapshot, reference, lambda: self._make(reference, at), at=at)
        except UnavailableError as error:
            return EvidenceItem(reference, at, SOURCE, unavailable=error.code)
        return own.build_item(at)

    def _make(self, reference: EvidenceReference, at: datetime) -> OwnEvidence:
        """`as_of` stays what it is here for as long as nothing changes: the extract is then still what it was."""
        with self.units(writes=False) as unit:
            extract = _build_extract(unit, reference.id, at)
        signers = dict.fromkeys([*(body.did for body in extract.bodies), *extract.names])
        leads_to = tuple(EvidenceReference(EvidenceKind.DID_DOCUMENT, did) for did in signers)
        return OwnEvidence(reference, SOURCE, encode_registry_extract(extract), leads_to=leads_to)


@dataclass(frozen=True, slots=True)
class LocalDidDocumentSource:
    """DID documents of the organisations of this deployment; `otherwise` is asked for those of others."""

    units: UnitOfWorkFactory
    otherwise: EvidenceSource | None
    snapshot: EvidenceSnapshot | None = None

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The document as `publish_did_document` would show it, or what the next source says."""
        try:
            own = find_own_evidence(self.snapshot, reference, lambda: self._make(reference), at=at)
        except UnavailableError as error:
            return EvidenceItem(reference, at, OWN_DOCUMENT, unavailable=error.code)
        if own is not None:
            return own.build_item(at)
        if self.otherwise is None:
            return EvidenceItem(reference, at, "none", unavailable="not_fetched_offline")
        return self.otherwise.fetch_evidence(reference, at=at)

    def _make(self, reference: EvidenceReference) -> OwnEvidence | None:
        with self.units(writes=False) as unit:
            organisation = unit.organisations.find_by_did(reference.id)
            keys = [] if organisation is None else unit.signing_keys.list_for(organisation.id)
        if organisation is None or organisation.keys_elsewhere:
            return None
        document = json.dumps(build_organisation_document(organisation, keys)).encode("utf-8")
        return OwnEvidence(reference, OWN_DOCUMENT, document)


def _build_extract(unit: UnitOfWork, issuer_did: str, at: datetime) -> RegistryExtract:
    organisation = unit.organisations.find_by_did(issuer_did)
    accreditations = _list_upwards(unit, issuer_did)
    signers = sorted({accreditation.body_did for accreditation in accreditations})
    # an enrolled body also decides by itself, so its own enrolment belongs to what is known of it
    bodies = [
        body for did in sorted({issuer_did, *signers}) if (body := unit.registry.find_body(did)) is not None
    ]
    names = {did: own.name for did in signers if (own := unit.organisations.find_by_did(did)) is not None}
    known = dict.fromkeys((issuer_did, *signers))
    return RegistryExtract(
        issuer_did=issuer_did,
        as_of=at,
        issuer_name=None if organisation is None else organisation.name,
        keys=tuple(history for did in known if (history := find_key_history(unit, did)).keys),
        bodies=tuple(_enrolled(unit, body) for body in bodies),
        accreditations=tuple(
            ExtractedAccreditation(
                content=accreditation.content,
                media_type=accreditation.media_type,
                recorded_at=accreditation.recorded_at,
                events=tuple(extracted_event(event) for event in unit.registry.list_events(accreditation.id)),
            )
            for accreditation in accreditations
        ),
        names=names,
    )


def _list_upwards(unit: UnitOfWork, issuer_did: str) -> list[Accreditation]:
    """The accreditations of the issuer, of those who gave them, and so on, as far as a chain may reach. Whoever is met
    twice is not asked about twice, so loops end."""
    found: list[Accreditation] = []
    seen = {issuer_did}
    level = [issuer_did]
    for _ in range(MAX_CHAIN_LINKS):
        above: list[str] = []
        for did in level:
            for accreditation in unit.registry.list_accreditations(provider_did=did):
                found.append(accreditation)
                if accreditation.body_did not in seen:
                    seen.add(accreditation.body_did)
                    above.append(accreditation.body_did)
        level = above
    return found


def find_enrolled_body(unit: UnitOfWork, did: str) -> EnrolledBody | None:
    """The enrolment of that DID with all that happened to it."""
    body = unit.registry.find_body(did)
    return None if body is None else _enrolled(unit, body)


def _enrolled(unit: UnitOfWork, body: NationalBody) -> EnrolledBody:
    events = tuple(extracted_event(event) for event in unit.registry.list_body_events(body.did))
    return EnrolledBody(
        body.did, body.name, body.country, body.enrolled_at, body.ended_at, body.scopes, events
    )


def extracted_event(event: AccreditationEvent | BodyEvent) -> ExtractedEvent:
    """The event as evidence holds it."""
    return ExtractedEvent(
        event.kind.value, event.effective_at, event.recorded_at, event.reason, event.successor
    )


def find_key_history(unit: UnitOfWork, did: str) -> KeyHistory:
    """Keys of an organisation of ours as they are kept here, else what was recorded of somebody elsewhere."""
    organisation = unit.organisations.find_by_did(did)
    if organisation is None or organisation.keys_elsewhere:
        return KeyHistory(did, tuple(known.key for known in unit.registry.list_known_keys(did)))
    return KeyHistory(
        did,
        tuple(
            RegisteredKey(
                key.id, key.public_key_multibase, key.activated_at, key.retired_at, key.compromised_at
            )
            for key in unit.signing_keys.list_for(organisation.id)
        ),
    )

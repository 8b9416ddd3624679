"""The fake of the storage: the same promises as the databases, kept in dictionaries; and a clock that stands still.

A unit of work gets a deep-enough copy (records are frozen, so copying the containers is enough) and puts it back
on commit. One lock serves writers one after the other, as SQLite does.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from skillcred.errors import ConflictError, InputError, IntegrityError, NotFoundError
from skillcred.services.accredited_ports import Accredited
from skillcred.services.batch_records import BatchItem, StatusBatch
from skillcred.services.branch_ports import HandedInBranch
from skillcred.services.case_records import CaseDocument, CaseEvent, RecognitionCase
from skillcred.services.governance_records import LogEntry, Proposal
from skillcred.services.listed_records import ListedBody
from skillcred.services.names import build_skeleton
from skillcred.services.offer_records import Offer, UsedOnce, WalletAuthorization, WalletDelivery, WalletToken
from skillcred.services.ports import Hold
from skillcred.services.presentation_records import PresentationRequest
from skillcred.services.provider_names import read_provider_name
from skillcred.services.recognition_data_ports import ImportedTable, StoredVouching
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    ApiKey,
    AuditEntry,
    BodyEvent,
    Issuance,
    IssuanceState,
    KeyState,
    KnownKey,
    NationalBody,
    Organisation,
    OrganisationKind,
    SigningKey,
    StatusEvent,
    StatusListRecord,
    StatusPublication,
    StatusSlot,
    StatusView,
    StoredCredential,
)
from skillcred.services.snapshot_ports import Area, Versions
from worlds.in_memory_batches import InMemoryStatusBatchRepository
from worlds.in_memory_cases import InMemoryCaseRepository
from worlds.in_memory_classification import InMemoryClassificationRepository
from worlds.in_memory_governance import (
    InMemoryBranchRepository,
    InMemoryProposalRepository,
    InMemoryRegistryLogRepository,
)
from worlds.in_memory_listed import InMemoryListedBodyRepository
from worlds.in_memory_offers import InMemoryOfferRepository, InMemoryWalletAccessRepository
from worlds.in_memory_presentations import InMemoryPresentationRepository
from worlds.in_memory_recognition_data import InMemoryRecognitionDataRepository
from worlds.in_memory_statuses import InMemoryStatusRepository

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class FixedClock:
    """A clock that only moves when it is told to."""

    def __init__(self, instant: datetime = START) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def advance(self, **span: float) -> datetime:
        self.instant += timedelta(**span)
        return self.instant


def _refuse_unstorable(*texts: str | None) -> None:
    for text in texts:
        if text is not None and ("\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)):
            raise InputError("A text holds a character that cannot be stored.", code="text_not_storable")


@dataclass
class State:
    organisations: dict[str, Organisation] = field(default_factory=dict)
    signing_keys: dict[str, SigningKey] = field(default_factory=dict)
    bodies: dict[str, NationalBody] = field(default_factory=dict)
    accreditations: dict[str, Accreditation] = field(default_factory=dict)
    events: dict[str, AccreditationEvent] = field(default_factory=dict)
    body_events: dict[str, BodyEvent] = field(default_factory=dict)
    known_keys: dict[tuple[str, str], KnownKey] = field(default_factory=dict)
    registry_log: list[LogEntry] = field(default_factory=list)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    branches: dict[tuple[str, int], HandedInBranch] = field(default_factory=dict)
    listed_bodies: dict[str, ListedBody] = field(default_factory=dict)
    classification: dict[str, Any] = field(default_factory=dict)
    issuances: dict[str, Issuance] = field(default_factory=dict)
    credentials: dict[str, StoredCredential] = field(default_factory=dict)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    cases: dict[str, RecognitionCase] = field(default_factory=dict)
    case_documents: list[CaseDocument] = field(default_factory=list)
    case_events: list[CaseEvent] = field(default_factory=list)
    recognition_tables: dict[str, ImportedTable] = field(default_factory=dict)
    recognition_vouchings: dict[str, StoredVouching] = field(default_factory=dict)
    status_lists: dict[str, StatusListRecord] = field(default_factory=dict)
    status_slots: dict[tuple[str, int], StatusSlot] = field(default_factory=dict)
    status_events: dict[str, StatusEvent] = field(default_factory=dict)
    seen_documents: dict[str, datetime] = field(default_factory=dict)
    seen_status_lists: dict[str, datetime] = field(default_factory=dict)
    status_publications: dict[tuple[str, StatusView, int], StatusPublication] = field(default_factory=dict)
    status_batches: dict[str, StatusBatch] = field(default_factory=dict)
    status_batch_items: dict[tuple[str, int], BatchItem] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    deliveries: dict[str, WalletDelivery] = field(default_factory=dict)
    wallet_authorizations: dict[str, WalletAuthorization] = field(default_factory=dict)
    wallet_tokens: dict[str, WalletToken] = field(default_factory=dict)
    used_once: dict[str, UsedOnce] = field(default_factory=dict)
    presentation_requests: dict[str, PresentationRequest] = field(default_factory=dict)

    def copy(self) -> State:
        return State(**{name: copy.copy(value) for name, value in vars(self).items()})


class InMemoryOrganisationRepository:
    def __init__(self, state: State) -> None:
        self._all = state.organisations

    def add(self, organisation: Organisation) -> None:
        _refuse_unstorable(organisation.name, organisation.slug)
        if self.find_by_slug(organisation.slug):
            raise ConflictError("Taken.", code="slug_taken")
        if self.find_by_did(organisation.did):
            raise ConflictError("Taken.", code="did_taken")
        if self.find_by_name(organisation.name):
            raise ConflictError("Taken.", code="name_taken")
        if organisation.id in self._all:
            raise ConflictError("Taken.", code="already_recorded")
        self._all[organisation.id] = organisation

    def get(self, organisation_id: str) -> Organisation:
        if organisation_id not in self._all:
            raise NotFoundError("There is no such organisation.")
        return self._all[organisation_id]

    def find_by_slug(self, slug: str) -> Organisation | None:
        return next((item for item in self._all.values() if item.slug == slug), None)

    def find_by_did(self, did: str) -> Organisation | None:
        return next((item for item in self._all.values() if item.did == did), None)

    def find_by_name(self, name: str) -> Organisation | None:
        skeleton = build_skeleton(name)
        return next((item for item in self._all.values() if build_skeleton(item.name) == skeleton), None)

    def list_all(self, kind: OrganisationKind | None = None) -> list[Organisation]:
        return [item for item in self._all.values() if kind in (None, item.kind)]


class InMemorySigningKeyRepository:
    def __init__(self, state: State) -> None:
        self._all = state.signing_keys

    def add(self, key: SigningKey) -> None:
        if key.id in self._all or (
            key.state is KeyState.ACTIVE and self.find_active(key.organisation_id, key.algorithm)
        ):
            raise ConflictError("Taken.", code="signing_key_taken")
        self._all[key.id] = key

    def update(self, key: SigningKey) -> None:
        known = self._all.get(key.id)
        if known is None or known.organisation_id != key.organisation_id:
            raise NotFoundError("There is no such key.")
        self._all[key.id] = replace(
            known,
            state=key.state,
            activated_at=key.activated_at,
            retired_at=key.retired_at,
            compromised_at=key.compromised_at,
            certificates=key.certificates,
        )

    def find_active(
        self, organisation_id: str, algorithm: str, *, hold: Hold | None = None
    ) -> SigningKey | None:
        for key in self.list_for(organisation_id):
            if key.algorithm == algorithm and key.state is KeyState.ACTIVE:
                return key
        return None

    def list_for(self, organisation_id: str) -> list[SigningKey]:
        return [key for key in self._all.values() if key.organisation_id == organisation_id]


class InMemoryRegistryRepository:
    def __init__(self, state: State) -> None:
        self._state = state

    def add_body(self, body: NationalBody) -> None:
        _refuse_unstorable(body.name)
        if body.did in self._state.bodies:
            raise ConflictError("Taken.", code="did_taken")
        if self.find_body_by_name(body.name):
            raise ConflictError("Taken.", code="name_taken")
        self._state.bodies[body.did] = body

    def find_body(self, did: str, *, hold: Hold | None = None) -> NationalBody | None:
        return self._state.bodies.get(did)

    def find_body_by_name(self, name: str) -> NationalBody | None:
        skeleton = build_skeleton(name)
        return next((b for b in self._state.bodies.values() if build_skeleton(b.name) == skeleton), None)

    def list_bodies(self) -> list[NationalBody]:
        return sorted(self._state.bodies.values(), key=lambda body: (body.country, body.name, body.did))

    def add_accreditation(self, accreditation: Accreditation) -> None:
        if accreditation.id in self._state.accreditations:
            raise ConflictError("Taken.", code="accreditation_taken")
        self._state.accreditations[accreditation.id] = accreditation

    def get_accreditation(self, accreditation_id: str, *, hold: Hold | None = None) -> Accreditation:
        if accreditation_id not in self._state.accreditations:
            raise NotFoundError("There is no such accreditation.")
        return self._state.accreditations[accreditation_id]

    def list_accreditations(
        self, *, provider_did: str | None = None, body_did: str | None = None, like: str | None = None
    ) -> list[Accreditation]:
        return [
            item
            for item in self._state.accreditations.values()
            if provider_did in (None, item.provider_did)
            and body_did in (None, item.body_did)
            and (like is None or _looks_like(like, read_provider_name(item.content)))
        ]

    def list_accredited(self, did: str | None = None) -> list[Accredited]:
        received: dict[str, list[Accreditation]] = {}
        for item in self.list_accreditations(provider_did=did):
            received.setdefault(item.provider_did, []).append(item)
        return [
            Accredited(provider, items[0].recorded_at, items[-1].id, items[-1].body_did)
            for provider, items in received.items()
        ]

    def list_accreditors(self, dids: Collection[str]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for item in self._state.accreditations.values():
            if item.provider_did in dids:
                found.setdefault(item.provider_did, set()).add(item.body_did)
        return found

    def list_received(self, dids: Collection[str], *, limit: int) -> list[tuple[str, str]]:
        received = [
            (item.provider_did, item.id)
            for item in self._state.accreditations.values()
            if item.provider_did in dids
        ]
        return received[:limit]

    def list_contents(self, accreditation_ids: Collection[str]) -> dict[str, bytes]:
        return {
            name: self._state.accreditations[name].content
            for name in accreditation_ids
            if name in self._state.accreditations
        }

    def add_event(self, event: AccreditationEvent) -> None:
        _refuse_unstorable(event.reason)
        if event.id in self._state.events:
            raise ConflictError("Taken.", code="event_taken")
        self._state.events[event.id] = event

    def list_events(self, accreditation_id: str | None = None) -> list[AccreditationEvent]:
        events = self._state.events.values()
        return [event for event in events if accreditation_id in (None, event.accreditation_id)]

    def add_body_event(self, event: BodyEvent) -> None:
        _refuse_unstorable(event.reason)
        if event.id in self._state.body_events:
            raise ConflictError("Taken.", code="event_taken")
        self._state.body_events[event.id] = event

    def list_body_events(self, body_did: str) -> list[BodyEvent]:
        return [event for event in self._state.body_events.values() if event.body_did == body_did]

    def put_known_key(self, known: KnownKey) -> None:
        name = (known.entity_did, known.key.verification_method)
        recorded = self._state.known_keys.get(name)
        if recorded is not None and recorded.key.public_key_multibase != known.key.public_key_multibase:
            raise ConflictError("Taken.", code="key_conflict")
        self._state.known_keys[name] = known

    def list_known_keys(self, entity_did: str | None = None) -> list[KnownKey]:
        return [known for known in self._state.known_keys.values() if entity_did in (None, known.entity_did)]


def _looks_like(name: str, given: str | None) -> bool:
    return given is not None and build_skeleton(given) == build_skeleton(name)


class InMemoryIssuanceRepository:
    def __init__(self, state: State) -> None:
        self._issuances = state.issuances
        self._credentials = state.credentials

    def reserve(self, issuance: Issuance) -> None:
        used = any(item.credential_id == issuance.credential_id for item in self._issuances.values())
        busy = self.find(issuance.organisation_id, issuance.idempotency_key) is not None
        if used or issuance.id in self._issuances or (busy and issuance.state is not IssuanceState.VOID):
            raise ConflictError("Taken.", code="issuance_taken")
        self._issuances[issuance.id] = issuance

    def find(self, organisation_id: str, idempotency_key: str) -> Issuance | None:
        for item in self._issuances.values():
            if (item.organisation_id, item.idempotency_key) == (
                organisation_id,
                idempotency_key,
            ) and item.state is not IssuanceState.VOID:
                return item
        return None

    def take_over(self, issuance_id: str, *, expired_before: datetime, lease_until: datetime) -> bool:
        item = self._issuances.get(issuance_id)
        if item is None or item.state is not IssuanceState.RESERVED or item.lease_until > expired_before:
            return False
        self._issuances[issuance_id] = replace(item, lease_until=lease_until)
        return True

    def end_lease(self, issuance_id: str, *, at: datetime) -> None:
        item = self._issuances.get(issuance_id)
        if item is not None and item.state is IssuanceState.RESERVED:
            self._issuances[issuance_id] = replace(item, lease_until=at)

    def set_state(self, issuance_id: str, state: IssuanceState, *, expected: IssuanceState) -> bool:
        item = self._issuances.get(issuance_id)
        if item is None or item.state is not expected:
            return False
        self._issuances[issuance_id] = replace(item, state=state)
        return True

    def list_in_state(self, state: IssuanceState, *, reserved_before: datetime) -> list[Issuance]:
        return [i for i in self._issuances.values() if i.state is state and i.reserved_at < reserved_before]

    def list_renewals(self, organisation_id: str, credential_ids: Collection[str]) -> list[str]:
        return [
            item.credential_id
            for item in self._issuances.values()
            if item.organisation_id == organisation_id and item.renews in credential_ids
        ]

    def find_latest_reservation(self, key_id: str) -> datetime | None:
        return max((i.reserved_at for i in self._issuances.values() if i.key_id == key_id), default=None)

    def store_credential(self, credential: StoredCredential) -> None:
        if credential.credential_id in self._credentials or any(
            item.issuance_id == credential.issuance_id for item in self._credentials.values()
        ):
            raise ConflictError("Taken.", code="credential_taken")
        self._credentials[credential.credential_id] = credential

    def find_credential(self, credential_id: str) -> StoredCredential | None:
        return self._credentials.get(credential_id)

    def find_credential_by_sha256(self, sha256: str) -> StoredCredential | None:
        found = (
            item
            for item in self._credentials.values()
            if sha256 in (item.sha256, *(copy.sha256 for copy in item.copies))
        )
        return next(found, None)


class InMemorySeenDocumentRepository:
    def __init__(self, state: State) -> None:
        self._all = state.seen_documents

    def add(self, sha256: str, first_seen_at: datetime) -> None:
        if sha256 in self._all:
            raise ConflictError("Taken.", code="already_recorded")
        self._all[sha256] = first_seen_at

    def find(self, sha256: str) -> datetime | None:
        return self._all.get(sha256)


class InMemoryApiKeyRepository:
    def __init__(self, state: State) -> None:
        self._all = state.api_keys

    def add(self, key: ApiKey) -> None:
        _refuse_unstorable(key.label)
        if key.id in self._all or any(item.secret_sha256 == key.secret_sha256 for item in self._all.values()):
            raise ConflictError("Taken.", code="api_key_taken")
        self._all[key.id] = key

    def find(self, api_key_id: str) -> ApiKey | None:
        return self._all.get(api_key_id)

    def revoke(self, api_key_id: str, *, organisation_id: str, at: datetime) -> None:
        key = self._all.get(api_key_id)
        if key is None or key.organisation_id != organisation_id:
            raise NotFoundError("There is no such API key.")
        if key.revoked_at is None:
            self._all[api_key_id] = replace(key, revoked_at=at)

    def list_for(self, organisation_id: str) -> list[ApiKey]:
        return [key for key in self._all.values() if key.organisation_id == organisation_id]


class InMemoryAuditRepository:
    def __init__(self, state: State) -> None:
        self._all = state.audit

    def add(self, entry: AuditEntry) -> None:
        self._all.append(entry)

    def list_for(self, organisation_id: str) -> list[AuditEntry]:
        return [entry for entry in self._all if entry.organisation_id == organisation_id]


class InMemoryUnitOfWork:
    def __init__(self, storage: InMemoryStorage, state: State, *, writes: bool) -> None:
        self._storage = storage
        self._state = state
        self._writes = writes
        self.organisations = InMemoryOrganisationRepository(state)
        self.signing_keys = InMemorySigningKeyRepository(state)
        self.registry = InMemoryRegistryRepository(state)
        self.registry_log = InMemoryRegistryLogRepository(state)
        self.branches = InMemoryBranchRepository(state)
        self.proposals = InMemoryProposalRepository(state)
        self.listed_bodies = InMemoryListedBodyRepository(state)
        self.cases = InMemoryCaseRepository(state)
        self.recognition_data = InMemoryRecognitionDataRepository(state)
        self.classification = InMemoryClassificationRepository(state)
        self.issuances = InMemoryIssuanceRepository(state)
        self.statuses = InMemoryStatusRepository(state)
        self.batches = InMemoryStatusBatchRepository(state)
        self.seen_documents = InMemorySeenDocumentRepository(state)
        self.api_keys = InMemoryApiKeyRepository(state)
        self.audit = InMemoryAuditRepository(state)
        self.offers = InMemoryOfferRepository(state)
        self.wallet_access = InMemoryWalletAccessRepository(state)
        self.presentations = InMemoryPresentationRepository(state)

    def commit(self) -> None:
        if not self._writes:
            raise IntegrityError("A unit of work that only reads was to be committed.", code="read_only_unit")
        self._storage.state = self._state.copy()
        self._storage.committed += 1


class InMemoryStorage:
    """`UnitOfWorkFactory` over dictionaries."""

    def __init__(self) -> None:
        self.state = State()
        self.committed = 0
        self._turn = threading.Lock()

    @contextmanager
    def __call__(self, *, writes: bool) -> Iterator[InMemoryUnitOfWork]:
        if not writes:
            yield InMemoryUnitOfWork(self, self.state.copy(), writes=False)
            return
        with self._turn:
            yield InMemoryUnitOfWork(self, self.state.copy(), writes=True)


class InMemoryChangeCounter:
    """`ChangeCounter` that counts every commit as a change of everything."""

    at_once = True

    def __init__(self, storage: InMemoryStorage) -> None:
        self._storage = storage

    def read(self) -> Versions:
        with self._storage(writes=False):  # so that a storage that is broken does not answer here either
            return dict.fromkeys(Area, self._storage.committed)

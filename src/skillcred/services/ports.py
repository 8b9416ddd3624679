"""What the services need from the outside world. Each port has one contract test suite that every
implementation and its fake must pass (`tests/contracts/`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from skillcred.errors import UnavailableError
from skillcred.services.accredited_ports import AccreditedLookup
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    BodyEvent,
    Issuance,
    IssuanceState,
    KnownKey,
    NationalBody,
    Organisation,
    OrganisationKind,
    SigningKey,
    StoredCredential,
)

if TYPE_CHECKING:  # the storage adapters need these ports, and none of the rooms below
    from skillcred.keys.signer import Signer
    from skillcred.model.outcomes import EvidenceReference
    from skillcred.services.access_ports import ApiKeyRepository, AuditRepository
    from skillcred.services.batch_ports import StatusBatchRepository
    from skillcred.services.branch_ports import BranchRepository
    from skillcred.services.case_ports import CaseRepository
    from skillcred.services.classification_ports import ClassificationRepository
    from skillcred.services.existence_ports import SeenDocumentRepository
    from skillcred.services.fsck_ports import StorageInspection
    from skillcred.services.governance_ports import ProposalRepository, RegistryLogRepository
    from skillcred.services.listed_ports import ListedBodyRepository
    from skillcred.services.offer_ports import OfferRepository, WalletAccessRepository
    from skillcred.services.presentation_ports import PresentationRepository
    from skillcred.services.recognition_data_ports import RecognitionDataRepository
    from skillcred.services.status_ports import StatusRepository
    from skillcred.verification.evidence import EvidenceItem


class TransactionConflictError(UnavailableError):
    """The database gave this transaction up in favour of another; the whole unit of work may be run again."""

    default_code = "transaction_conflict"


class CommitUnknownError(UnavailableError):
    """The commit was sent and its result never came. It may have happened: look before doing it again."""

    default_code = "commit_outcome_unknown"


class Hold(StrEnum):
    """How a row is held until the unit of work ends: `SHARED`, so that nobody changes it, or `EXCLUSIVE`, so
    that nobody else holds it at all."""

    SHARED = "shared"
    EXCLUSIVE = "exclusive"


class Clock(Protocol):
    """The one source of time. Injected, so that tests decide it."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SignerSource(Protocol):
    """Gives the signers of keys that exist."""

    def get_signer(self, key_id: str, public_key_multibase: str) -> Signer:
        """The signer for `key_id`; its public part must be `public_key_multibase`.

        Raises `NotFoundError`, or `IntegrityError` if the stored key disagrees or is unsafely stored.
        """
        ...


class KeyManager(SignerSource, Protocol):
    """Holds private keys and never gives them away."""

    def create_key(self, key_id: str, algorithm: str) -> str:
        """Make a key pair named `key_id` (a DID URL) and store it durably before returning.

        `algorithm` is an `Algorithm` value. Returns the public key as Multikey text.
        Raises `ConflictError` if the name is taken, `UnavailableError` if it cannot be written.
        """
        ...

    def adopt_key(self, provisional_id: str, key_id: str) -> None:
        """Rename a key durably (a did:key is only known once the key exists)."""
        ...


class OrganisationRepository(Protocol):
    """Organisations of this deployment."""

    def add(self, organisation: Organisation) -> None:
        """Record. Raises `ConflictError` for a taken id, slug, DID, or a name that looks like another's."""
        ...

    def get(self, organisation_id: str) -> Organisation:
        """Raises `NotFoundError`."""
        ...

    def find_by_slug(self, slug: str) -> Organisation | None:
        """The organisation with that last DID path segment."""
        ...

    def find_by_did(self, did: str) -> Organisation | None:
        """The organisation with exactly that DID."""
        ...

    def find_by_name(self, name: str) -> Organisation | None:
        """The organisation whose name is, or looks like, `name` (`services.names.build_skeleton`)."""
        ...

    def list_all(self, kind: OrganisationKind | None = None) -> list[Organisation]:
        """All, or all of one kind, in order of creation."""
        ...


class SigningKeyRepository(Protocol):
    """Public parts and life of the keys."""

    def add(self, key: SigningKey) -> None:
        """Record a key. Raises `ConflictError` for a taken id, or if the organisation has an active key of
        that algorithm already."""
        ...

    def find_active(
        self, organisation_id: str, algorithm: str, *, hold: Hold | None = None
    ) -> SigningKey | None:
        """The active key of that algorithm."""
        ...

    def update(self, key: SigningKey) -> None:
        """Replace state and windows of a key. Raises `NotFoundError`."""
        ...

    def list_for(self, organisation_id: str) -> list[SigningKey]:
        """All keys of an organisation, oldest first."""
        ...


class RegistryRepository(AccreditedLookup, Protocol):
    """National bodies, accreditations and what happened to them. Nothing is ever deleted."""

    def add_body(self, body: NationalBody) -> None:
        """Enrol. Raises `ConflictError` if the DID is enrolled already or the name looks like another's."""
        ...

    def find_body(self, did: str, *, hold: Hold | None = None) -> NationalBody | None:
        """The body with exactly that DID."""
        ...

    def find_body_by_name(self, name: str) -> NationalBody | None:
        """The body whose name is, or looks like, `name`."""
        ...

    def list_bodies(self) -> list[NationalBody]:
        """All bodies, by country and name."""
        ...

    def add_accreditation(self, accreditation: Accreditation) -> None:
        """Record a signed accreditation. Raises `ConflictError` for a taken id."""
        ...

    def get_accreditation(self, accreditation_id: str, *, hold: Hold | None = None) -> Accreditation:
        """Raises `NotFoundError`."""
        ...

    def list_accreditations(
        self, *, provider_did: str | None = None, body_did: str | None = None, like: str | None = None
    ) -> list[Accreditation]:
        """Accreditations of a provider, by a body, of providers whose name is or looks `like`; by recording."""
        ...

    def add_event(self, event: AccreditationEvent) -> None:
        """Record an event. Raises `ConflictError` for a taken id."""
        ...

    def list_events(self, accreditation_id: str | None = None) -> list[AccreditationEvent]:
        """Events of an accreditation, or of all, in order of recording."""
        ...

    def add_body_event(self, event: BodyEvent) -> None:
        """Record what happened to an enrolment. Raises `ConflictError` for a taken id."""
        ...

    def list_body_events(self, body_did: str) -> list[BodyEvent]:
        """Events of an enrolment in order of recording."""
        ...

    def put_known_key(self, known: KnownKey) -> None:
        """Record a key of somebody elsewhere, or new times of a recorded one. Raises `ConflictError` (`key_conflict`)
        where another public key is recorded under its name."""
        ...

    def list_known_keys(self, entity_did: str | None = None) -> list[KnownKey]:
        """The keys recorded of somebody elsewhere, or of everybody, in order of recording."""
        ...


class IssuanceRepository(Protocol):
    """Reservations and the credentials that came of them."""

    def reserve(self, issuance: Issuance) -> None:
        """Record a reservation. Raises `ConflictError` if the credential id was ever used, or the idempotency
        key by an issuance that is not void."""
        ...

    def find(self, organisation_id: str, idempotency_key: str) -> Issuance | None:
        """The issuance of that organisation under that idempotency key, unless it is void."""
        ...

    def take_over(self, issuance_id: str, *, expired_before: datetime, lease_until: datetime) -> bool:
        """Atomically extend the lease of a reserved issuance whose lease ended at or before `expired_before`.

        False where somebody else has it, or it is no longer reserved."""
        ...

    def end_lease(self, issuance_id: str, *, at: datetime) -> None:
        """End the lease of a reserved issuance, so that the next request can go on with it at once."""
        ...

    def set_state(self, issuance_id: str, state: IssuanceState, *, expected: IssuanceState) -> bool:
        """Move an issuance from `expected` to `state`; False where it was not in `expected`."""
        ...

    def list_in_state(self, state: IssuanceState, *, reserved_before: datetime) -> list[Issuance]:
        """Issuances in `state` that were reserved before an instant, oldest first."""
        ...

    def list_renewals(self, organisation_id: str, credential_ids: Collection[str]) -> list[str]:
        """The credentials that were reserved as renewals of these, whatever became of them."""
        ...

    def find_latest_reservation(self, key_id: str) -> datetime | None:
        """When the latest reservation that names this key was made, whatever became of it."""
        ...

    def store_credential(self, credential: StoredCredential) -> None:
        """Record the signed bytes. Raises `ConflictError` if this issuance has a credential already."""
        ...

    def find_credential(self, credential_id: str) -> StoredCredential | None:
        """The stored credential or accreditation with that id."""
        ...

    def find_credential_by_sha256(self, sha256: str) -> StoredCredential | None:
        """The one with exactly those bytes, or a copy with them, by their hex digest."""
        ...


class UnitOfWork(Protocol):
    """One transaction. Leaving the context without `commit` rolls back."""

    @property
    def organisations(self) -> OrganisationRepository:
        """Organisations of this deployment."""
        ...

    @property
    def signing_keys(self) -> SigningKeyRepository:
        """Public parts and life of the keys."""
        ...

    @property
    def registry(self) -> RegistryRepository:
        """National bodies and accreditations."""
        ...

    @property
    def registry_log(self) -> RegistryLogRepository:
        """What changed in the registry, as a chain of digests."""
        ...

    @property
    def branches(self) -> BranchRepository:
        """Branches of the published registry that were signed elsewhere."""
        ...

    @property
    def proposals(self) -> ProposalRepository:
        """Changes of the registry that were proposed."""
        ...

    @property
    def listed_bodies(self) -> ListedBodyRepository:
        """Bodies that public sources name."""
        ...

    @property
    def recognition_data(self) -> RecognitionDataRepository:
        """What this deployment adds to the recognition data."""
        ...

    @property
    def cases(self) -> CaseRepository:
        """Cases of recognition before an authority."""
        ...

    @property
    def classification(self) -> ClassificationRepository:
        """A classification of skills and occupations, where one was taken over."""
        ...

    @property
    def issuances(self) -> IssuanceRepository:
        """Reservations and signed credentials."""
        ...

    @property
    def statuses(self) -> StatusRepository:
        """Status lists."""
        ...

    @property
    def batches(self) -> StatusBatchRepository:
        """Batches of status changes."""
        ...

    @property
    def inspection(self) -> StorageInspection:
        """Reading everything through."""
        ...

    @property
    def seen_documents(self) -> SeenDocumentRepository:
        """Documents that were verified here."""
        ...

    @property
    def api_keys(self) -> ApiKeyRepository:
        """API keys."""
        ...

    @property
    def audit(self) -> AuditRepository:
        """What was done."""
        ...

    @property
    def offers(self) -> OfferRepository:
        """Credentials on their way into wallets."""
        ...

    @property
    def wallet_access(self) -> WalletAccessRepository:
        """What wallets may do, and what may be used once."""
        ...

    @property
    def presentations(self) -> PresentationRepository:
        """Requests for presentations."""
        ...

    def commit(self) -> None:
        """Make everything durable. Raises `CommitUnknownError` where the result did not come back (M19)."""
        ...


class UnitOfWorkFactory(Protocol):
    """Opens transactions. Several threads may use one factory at the same time."""

    def __call__(self, *, writes: bool) -> AbstractContextManager[UnitOfWork]:
        """A unit of work. Without `writes` it sees one consistent state and refuses to change it.

        Raises `TransactionConflictError` where trying again helps, else `UnavailableError`.
        """
        ...


class DatabaseCheck(Protocol):
    """Tells whether the database can be used now and has the tables that this version needs."""

    def __call__(self) -> str | None:
        """`None` if all is well, otherwise a stable code."""
        ...


CrashPoint = Callable[[str], None]
"""Called at named places of the issuing machine, so that tests can kill the process there (SECURITY F-01)."""


class EvidenceSource(Protocol):
    """Fetches one kind of evidence. Never raises for what the other side did: that is in the item."""

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The evidence, or an item that says why it could not be had. `at` is the present, for the record."""
        ...

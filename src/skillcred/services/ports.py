"""What the services need from the outside world. Each port has one contract test suite that every
implementation and its fake must pass (`tests/contracts/`)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from skillcred.keys.signer import Signer
from skillcred.model.outcomes import EvidenceReference
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    ApiKey,
    Issuance,
    IssuanceState,
    NationalBody,
    Organisation,
    SigningKey,
    StoredCredential,
)
from skillcred.verification.evidence import EvidenceItem


class Clock(Protocol):
    """The one source of time. Injected, so that tests decide it."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class KeyManager(Protocol):
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

    def get_signer(self, key_id: str, public_key_multibase: str) -> Signer:
        """The signer for `key_id`; its public part must be `public_key_multibase`.

        Raises `NotFoundError`, or `IntegrityError` if the stored key disagrees or is unsafely stored.
        """
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

    def list_all(self) -> list[Organisation]:
        """All, in order of creation."""
        ...


class SigningKeyRepository(Protocol):
    """Public parts and life of the keys."""

    def add(self, key: SigningKey) -> None:
        """Record a key. Raises `ConflictError` for a taken id."""
        ...

    def update(self, key: SigningKey) -> None:
        """Replace state and windows of a key. Raises `NotFoundError`."""
        ...

    def list_for(self, organisation_id: str) -> list[SigningKey]:
        """All keys of an organisation, oldest first."""
        ...


class RegistryRepository(Protocol):
    """National bodies, accreditations and what happened to them. Nothing is ever deleted."""

    def add_body(self, body: NationalBody) -> None:
        """Enrol. Raises `ConflictError` if the DID is enrolled already or the name looks like another's."""
        ...

    def find_body(self, did: str) -> NationalBody | None:
        """The body with exactly that DID."""
        ...

    def list_bodies(self) -> list[NationalBody]:
        """All bodies, by country and name."""
        ...

    def add_accreditation(self, accreditation: Accreditation) -> None:
        """Record a signed accreditation. Raises `ConflictError` for a taken id."""
        ...

    def get_accreditation(self, accreditation_id: str) -> Accreditation:
        """Raises `NotFoundError`."""
        ...

    def list_accreditations(
        self, *, provider_did: str | None = None, body_did: str | None = None
    ) -> list[Accreditation]:
        """Accreditations of a provider, of a body, or all; in order of recording."""
        ...

    def add_event(self, event: AccreditationEvent) -> None:
        """Record an event."""
        ...

    def list_events(self, accreditation_id: str) -> list[AccreditationEvent]:
        """Events of an accreditation in order of recording."""
        ...


class IssuanceRepository(Protocol):
    """Reservations and the credentials that came of them."""

    def reserve(self, issuance: Issuance) -> None:
        """Record a reservation. Raises `ConflictError` if the idempotency key or credential id is taken."""
        ...

    def find(self, organisation_id: str, idempotency_key: str) -> Issuance | None:
        """The issuance of that organisation under that idempotency key."""
        ...

    def take_over(self, issuance_id: str, *, expired_before: datetime, lease_until: datetime) -> bool:
        """Atomically extend the lease of a reserved issuance whose lease ended before `expired_before`."""
        ...

    def set_state(self, issuance_id: str, state: IssuanceState) -> None:
        """Move an issuance on. Raises `NotFoundError`."""
        ...

    def list_in_state(self, state: IssuanceState, *, reserved_before: datetime) -> list[Issuance]:
        """Issuances in `state` that were reserved before an instant, oldest first."""
        ...

    def store_credential(self, credential: StoredCredential) -> None:
        """Record the signed bytes. Raises `ConflictError` if this issuance has a credential already."""
        ...

    def find_credential(self, credential_id: str) -> StoredCredential | None:
        """The stored credential with that id."""
        ...


class ApiKeyRepository(Protocol):
    """API keys, by the digest of their secret."""

    def add(self, key: ApiKey) -> None:
        """Record."""
        ...

    def find_by_secret_sha256(self, secret_sha256: str) -> ApiKey | None:
        """The key with that digest, revoked or not."""
        ...

    def revoke(self, api_key_id: str, *, organisation_id: str, at: datetime) -> None:
        """Revoke. Raises `NotFoundError` also where the key is another organisation's."""
        ...

    def list_for(self, organisation_id: str) -> list[ApiKey]:
        """All keys of an organisation."""
        ...


class UnitOfWork(Protocol):
    """One transaction. Leaving the context without `commit` rolls back."""

    organisations: OrganisationRepository
    signing_keys: SigningKeyRepository
    registry: RegistryRepository
    issuances: IssuanceRepository
    api_keys: ApiKeyRepository

    def commit(self) -> None:
        """Make everything durable. A failure here means *unknown*, not "did not happen" (SECURITY M19)."""
        ...


UnitOfWorkFactory = Callable[[], AbstractContextManager[UnitOfWork]]


class EvidenceSource(Protocol):
    """Fetches one kind of evidence. Never raises for what the other side did: that is in the item."""

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The evidence, or an item that says why it could not be had. `at` is the present, for the record."""
        ...

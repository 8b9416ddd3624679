"""What the services remember, as frozen values. Instants are aware datetimes in UTC; DIDs are normalised
text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from skillcred.status.scheme import NO_SCHEME, StatusScheme
from skillcred.trust import AccreditationScope, RegisteredKey, Succession


class OrganisationKind(StrEnum):
    """What an organisation is here for. The operator runs the registry; it neither accredits nor issues."""

    OPERATOR = "operator"
    NATIONAL_BODY = "national_body"
    PROVIDER = "provider"
    VERIFIER = "verifier"


class Role(StrEnum):
    """What an API key may do, for its own organisation only."""

    OPERATOR = "operator"
    BODY_ADMIN = "body_admin"
    ISSUER = "issuer"
    VERIFIER = "verifier"


class KeyState(StrEnum):
    """Life of a signing key. A retired key still verifies what it signed while it was active."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class IssuanceState(StrEnum):
    """Where an issuance stands: reserved (committed, not signed), stored (signed and checked), released
    (handed out at least once), void (given up; its identifiers are never used again)."""

    RESERVED = "reserved"
    STORED = "stored"
    RELEASED = "released"
    VOID = "void"


class IssuancePurpose(StrEnum):
    """What an issuance makes: a credential for a person, an accreditation of a provider, or a statement on the
    recognition of qualifications."""

    CREDENTIAL = "credential"
    ACCREDITATION = "accreditation"
    STATEMENT = "statement"


class AccreditationEventKind(StrEnum):
    """What can happen to an accreditation, or to the enrolment of a body, after it was given."""

    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that uses this deployment. `slug` is its last DID path segment where the DID is
    ours. One with `keys_elsewhere` has a DID of its own and signs on machines of its own: what is known of its keys is
    recorded as for anybody elsewhere."""

    id: str
    kind: OrganisationKind
    slug: str
    did: str
    name: str
    country: str
    created_at: datetime
    keys_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key whose private part the key manager holds. `id` is the verification method (a DID URL);
    `public_key_multibase` is its Multikey form; the windows are half-open: [activated_at, retired_at). `certificates`
    are PEM, the key's own first, without the root (docs/adr/0035-what-wallets-read.md)."""

    id: str
    organisation_id: str
    algorithm: str
    public_key_multibase: str
    state: KeyState
    activated_at: datetime
    retired_at: datetime | None = None
    compromised_at: datetime | None = None
    certificates: bytes | None = None


@dataclass(frozen=True, slots=True)
class NationalBody:
    """A body enrolled in the registry: its DID was checked before `enrolled_at`, in the ceremony whose record has the
    digest `ceremony_sha256` where there was one. It may vouch within `scopes`; none means no limit."""

    did: str
    name: str
    country: str
    enrolled_at: datetime
    ended_at: datetime | None = None
    website: str | None = None
    scopes: tuple[AccreditationScope, ...] = ()
    ceremony_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class BodyEvent:
    """Something that happened to the enrolment of a body: effective from `effective_at`, known since `recorded_at`."""

    id: str
    body_did: str
    kind: AccreditationEventKind
    effective_at: datetime
    recorded_at: datetime
    reason: str
    recorded_by: str
    successor: Succession | None = None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key of a body or provider elsewhere, as recorded here; see `RegisteredKey` for its times."""

    entity_did: str
    key: RegisteredKey
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Accreditation:
    """A signed accreditation credential as recorded: exact bytes, and the members that are searched by."""

    id: str
    body_did: str
    provider_did: str
    content: bytes
    media_type: str
    valid_from: datetime
    valid_until: datetime | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AccreditationEvent:
    """Something a body said about an accreditation: effective from `effective_at`, known since
    `recorded_at`."""

    id: str
    accreditation_id: str
    kind: AccreditationEventKind
    effective_at: datetime
    recorded_at: datetime
    reason: str
    recorded_by: str
    successor: Succession | None = None


@dataclass(frozen=True, slots=True)
class Issuance:
    """One reserved issuance. `prepared` holds the exact unsigned document and proof options (JSON bytes),
    `to_be_signed_sha256` the hex digest of the bytes the key will sign. `actor` is the id of the API key, `renews`
    the credential that this one takes the place of."""

    id: str
    organisation_id: str
    purpose: IssuancePurpose
    idempotency_key: str
    request_sha256: str
    credential_id: str
    profile: str
    profile_sha256: str
    mechanism: str
    key_id: str
    prepared: bytes
    to_be_signed_sha256: str
    state: IssuanceState
    reserved_at: datetime
    lease_until: datetime
    actor: str
    renews: str | None = None


@dataclass(frozen=True, slots=True)
class CredentialCopy:
    """A further copy of a credential, for another key of its holder. `copy_id` is the identifier that it has itself."""

    copy_id: str
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """A signed credential, byte for byte as it is handed out, with the further copies that were issued with it."""

    credential_id: str
    issuance_id: str
    organisation_id: str
    content: bytes
    media_type: str
    sha256: str
    stored_at: datetime
    copies: tuple[CredentialCopy, ...] = ()


class StatusEventKind(StrEnum):
    """What can happen to a credential. Revoked is for good; a suspension can be lifted. A message and the announcement
    of a newer version have a value and leave alone what holds otherwise."""

    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    REVOKED = "revoked"
    MESSAGE = "message"
    REFRESH = "refresh"


class StatusView(StrEnum):
    """The forms in which a list is published; all tell of the same entries.

    The first two are credentials of Bitstring Status List 1.0, `TOKEN` is a Token Status List of two bits that tells
    both, `REVOCATION_DATES` tells since when what is revoked is revoked (docs/adr/0009). `MESSAGE` and `REFRESH` are
    credentials again, for lists whose scheme has them."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    TOKEN = "token"  # noqa: S105 - the name of a view
    REVOCATION_DATES = "revocation-dates"
    MESSAGE = "message"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class StatusListRecord:
    """A list of an organisation. Entries are given out in the order of a secret permutation of `length` places;
    `allocated` counts them, also those whose credential never came to be; `events` counts what was recorded of them.
    One list per organisation is open, and its `scheme` is that of the organisation."""

    id: str
    organisation_id: str
    length: int
    permutation_key: bytes
    allocated: int
    opened_at: datetime
    closed_at: datetime | None = None
    events: int = 0
    scheme: StatusScheme = NO_SCHEME


@dataclass(frozen=True, slots=True)
class StatusSlot:
    """One entry of a list, and the credential it was given to. `state` is `None` as long as nothing holds; it is
    the fold of the events, kept beside them so that publishing does not have to read them all. `copy` numbers the
    copies of one credential from 0 on, each with an entry of its own; the state of all of them is the same."""

    list_id: str
    index: int
    credential_id: str
    organisation_id: str
    allocated_at: datetime
    state: StatusEventKind | None = None
    copy: int = 0


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """Something the issuer said about a credential: effective from `effective_at`, known since `recorded_at`.
    `retroactive` says that it should not have been relied on from then, although nobody could know. `sequence` numbers
    the events of a list from 1 on, in the order in which they were committed. `value` is of messages and refreshing."""

    id: str
    list_id: str
    index: int
    kind: StatusEventKind
    effective_at: datetime
    retroactive: bool
    recorded_at: datetime
    reason: str
    recorded_by: str
    sequence: int
    value: int | None = None


@dataclass(frozen=True, slots=True)
class StatusPublication:
    """One version of a published list, byte for byte. `events` is the number of events of the list that it
    tells of: a number that only grows, whatever order transactions are committed in."""

    list_id: str
    view: StatusView
    version: int
    events: int
    content: bytes
    media_type: str
    published_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class PublicationHead:
    """The latest version of a published list, without its content."""

    list_id: str
    view: StatusView
    version: int
    events: int
    published_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key. Only the SHA-256 of its 256-bit random secret is kept; `id` is public and goes into
    logs."""

    id: str
    organisation_id: str
    role: Role
    secret_sha256: str
    label: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the organisation and role that an API key stands for."""

    api_key_id: str
    organisation: Organisation
    role: Role


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """That something was done: recorded in the transaction that did it, or it was not done (SECURITY I6).

    `subject` is an identifier of ours or a DID; names and claims of people never stand here.
    """

    at: datetime
    actor: str
    organisation_id: str
    action: str
    subject: str

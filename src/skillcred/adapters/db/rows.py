"""The tables. Rows never leave this folder: repositories turn them into the records of `services`.

Every table is ordered by `position`, the order of recording. Where a row belongs to an organisation, the rows
that hang on it name the organisation again and the foreign key covers both, so that not even a faulty
statement can tie one organisation's credential to another's reservation or key (SECURITY W-25).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from skillcred.adapters.db.types import ARTEFACT, POSITION, Instant, PlainText


class Base(DeclarativeBase):
    """Base of all rows. Names of constraints are fixed, so that migrations can name them on both
    databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: PlainText, datetime: Instant, bytes: ARTEFACT}  # noqa: RUF012 - read once by SQLAlchemy

    position: Mapped[int] = mapped_column(POSITION, primary_key=True, autoincrement=True, sort_order=-1)


class OrganisationRow(Base):
    """An organisation of this deployment."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    did: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_skeleton: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str]
    created_at: Mapped[datetime]
    keys_elsewhere: Mapped[bool] = mapped_column(server_default=false())


class SigningKeyRow(Base):
    """The public part of a signing key. One active key per organisation and algorithm."""

    __tablename__ = "signing_key"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        Index(
            "uq_signing_key_active",
            "organisation_id",
            "algorithm",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    algorithm: Mapped[str]
    public_key_multibase: Mapped[str]
    state: Mapped[str]
    activated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    compromised_at: Mapped[datetime | None]
    certificates: Mapped[bytes | None]


class NationalBodyRow(Base):
    """A national body in the registry."""

    __tablename__ = "national_body"

    did: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_skeleton: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str]
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    website: Mapped[str | None]
    scopes: Mapped[str | None]
    ceremony_sha256: Mapped[str | None]


class AccreditationRow(Base):
    """A signed accreditation."""

    __tablename__ = "accreditation"

    id: Mapped[str] = mapped_column(unique=True)
    body_did: Mapped[str] = mapped_column(index=True)
    provider_did: Mapped[str] = mapped_column(index=True)
    content: Mapped[bytes]
    media_type: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    provider_name_skeleton: Mapped[str | None] = mapped_column(index=True)


class AccreditationEventRow(Base):
    """What happened to an accreditation."""

    __tablename__ = "accreditation_event"

    id: Mapped[str] = mapped_column(unique=True)
    accreditation_id: Mapped[str] = mapped_column(ForeignKey("accreditation.id"), index=True)
    kind: Mapped[str]
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reason: Mapped[str]
    recorded_by: Mapped[str]
    successor_kind: Mapped[str | None]
    successor_did: Mapped[str | None]
    successor_name: Mapped[str | None]


class BodyEventRow(Base):
    """What happened to the enrolment of a national body."""

    __tablename__ = "body_event"

    id: Mapped[str] = mapped_column(unique=True)
    body_did: Mapped[str] = mapped_column(ForeignKey("national_body.did"), index=True)
    kind: Mapped[str]
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reason: Mapped[str]
    recorded_by: Mapped[str]
    successor_kind: Mapped[str | None]
    successor_did: Mapped[str | None]
    successor_name: Mapped[str | None]


class IssuanceRow(Base):
    """A reservation. Committed before a key is used (SECURITY I1)."""

    __tablename__ = "issuance"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(
            ["organisation_id", "key_id"], ["signing_key.organisation_id", "signing_key.id"]
        ),
        Index(
            "uq_issuance_idempotency_key",
            "organisation_id",
            "idempotency_key",
            unique=True,
            sqlite_where=text("state <> 'void'"),
            postgresql_where=text("state <> 'void'"),
        ),
        Index("ix_issuance_open", "state", "reserved_at"),
        Index("ix_issuance_key", "key_id", "reserved_at"),
    )

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    purpose: Mapped[str]
    idempotency_key: Mapped[str]
    request_sha256: Mapped[str]
    credential_id: Mapped[str] = mapped_column(unique=True)
    profile: Mapped[str]
    profile_sha256: Mapped[str]
    mechanism: Mapped[str]
    key_id: Mapped[str]
    prepared: Mapped[bytes]
    to_be_signed_sha256: Mapped[str]
    state: Mapped[str]
    reserved_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    actor: Mapped[str]
    renews: Mapped[str | None] = mapped_column(index=True)


class CredentialRow(Base):
    """A signed credential, byte for byte."""

    __tablename__ = "credential"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "issuance_id"], ["issuance.organisation_id", "issuance.id"]),
        Index("ix_credential_sha256", "sha256"),
    )

    credential_id: Mapped[str] = mapped_column(unique=True)
    issuance_id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str]
    content: Mapped[bytes]
    media_type: Mapped[str]
    sha256: Mapped[str]
    stored_at: Mapped[datetime]


class StatusListRow(Base):
    """A status list. One open list per organisation."""

    __tablename__ = "status_list"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        Index(
            "uq_status_list_open",
            "organisation_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    length: Mapped[int]
    permutation_key: Mapped[bytes]
    allocated: Mapped[int]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    events: Mapped[int]
    scheme: Mapped[str | None]


class StatusSlotRow(Base):
    """An entry that was given out. Never deleted, never given out again."""

    __tablename__ = "status_slot"
    __table_args__ = (
        UniqueConstraint("list_id", "list_index"),
        UniqueConstraint("credential_id", "copy"),
        ForeignKeyConstraint(
            ["organisation_id", "list_id"], ["status_list.organisation_id", "status_list.id"]
        ),
        Index("ix_status_slot_state", "list_id", "state"),
    )

    list_id: Mapped[str]
    list_index: Mapped[int]
    credential_id: Mapped[str]
    organisation_id: Mapped[str]
    allocated_at: Mapped[datetime]
    state: Mapped[str | None]
    copy: Mapped[int]


class StatusEventRow(Base):
    """What happened to an entry. Only ever added to."""

    __tablename__ = "status_event"
    __table_args__ = (
        ForeignKeyConstraint(["list_id", "list_index"], ["status_slot.list_id", "status_slot.list_index"]),
        Index("ix_status_event_entry", "list_id", "list_index"),
        Index("uq_status_event_sequence", "list_id", "sequence", unique=True),
    )

    id: Mapped[str] = mapped_column(unique=True)
    list_id: Mapped[str]
    list_index: Mapped[int]
    kind: Mapped[str]
    effective_at: Mapped[datetime]
    retroactive: Mapped[bool]
    recorded_at: Mapped[datetime]
    reason: Mapped[str]
    recorded_by: Mapped[str]
    sequence: Mapped[int]
    value: Mapped[int | None]


class StatusBatchRow(Base):
    """Many changes of status under one reason."""

    __tablename__ = "status_batch"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id",
            "idempotency_key",
            name="uq_status_batch_organisation_id_idempotency_key",
        ),
    )

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    idempotency_key: Mapped[str]
    request_sha256: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    effective_at: Mapped[datetime | None]
    selection: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    total: Mapped[int]
    next_number: Mapped[int]
    done: Mapped[int]
    already: Mapped[int]
    failed: Mapped[int]
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime]
    started_by: Mapped[str]
    finished_at: Mapped[datetime | None]


class StatusBatchItemRow(Base):
    """A credential that a batch is about, and what became of it."""

    __tablename__ = "status_batch_item"
    __table_args__ = (
        UniqueConstraint("batch_id", "number", name="uq_status_batch_item_batch_id_number"),
        UniqueConstraint("batch_id", "credential_id", name="uq_status_batch_item_batch_id_credential_id"),
    )

    batch_id: Mapped[str] = mapped_column(ForeignKey("status_batch.id"))
    number: Mapped[int]
    credential_id: Mapped[str]
    outcome: Mapped[str | None]


class StatusPublicationRow(Base):
    """A published version of a list, byte for byte."""

    __tablename__ = "status_publication"
    __table_args__ = (UniqueConstraint("list_id", "view", "version"),)

    list_id: Mapped[str] = mapped_column(ForeignKey("status_list.id"))
    view: Mapped[str]
    version: Mapped[int]
    events: Mapped[int]
    content: Mapped[bytes]
    media_type: Mapped[str]
    published_at: Mapped[datetime]
    valid_until: Mapped[datetime]


class SeenStatusListRow(Base):
    """When the latest version of somebody else's list that we have seen was made (SECURITY S-08)."""

    __tablename__ = "seen_status_list"

    uri: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]


class ApiKeyRow(Base):
    """An API key; its secret is not here, only a digest."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str]
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AuditEntryRow(Base):
    """What was done, written in the transaction that did it."""

    __tablename__ = "audit_entry"

    at: Mapped[datetime]
    actor: Mapped[str]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    action: Mapped[str]
    subject: Mapped[str]


class ChangeCounterRow(Base):
    """How often one area was changed. Raised in the transaction that changes it."""

    __tablename__ = "change_counter"

    area: Mapped[str] = mapped_column(unique=True)
    changes: Mapped[int] = mapped_column(BigInteger)

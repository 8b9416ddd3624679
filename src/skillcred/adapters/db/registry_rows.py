"""The tables of the registry that hang on no organisation of this deployment; see `rows`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from skillcred.adapters.db.rows import Base


class RegisteredKeyRow(Base):
    """A key of an issuer or body elsewhere, with the time in which it was used. Rotation is not revocation (K-11)."""

    __tablename__ = "registered_key"
    __table_args__ = (UniqueConstraint("entity_did", "verification_method"),)

    entity_did: Mapped[str]
    verification_method: Mapped[str]
    public_key_multibase: Mapped[str]
    activated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    compromised_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class HandedInBranchRow(Base):
    """A branch of the published registry as its body signed it elsewhere. A version is signed once."""

    __tablename__ = "handed_in_branch"
    __table_args__ = (UniqueConstraint("body_did", "version", name="uq_handed_in_branch_body_did_version"),)

    body_did: Mapped[str] = mapped_column(ForeignKey("national_body.did"))
    version: Mapped[int]
    signed: Mapped[bytes]
    statements: Mapped[bytes]
    credentials: Mapped[bytes]
    signed_with: Mapped[str]
    expires_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class ListedBodyRow(Base):
    """A body that public sources name. Listed gives no trust."""

    __tablename__ = "listed_body"

    body_id: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    acronym: Mapped[str | None]
    role: Mapped[str]
    role_detail: Mapped[str | None]
    website: Mapped[str | None]
    source: Mapped[str]
    source_kind: Mapped[str]
    as_of: Mapped[str | None]
    notes: Mapped[str | None]
    imported_at: Mapped[datetime]
    imported_from: Mapped[str]


class RegistryProposalRow(Base):
    """A change that one person proposed, and what another decided."""

    __tablename__ = "registry_proposal"
    __table_args__ = (Index("ix_registry_proposal_organisation_id_state", "organisation_id", "state"),)

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str]
    content: Mapped[bytes]
    sha256: Mapped[str]
    state: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    outcome: Mapped[str | None]


class RegistryLogRow(Base):
    """An entry of the log. Each names the digest of the one before it, which no other may name (SECURITY W-30)."""

    __tablename__ = "registry_log"

    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    content: Mapped[bytes]
    previous_sha256: Mapped[str] = mapped_column(unique=True)
    sha256: Mapped[str] = mapped_column(unique=True)


class SeenDocumentRow(Base):
    """When a document was first verified here, by its digest alone."""

    __tablename__ = "seen_document"

    sha256: Mapped[str] = mapped_column(unique=True)
    first_seen_at: Mapped[datetime]

"""The tables of issuing into wallets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from skillcred.adapters.db.rows import Base


class WalletOfferRow(Base):
    """A credential that was prepared for somebody's wallet. Lists of names are separated by spaces."""

    __tablename__ = "wallet_offer"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_wallet_offer_organisation_id_id"),
        UniqueConstraint(
            "organisation_id", "idempotency_key", name="uq_wallet_offer_organisation_id_idempotency_key"
        ),
    )

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    idempotency_key: Mapped[str]
    request_sha256: Mapped[str]
    profile: Mapped[str]
    configuration_ids: Mapped[str]
    claims: Mapped[bytes | None]
    revocable: Mapped[bool]
    grants: Mapped[str]
    deferred: Mapped[bool]
    code_digest: Mapped[str] = mapped_column(unique=True)
    reference_digest: Mapped[str] = mapped_column(unique=True)
    issuer_state_digest: Mapped[str] = mapped_column(unique=True)
    tx_code_digest: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_by: Mapped[str]
    wrong_attempts: Mapped[int]
    claimed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]


def _offer_key(table: str) -> ForeignKeyConstraint:
    """What hangs on an offer belongs to the organisation of the offer."""
    return ForeignKeyConstraint(
        ["organisation_id", "offer_id"],
        ["wallet_offer.organisation_id", "wallet_offer.id"],
        name=f"fk_{table}_organisation_id",
    )


class WalletAuthorizationRow(Base):
    """A pushed authorization request, and its code."""

    __tablename__ = "wallet_authorization"
    __table_args__ = (_offer_key("wallet_authorization"),)

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str]
    offer_id: Mapped[str]
    request_digest: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str]
    redirect_uri: Mapped[str]
    state: Mapped[str | None]
    code_challenge: Mapped[str]
    thumbprint: Mapped[str | None]
    configuration_ids: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    code_digest: Mapped[str | None] = mapped_column(unique=True)
    code_expires_at: Mapped[datetime | None]
    redeemed_at: Mapped[datetime | None]


class WalletTokenRow(Base):
    """An access token, by its digest."""

    __tablename__ = "wallet_token"
    __table_args__ = (_offer_key("wallet_token"),)

    digest: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str]
    offer_id: Mapped[str]
    configuration_ids: Mapped[str]
    client_id: Mapped[str | None]
    thumbprint: Mapped[str | None]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    authorization_id: Mapped[str | None] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class WalletDeliveryRow(Base):
    """A credential of an offer, for the keys that a wallet has proven. One for each offer and configuration."""

    __tablename__ = "wallet_delivery"
    __table_args__ = (
        _offer_key("wallet_delivery"),
        Index("uq_wallet_delivery_offer", "offer_id", "configuration_id", unique=True),
    )

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str]
    offer_id: Mapped[str]
    configuration_id: Mapped[str]
    holders: Mapped[bytes]
    transaction_digest: Mapped[str] = mapped_column(unique=True)
    notification_digest: Mapped[str] = mapped_column(unique=True)
    requested_at: Mapped[datetime]
    credential_id: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    event: Mapped[str | None]
    event_at: Mapped[datetime | None]


class UsedOnceRow(Base):
    """What was used and is not accepted again, by its digest."""

    __tablename__ = "used_once"

    digest: Mapped[str] = mapped_column(unique=True)
    used_by: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class CredentialCopyRow(Base):
    """A further copy of a signed credential, byte for byte."""

    __tablename__ = "credential_copy"
    __table_args__ = (
        UniqueConstraint("credential_id", "number", name="uq_credential_copy_credential_id_number"),
        Index("ix_credential_copy_sha256", "sha256"),
    )

    credential_id: Mapped[str] = mapped_column(ForeignKey("credential.credential_id"))
    number: Mapped[int]
    copy_id: Mapped[str] = mapped_column(unique=True)
    content: Mapped[bytes]
    sha256: Mapped[str]

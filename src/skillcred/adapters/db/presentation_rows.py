"""The table of requests for presentations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from skillcred.adapters.db.rows import Base


class PresentationRequestRow(Base):
    """A request for a presentation. `encryption_key` and `presentation` are sealed."""

    __tablename__ = "presentation_request"
    __table_args__ = (Index("ix_presentation_request_state", "state", "expires_at"),)

    id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    handle: Mapped[str] = mapped_column(unique=True)
    nonce: Mapped[str]
    oauth_state: Mapped[str]
    client_id: Mapped[str]
    response_mode: Mapped[str]
    request_method: Mapped[str]
    query: Mapped[str]
    purpose: Mapped[str | None]
    state: Mapped[str]
    session_sha256: Mapped[str | None]
    redirect_uri: Mapped[str | None]
    encryption_key: Mapped[bytes | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    presentation: Mapped[bytes | None]
    response_code_sha256: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    result: Mapped[bytes | None]
    reason: Mapped[str | None]

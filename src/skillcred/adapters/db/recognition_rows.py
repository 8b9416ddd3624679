"""The tables of recognition: cases before an authority, imported tables, vouchings; see `rows`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from skillcred.adapters.db.rows import Base


class RecognitionCaseRow(Base):
    """A case. `version` is raised with every change."""

    __tablename__ = "recognition_case"
    __table_args__ = (Index("ix_recognition_case_authority_did_state", "authority_did", "state"),)

    id: Mapped[str] = mapped_column(unique=True)
    authority_did: Mapped[str]
    submitted_by: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[str]
    progress: Mapped[str]
    question: Mapped[str]
    prepared: Mapped[str]
    version: Mapped[int]
    updated_at: Mapped[datetime]
    statement: Mapped[str | None]
    statement_id: Mapped[str | None]


class RecognitionCaseDocumentRow(Base):
    """A document that was handed in, exactly as it came."""

    __tablename__ = "recognition_case_document"

    case_id: Mapped[str] = mapped_column(ForeignKey("recognition_case.id"), index=True)
    content: Mapped[bytes]
    sha256: Mapped[str]
    added_at: Mapped[datetime]


class RecognitionCaseEventRow(Base):
    """Something that happened to a case."""

    __tablename__ = "recognition_case_event"

    case_id: Mapped[str] = mapped_column(ForeignKey("recognition_case.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    kind: Mapped[str]
    note: Mapped[str]


class RecognitionTableRow(Base):
    """A table of recognition data that the operator imported, exactly as it came."""

    __tablename__ = "recognition_table"

    label: Mapped[str] = mapped_column(unique=True)
    content: Mapped[bytes]
    sha256: Mapped[str]
    as_of: Mapped[str]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]


class RecognitionVouchingRow(Base):
    """A credential in which a body vouches for rules of the recognition data, exactly as it came."""

    __tablename__ = "recognition_vouching"

    sha256: Mapped[str] = mapped_column(unique=True)
    content: Mapped[bytes]
    added_at: Mapped[datetime]
    added_by: Mapped[str]

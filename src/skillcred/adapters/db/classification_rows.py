"""The tables of a classification of skills and occupations; see `rows`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from skillcred.adapters.db.rows import Base


class ClassificationReleaseRow(Base):
    """The one release that is there."""

    __tablename__ = "classification_release"

    version: Mapped[str]
    sha256: Mapped[str]
    imported_at: Mapped[datetime]
    occupations: Mapped[int]
    skills: Mapped[int]
    unlabelled: Mapped[int]


class ClassificationConceptRow(Base):
    """An occupation, skill or group. `links` is JSON: the lists of addresses by the names of `Concept`."""

    __tablename__ = "classification_concept"

    uri: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    label: Mapped[str | None]
    alternatives: Mapped[str]
    isco: Mapped[str | None] = mapped_column(index=True)
    links: Mapped[str]


class ClassificationLabelRow(Base):
    """A folded label of a concept."""

    __tablename__ = "classification_label"
    __table_args__ = (Index("ix_classification_label_folded", "folded"),)

    folded: Mapped[str]
    kind: Mapped[str]
    uri: Mapped[str]

"""Bodies that public sources name. Being listed gives no trust: nothing that judges credentials reads these records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from skillcred.services.governance_records import Proposal
from skillcred.services.records import Accreditation

LISTED_NOTE: Final = "Listed in public sources, gives no trust."
"""Said in every answer about a listed body."""
LISTED_BY_NOTE: Final = "Listed in public sources, one of them signed by an enrolled body; gives no trust."
"""Said instead where an enrolled body signed the list that names it."""


class ListedRole(StrEnum):
    """What kind of body the sources call it."""

    MINISTRY_EDUCATION = "ministry-education"
    MINISTRY_LABOUR = "ministry-labour"
    NATIONAL_INFORMATION_CENTRE = "national-information-centre"
    NQF_AUTHORITY = "nqf-authority"
    TVET_AUTHORITY = "tvet-authority"
    HE_QUALITY_ASSURANCE = "he-quality-assurance"
    ENGINEERING_ACCREDITATION = "engineering-accreditation"
    PROFESSIONAL_REGULATOR = "professional-regulator"
    RECOGNITION_PROCEDURE = "recognition-procedure"
    PROVIDER = "provider"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ListedSource:
    """Where a body was read of: the title of the source, and its address where it has one."""

    title: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class ListedBody:
    """A body as sources name it. `as_of` is the date of the source as it gives it (2017, 2024-06, 2024-10-04).

    `identifier` is a DID or URI that the source gives for it, unproven. `confirm_first`: it rests on one secondary
    source. `listed_by` is the DID of the enrolled body that signed the list when it was taken over, where one did; it
    vouches for nothing thereby. `imported_from` names the list that it came with, `imported_at` is when it was
    recorded here.
    """

    id: str
    country: str
    name: str
    role: ListedRole
    sources: tuple[ListedSource, ...]
    source_kind: str
    imported_at: datetime
    imported_from: str
    acronym: str | None = None
    website: str | None = None
    identifier: str | None = None
    as_of: str | None = None
    rights: str | None = None
    confirm_first: bool = False
    listed_by: str | None = None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row of an import cannot be taken. `row` counts from 1, the heading of a CSV not counted; 0 is the file."""

    row: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ListedImport:
    """What an import would do. Nothing of it is done while there are `problems`. `digest` names exactly this import:
    it must be repeated to confirm it (hex SHA-256)."""

    label: str
    digest: str
    new: tuple[ListedBody, ...]
    changed: tuple[ListedBody, ...]
    unchanged: int
    problems: tuple[RowProblem, ...]
    notes: tuple[str, ...] = ()
    """What was checked of the file as a whole, for instance who signed it."""
    accreditation: Accreditation | None = None
    """What an accreditation that an enrolled body signed would become: no listed entry, but one that counts."""
    proposal: Proposal | None = None
    """How that was proposed, once it was confirmed: somebody else has to approve it."""

"""What is remembered of cases before an authority. Documents are kept until the case is withdrawn, or was closed for
long enough."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from skillcred.recognition.workflow import Progress

_SHA256_OF_NOTHING: Final = hashlib.sha256(b"").hexdigest()


class CaseEventKind(StrEnum):
    """What can happen to a case."""

    SUBMITTED = "submitted"
    TAKEN = "taken"
    EVIDENCE_REQUESTED = "evidence_requested"
    EVIDENCE_RECEIVED = "evidence_received"
    FINDINGS_RECORDED = "findings_recorded"
    DECIDED = "decided"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    ANNULLED = "annulled"
    EVIDENCE_ERASED = "evidence_erased"


@dataclass(frozen=True, slots=True)
class RecognitionCase:
    """A case. `question` and `prepared` are the question and the prepared comparison as JSON texts; `statement` is what
    the statement of the decision will say, fixed when it is decided; `version` counts changes, so that two people do
    not overwrite each other."""

    id: str
    authority_did: str
    submitted_by: str
    progress: Progress
    question: str
    prepared: str
    version: int
    updated_at: datetime
    statement: str | None = None
    statement_id: str | None = None


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """A document that was handed in, exactly as it came. Of one that was erased only the digest is left."""

    case_id: str
    content: bytes
    sha256: str
    added_at: datetime

    @property
    def is_erased(self) -> bool:
        """Whether the document itself is gone."""
        return not self.content and self.sha256 != _SHA256_OF_NOTHING


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened, and who did it."""

    case_id: str
    at: datetime
    actor: str
    kind: CaseEventKind
    note: str

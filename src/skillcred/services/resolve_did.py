"""Anybody asks for the document of a DID, or for the key that a DID URL names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.identifiers.resolution import (
    ResolutionAnswer,
    ResolutionFault,
    ResolutionOptions,
    answer_with,
    ask,
)
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.ports import Clock, EvidenceSource

NO_OPTIONS: Final = ResolutionOptions()
_NOT_THERE: Final = frozenset({"not_found", "dns_failed", "address_refused", "not_fetched_offline"})
"""Reasons that mean: there is no such document, as far as can be told from here."""


@dataclass(frozen=True, slots=True)
class ResolveDid:
    """The use case. `documents` has what has to be fetched, our own organisations included."""

    clock: Clock
    documents: EvidenceSource

    def __call__(self, identifier: str, options: ResolutionOptions = NO_OPTIONS) -> ResolutionAnswer:
        """The document or key that `identifier` names, or why there is none. Raises nothing for what it is."""
        asked = ask(identifier, options)
        if isinstance(asked, ResolutionAnswer):
            return asked
        reference = EvidenceReference(EvidenceKind.DID_DOCUMENT, asked.did)
        item = self.documents.fetch_evidence(reference, at=self.clock.now())
        if item.content is not None:
            return answer_with(asked, item.content)
        if item.unavailable in _NOT_THERE:
            return ResolutionAnswer(asked, fault=ResolutionFault.NOT_FOUND)
        if item.unavailable == "invalid_did":
            return ResolutionAnswer(asked, fault=ResolutionFault.INVALID_DID)
        return ResolutionAnswer(asked, fault=ResolutionFault.INTERNAL_ERROR)

"""A test suite has a document of anybody verified, with the vocabularies of the specifications' examples."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from skillcred.encoding.json_types import JsonObject
from skillcred.services.inline_contexts import name_contexts
from skillcred.services.verify_document import VerifyDocument
from skillcred.verification import PresentationReport, VerificationReport


@dataclass(frozen=True, slots=True)
class VerifyInteropDocument:
    """The use case. `verifying` is composed with the policy for interoperability."""

    verifying: VerifyDocument

    def __call__(self, document: JsonObject) -> VerificationReport:
        """The report on a secured credential, embedded or enveloped. Raises `LinkedDataError` for definitions in
        its contexts that cannot be accounted for, and nothing else for whatever it holds."""
        verifying, content = self._prepare(document)
        return verifying(content).report

    def presentation(
        self, document: JsonObject, *, challenge: str | None, domain: str | None
    ) -> PresentationReport:
        """The report on a presentation, secured or not. Raises as for credentials."""
        verifying, content = self._prepare(document)
        return verifying.presentation(content, challenge=challenge, domain=domain).report

    def _prepare(self, document: JsonObject) -> tuple[VerifyDocument, bytes]:
        policy = self.verifying.policy
        named = name_contexts(document, policy.contexts)
        content = json.dumps(named.document, ensure_ascii=False, allow_nan=False).encode("utf-8")
        return replace(self.verifying, policy=replace(policy, contexts=named.contexts)), content

"""A test suite has a credential of anybody verified, with the vocabularies of the specifications' examples."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from skillcred.encoding.json_types import JsonObject
from skillcred.services.inline_contexts import name_contexts
from skillcred.services.verify_document import VerifyDocument
from skillcred.verification import VerificationReport


@dataclass(frozen=True, slots=True)
class VerifyInteropDocument:
    """The use case. `verifying` is composed with the policy for interoperability."""

    verifying: VerifyDocument

    def __call__(self, document: JsonObject) -> VerificationReport:
        """The report on a secured credential, embedded or enveloped. Raises `LinkedDataError` for definitions in
        its contexts that cannot be accounted for, and nothing else for whatever it holds."""
        policy = self.verifying.policy
        named = name_contexts(document, policy.contexts)
        content = json.dumps(named.document, ensure_ascii=False, allow_nan=False).encode("utf-8")
        verifying = replace(self.verifying, policy=replace(policy, contexts=named.contexts))
        return verifying(content).report

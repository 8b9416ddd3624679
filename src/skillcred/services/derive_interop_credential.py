"""A test suite has a credential derived, as a holder's wallet would do it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from skillcred.encoding.json_types import JsonObject
from skillcred.model.outcomes import Outcome, Step
from skillcred.securing import SecuringError, derive_credential
from skillcred.services.inline_contexts import name_contexts
from skillcred.services.ports import Clock
from skillcred.verification import VerificationPolicy, verify


@dataclass(frozen=True, slots=True)
class DeriveInteropCredential:
    """The use case."""

    clock: Clock
    policy: VerificationPolicy

    def __call__(self, credential: JsonObject, selective_pointers: Sequence[str]) -> bytes:
        """`credential` with a derived proof, showing what its issuer made mandatory and what is selected.

        What comes out is verified before it is handed out: from a signature that does not hold nothing is derived.
        Raises `SecuringError` (`base_proof_broken` and what `derive_credential` says), `InputError`.
        """
        named = name_contexts(credential, self.policy.contexts)
        secured = json.dumps(named.document, ensure_ascii=False, allow_nan=False).encode("utf-8")
        derived = derive_credential(secured, selective_pointers, contexts=named.contexts)
        policy = replace(self.policy, contexts=named.contexts)
        report = verify(derived, policy=policy, at=self.clock.now())
        proof = next(step for step in report.steps if step.step is Step.PROOF)
        if proof.outcome is not Outcome.PASSED:
            raise SecuringError("The base proof does not hold.", code="base_proof_broken")
        return named.restore(derived)

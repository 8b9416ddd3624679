"""Anybody on a developer's machine has a credential of their own making signed, for interoperability tests.

Composed only where the operator has switched interoperability on, which production settings refuse. It is not the
issuing machine: nothing is recorded, no idempotency, no profile; the keys are those of `interop_issuers`. What it
shares with it is what is signed and how: conforming documents only, checked by our own verifier before they leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.errors import InputError, IntegrityError
from skillcred.linkeddata import check_terms
from skillcred.model.conformance import BASE_CONTEXT_1, BASE_CONTEXT_2
from skillcred.model.outcomes import Outcome, Step
from skillcred.securing import attach_proof, prepare_proof, secured_media_type, show_everything
from skillcred.services.inline_contexts import name_contexts
from skillcred.services.interop_issuers import InteropIssuer
from skillcred.services.interop_statuses import InteropStatuses
from skillcred.services.issuing import NotConformingError
from skillcred.services.ports import Clock
from skillcred.verification import VerificationPolicy, verify
from skillcred.verification.integrity import check_policy_conformance

DATA_INTEGRITY_CONTEXT: Final = "https://w3id.org/security/data-integrity/v2"
_CHECKED: Final = (Step.PARSE, Step.PROOF, Step.ISSUER_BINDING, Step.CONFORMANCE)


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """The bytes that were signed, and their media type."""

    content: bytes
    media_type: str


class UnknownInteropIssuerError(InputError):
    """There is no issuing endpoint of that name."""

    default_code = "unknown_interop_issuer"


class InteropSelfCheckError(IntegrityError):
    """What was signed for a test does not pass our own verifier."""

    default_code = "self_check_failed"


@dataclass(frozen=True, slots=True)
class IssueInteropCredential:
    """The use case."""

    clock: Clock
    issuers: Mapping[str, InteropIssuer]
    policy: VerificationPolicy
    statuses: InteropStatuses

    def __call__(
        self,
        name: str,
        credential: JsonObject,
        options: Mapping[str, JsonValue],
        credential_id: str | None = None,
    ) -> SignedDocument:
        """`credential`, VCDM 1.1 or 2.0, signed by the issuer called `name`.

        Another issuer's credential is refused, and one of VCDM 2.0 with members that its contexts do not define,
        whatever secures it (docs/adr/0016-undefined-terms-are-not-signed.md). `options` are those of the mechanism
        (`mandatoryPointers`); `credential_id` is by what the status of a credential without an `id` is to be changed.
        Raises `UnknownInteropIssuerError`, `NotConformingError`, `InputError` for what cannot be signed so,
        `InteropSelfCheckError`.
        """
        issuer = self.issuers.get(name)
        if issuer is None:
            raise UnknownInteropIssuerError("There is no issuing endpoint of that name.")
        now = self.clock.now().replace(microsecond=0)
        embedded = secured_media_type(issuer.mechanism) == "application/vc"
        unsigned = _complete(credential, embedded=embedded)
        problems = check_policy_conformance(unsigned, self.policy)
        if problems:
            raise NotConformingError(problems)
        if not _is_issuer(unsigned, issuer):
            raise InputError(
                "This endpoint does not sign for that issuer.", code="other_issuer", pointer="/issuer"
            )
        if issuer.has_status:
            unsigned = self.statuses.add_entries(unsigned, credential_id)
        elif credential_id is not None:
            raise InputError("Nothing is recorded under a name here.", code="status_not_offered")
        named = name_contexts(unsigned, self.policy.contexts, issuer.mechanism)
        if as_list(named.document.get("@context"))[:1] == [BASE_CONTEXT_2]:
            check_terms(named.document, contexts=named.contexts)
        prepared = prepare_proof(
            issuer.mechanism,
            named.document,
            verification_method=issuer.signer.verification_method,
            algorithm=issuer.algorithm,
            created=now,
            contexts=named.contexts,
            options=options,
        )
        signature = issuer.signer.sign(prepared.to_be_signed)
        media_type = secured_media_type(issuer.mechanism)
        content = attach_proof(prepared, signature)
        shown = show_everything(content, issuer.mechanism, contexts=named.contexts)
        report = verify(
            shown, policy=replace(self.policy, contexts=named.contexts), at=now, media_type=media_type
        )
        passed = {step.step for step in report.steps if step.outcome is Outcome.PASSED}
        if not passed.issuperset(_CHECKED):
            raise InteropSelfCheckError("The signed document does not pass our own verifier.")
        return SignedDocument(named.restore(content), media_type)


def _complete(credential: JsonObject, *, embedded: bool) -> JsonObject:
    """The credential with what its issuer adds: the context that describes the proof, where that of the data
    model does not (VCDM 1.1; Data Integrity 1.0 section 2.4.1)."""
    completed = dict(credential)
    contexts = as_list(completed.get("@context"))
    if embedded and contexts[:1] == [BASE_CONTEXT_1] and DATA_INTEGRITY_CONTEXT not in contexts:
        completed["@context"] = [*contexts, DATA_INTEGRITY_CONTEXT]
    return completed


def _is_issuer(credential: JsonObject, issuer: InteropIssuer) -> bool:
    stated = credential.get("issuer")
    return issuer.did == (stated.get("id") if isinstance(stated, dict) else stated)

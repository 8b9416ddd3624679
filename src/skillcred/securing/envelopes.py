"""What all envelopes have in common: the key that their signature names, and the times and the audience it is for.

A JOSE or COSE envelope is one proof over the whole document. Which key may have made it is decided by the same rules as
for embedded proofs (Controlled Identifiers 1.0 section 3.3), so that nobody has to keep two sets of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeGuard

from skillcred.errors import InputError
from skillcred.identifiers import ControlledIdentifierDocument, DidError, did_of
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.model.datetimes import earlier
from skillcred.model.outcomes import (
    CRYPTOGRAPHIC_SECURITY_ERROR,
    INVALID_CHALLENGE_ERROR,
    INVALID_DOMAIN_ERROR,
    INVALID_VERIFICATION_METHOD,
    Outcome,
    Step,
    StepResult,
)
from skillcred.securing.data_integrity.findings import fault_result
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions
from skillcred.securing.data_integrity.verification_keys import check_times, find_method, holding_of
from skillcred.securing.mechanism import CLOCK_SKEW_SECONDS, ProofFindings, ProofRequest
from skillcred.securing.verified_document import Holding, VerifiedDocument, VerifiedProof

ASSERTION: Final = "assertionMethod"
AUTHENTICATION: Final = "authentication"
_SKEW: Final = timedelta(seconds=CLOCK_SKEW_SECONDS)
_PASSED: Final = StepResult(Step.PROOF, Outcome.PASSED, "proof_verified")


class EnvelopeProof(NamedTuple):
    """What an envelope says about its signature. Nothing is verified.

    `key_id` is `kid` as it stands there. `controller` is who the envelope or the document says has signed: `iss`, else
    issuer or holder. `algorithms` are the types of key that the stated algorithm fits. `audience` is `aud`, each value.
    """

    mechanism: str
    purpose: str
    key_id: str | None
    controller: str | None
    algorithms: Collection[Algorithm]
    created: datetime | None = None
    not_before: datetime | None = None
    expires: datetime | None = None
    audience: tuple[str, ...] = ()
    nonce: str | None = None


def verify_envelope_proof(
    proof: EnvelopeProof, request: ProofRequest, check_signature: Callable[[PublicKey], None]
) -> VerifiedProof:
    """The proof, after its key was found and `check_signature` did not raise for it. Raises `ProofError`, and what
    `check_signature` raises."""
    options = _options(proof, _name_key(proof, request))
    _check_times(proof, options, request.at)
    try:
        method = find_method(options, request)
    except ProofError as fault:
        fault.pointer = None  # it points into an embedded proof, which an envelope does not have
        raise
    _check_controller(proof, method.id)
    _check_audience(proof, request)
    check_signature(method.public_key)
    return VerifiedProof(
        mechanism=proof.mechanism,
        verification_method=method.id,
        controller=did_of(method.id),
        public_key_multibase=method.public_key.to_multikey(),
        created=proof.created,
        purpose=proof.purpose,
        domain=request.domain if request.domain is not None else next(iter(proof.audience), None),
        challenge=proof.nonce,
        expires=proof.expires,
        holds=_holding(proof, holding_of(options, method)),
    )


def check_envelope_times(proof: EnvelopeProof, at: datetime) -> None:
    """Raises `ProofError` for an envelope from the future, one that does not hold yet, and one that has expired."""
    _check_times(proof, _options(proof, ""), at)


def _check_times(proof: EnvelopeProof, options: ProofOptions, at: datetime) -> None:
    try:
        check_times(options, at)
    except ProofError as fault:
        fault.pointer = None
        raise
    if proof.not_before is not None and proof.not_before - at > _SKEW:
        raise ProofError("The signature does not hold yet.", code="proof_from_the_future")


def check_credential_audience(proof: EnvelopeProof, request: ProofRequest) -> None:
    """Raises `ProofError` for a credential that its issuer has made for others: who is not named in `aud` must reject
    it (RFC 7519 section 4.1.3). `aud` of a presentation is compared only if the verifier says who it is."""
    if proof.purpose == ASSERTION and proof.audience and request.domain not in proof.audience:
        raise ProofError(
            "The credential was made for another verifier.",
            code="wrong_domain",
            problem_code="audience_mismatch",
            problem_type=INVALID_DOMAIN_ERROR,
        )


def names_did(key_id: str | None) -> TypeGuard[str]:
    """Whether the name of a key says whose it is, so that nothing else has to be looked at for that."""
    return key_id is not None and key_id.startswith("did:")


def peek_controller(key_id: str | None, controller: str | None) -> tuple[str, ...]:
    """The DID whose document is needed, if the envelope names one. From *unverified* data."""
    named = key_id if names_did(key_id) else controller
    if named is None:
        return ()
    try:
        return (did_of(named),)
    except DidError:
        return ()  # `verify` meets the same fault and reports it


def passed(verified: VerifiedDocument) -> ProofFindings:
    """The findings for an envelope whose proof held."""
    return ProofFindings(_PASSED, verified)


def failed(fault: ProofError) -> ProofFindings:
    """The findings for an envelope with a fault."""
    return ProofFindings(fault_result([fault]), None)


def fault_of(error: InputError, *, unsupported: bool) -> ProofError:
    """An error of an envelope's own rules as a fault of its proof. What we do not support leaves it open."""
    codes = {
        "signature_wrong": "signature_wrong",
        "alg_key_mismatch": "signature_wrong",
        "claim_conflict": "claim_conflict",
        "type_not_allowed": "wrong_envelope_type",
    }
    return ProofError(
        error.message,
        code="unsupported_proof" if unsupported else codes.get(error.code, "proof_malformed"),
        problem_code=error.code,
        pointer=error.pointer,
        checkable=not unsupported,
    )


def _name_key(proof: EnvelopeProof, request: ProofRequest) -> str:
    """The DID URL of the key. `kid` is a full DID URL, or the name of a key of the controller, or its thumbprint; where
    it is missing, the controller must have a single key that can have signed."""
    key_id = proof.key_id
    if key_id is not None and key_id.startswith("did:") and "#" in key_id:
        return key_id
    did = key_id if key_id is not None and key_id.startswith("did:") else proof.controller
    if did is None or not did.startswith("did:"):
        raise ProofError(
            "The signature names no key under a DID.",
            code="unsupported_proof" if did is not None else "invalid_verification_method",
            problem_code="unsupported_identifier" if did is not None else "unknown_key",
            checkable=did is None,
            problem_type=INVALID_VERIFICATION_METHOD,
        )
    document = request.controllers.get(did)
    name = None if key_id is None or key_id == did else f"{did}#{key_id.removeprefix('#')}"
    if not isinstance(document, ControlledIdentifierDocument):
        return did  # looking the key up tells why there is no document
    if name is not None and (name in document.verification_methods or name in document.unusable):
        return name
    candidates = [
        method.id
        for method in document.verification_methods.values()
        if method.id in document.relationships.get(proof.purpose, frozenset())
        and method.public_key.algorithm in proof.algorithms
        and (name is None or method.public_key.thumbprint() == key_id)
    ]
    if len(candidates) != 1:
        raise ProofError(
            "The signature does not name one of the signer's keys.",
            code="key_not_in_document",
            problem_code="unknown_key",
            problem_type=INVALID_VERIFICATION_METHOD,
        )
    return candidates[0]


def _options(proof: EnvelopeProof, verification_method: str) -> ProofOptions:
    """The envelope in the words of an embedded proof."""
    return ProofOptions(
        pointer="",
        members={},
        cryptosuite=proof.mechanism,
        verification_method=verification_method,
        purpose=proof.purpose,
        proof_value="",
        created=proof.created,
        expires=proof.expires,
    )


def _holding(proof: EnvelopeProof, holding: Holding) -> Holding:
    """`holding`, and not before `nbf`."""
    if proof.not_before is None:
        return holding
    starts = [holding.since, earlier(proof.not_before, _SKEW)]
    return holding._replace(since=max((start for start in starts if start is not None), default=None))


def _check_controller(proof: EnvelopeProof, method_id: str) -> None:
    """The key belongs to who is said to have signed (SECURITY J-05). Comparison is exact."""
    if proof.controller is not None and did_of(method_id) != proof.controller:
        raise ProofError(
            "The key is not one of whom the document names.",
            code="issuer_key_mismatch" if proof.purpose == ASSERTION else "holder_key_mismatch",
            problem_type=CRYPTOGRAPHIC_SECURITY_ERROR,
        )


def _check_audience(proof: EnvelopeProof, request: ProofRequest) -> None:
    """What answers two verifiers can be shown by one of them to the other, so a presentation is for one only, as with
    embedded proofs (SECURITY D-11). A credential may be for several."""
    others = proof.purpose != ASSERTION and len(proof.audience) > 1
    if request.domain is not None and (others or request.domain not in proof.audience):
        raise ProofError(
            "The signature was not made for this verifier.",
            code="wrong_domain",
            problem_code="audience_mismatch",
            problem_type=INVALID_DOMAIN_ERROR,
        )
    if request.challenge is not None and request.challenge != proof.nonce:
        raise ProofError(
            "The signature was not made for this request.",
            code="wrong_challenge",
            problem_code="nonce_mismatch",
            problem_type=INVALID_CHALLENGE_ERROR,
        )

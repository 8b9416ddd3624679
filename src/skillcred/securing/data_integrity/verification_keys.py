"""Which key a proof names, whether its owner lets it sign, and when (Data Integrity 1.0, section 4.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from skillcred.identifiers import ControlledIdentifierDocument, DidError, VerificationMethod, split_did_url
from skillcred.model.datetimes import earlier
from skillcred.model.outcomes import (
    INVALID_PROOF_PURPOSE,
    INVALID_VERIFICATION_METHOD,
    EvidenceKind,
    EvidenceReference,
)
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions
from skillcred.securing.mechanism import (
    CLOCK_SKEW_SECONDS,
    NOT_REQUESTED,
    Availability,
    ProofRequest,
)
from skillcred.securing.verified_document import Holding

_SKEW: Final = timedelta(seconds=CLOCK_SKEW_SECONDS)
_UNSUPPORTED_KEYS: Final = frozenset({"unsupported_key_type", "unsupported_method_type"})
_NO_DOCUMENT: Final = {
    Availability.NOT_REQUESTED: ("key_not_available", "The signer's identity document is not at hand."),
    Availability.UNAVAILABLE: ("key_not_available", "The signer's identity document could not be had."),
    Availability.UNSUPPORTED: (
        "unsupported_proof",
        "The signer's identifier is of a kind that is not supported.",
    ),
    Availability.INVALID: (
        "invalid_verification_method",
        "The signer's identifier does not name a usable key.",
    ),
}


def check_times(options: ProofOptions, at: datetime) -> None:
    """Raises `ProofError` for a proof from the future, one that has expired, and one that ends before it begins."""
    if options.created is not None and options.created - at > _SKEW:
        raise ProofError(
            "The proof says it was made in the future.",
            code="proof_from_the_future",
            pointer=f"{options.pointer}/created",
        )
    if options.expires is None:
        return
    if options.created is not None and options.expires < options.created:
        raise ProofError("The proof ends before it begins.", pointer=f"{options.pointer}/expires")
    if options.expires <= at:
        raise ProofError("The proof has expired.", code="proof_expired", pointer=f"{options.pointer}/expires")


def holding_of(options: ProofOptions, method: VerificationMethod) -> Holding:
    """When `check_times` and `find_method` pass; the two and this have to tell the same."""
    until = options.expires
    if method.expires is not None and (until is None or method.expires < until):
        until = method.expires
    if method.revoked is not None and (until is None or method.revoked < until):
        until = method.revoked
    return Holding(None if options.created is None else earlier(options.created, _SKEW), until)


def find_method(options: ProofOptions, request: ProofRequest) -> VerificationMethod:
    """The verification method, if its own controller lists it for the purpose (DI 1.0 section 4.4)."""
    if options.purpose != request.purpose:
        raise ProofError(
            "The proof was made for another purpose.",
            code="wrong_proof_purpose",
            pointer=f"{options.pointer}/proofPurpose",
            problem_type=INVALID_PROOF_PURPOSE,
        )
    try:
        did, _ = split_did_url(options.verification_method)
    except DidError as error:
        raise ProofError(
            error.message,
            code="invalid_verification_method",
            problem_code=error.code,
            pointer=_place(options),
            problem_type=INVALID_VERIFICATION_METHOD,
        ) from error
    document = _controller_document(did, options, request)
    unusable = document.unusable.get(options.verification_method)
    if unusable is not None:
        unsupported = unusable in _UNSUPPORTED_KEYS
        raise ProofError(
            "The signer's key cannot be used.",
            code="unsupported_proof" if unsupported else "invalid_verification_method",
            problem_code=unusable,
            pointer=_place(options),
            checkable=not unsupported,
            problem_type=INVALID_VERIFICATION_METHOD,
        )
    name = options.verification_method
    method = document.verification_methods.get(name)
    if method is None or document.id != did or method.id != name or method.controller != did:
        raise ProofError(
            "The signer's identity document does not hold this key as its own.",
            code="key_not_in_document",
            pointer=_place(options),
            problem_type=INVALID_VERIFICATION_METHOD,
        )
    if name not in document.relationships.get(request.purpose, ()):
        raise ProofError(
            "The signer's identity document does not allow this key for signing credentials.",
            code="key_not_authorised",
            pointer=_place(options),
            problem_type=INVALID_PROOF_PURPOSE,
        )
    if method.revoked is not None or method.expires is not None:
        _check_method_times(method, request.at, options)
    return method


def _place(options: ProofOptions) -> str:
    return f"{options.pointer}/verificationMethod"


def _controller_document(
    did: str, options: ProofOptions, request: ProofRequest
) -> ControlledIdentifierDocument:
    try:
        document = request.controllers[did]
    except KeyError:
        document = NOT_REQUESTED
    if isinstance(document, ControlledIdentifierDocument):
        return document
    code, message = _NO_DOCUMENT[document.availability]
    raise ProofError(
        message,
        code=code,
        problem_code=document.reason,
        pointer=_place(options),
        checkable=document.availability is Availability.INVALID,
        problem_type=INVALID_VERIFICATION_METHOD,
        needs=EvidenceReference(EvidenceKind.DID_DOCUMENT, did)
        if document.availability is Availability.NOT_REQUESTED
        else None,
    )


def _check_method_times(method: VerificationMethod, at: datetime, options: ProofOptions) -> None:
    """CID 1.0 section 2.2: a revoked or expired method is not used at or after that time. The time of a
    signature is only claimed, so an old `created` does not help."""
    if method.revoked is not None and method.revoked <= at:
        raise ProofError("The signer has revoked this key.", code="key_revoked", pointer=_place(options))
    if method.expires is not None and method.expires <= at:
        raise ProofError(
            "The signer's key has expired, and when the signature was made cannot be proved.",
            code="key_expired",
            pointer=_place(options),
            checkable=False,
        )

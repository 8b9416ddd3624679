"""Data Integrity proofs: verifying all of a document, and making one.

Verifiable Credential Data Integrity 1.0: section 4.2 (Add Proof), 4.4 (Verify Proof), 4.5 (Verify Proof Sets
and Chains; the results are combined conjunctively, see docs/divergences.md).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.errors import InputError, LimitError
from skillcred.identifiers import ControlledIdentifierDocument, DidError, VerificationMethod, did_of
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import ContextStore, LinkedDataError, check_context_list
from skillcred.model.datetimes import format_instant
from skillcred.model.documents import Form, SecuredDocument
from skillcred.model.outcomes import (
    DATA_LOSS_DETECTION_ERROR,
    INVALID_PROOF_PURPOSE,
    INVALID_VERIFICATION_METHOD,
    PROOF_TRANSFORMATION_ERROR,
    EvidenceKind,
    EvidenceReference,
    Outcome,
    Problem,
    Step,
    StepResult,
)
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.data_integrity.proof import (
    PROOF_TYPE,
    ProofError,
    ProofOptions,
    parse_proof,
    read_proofs,
)
from skillcred.securing.data_integrity.suites import CRYPTOSUITES
from skillcred.securing.mechanism import (
    CLOCK_SKEW_SECONDS,
    Availability,
    DocumentNotAvailable,
    PreparedProof,
    ProofFindings,
    ProofRequest,
    SecuringError,
)
from skillcred.securing.verified_document import SEAL, VerifiedDocument, VerifiedProof

_SKEW = timedelta(seconds=CLOCK_SKEW_SECONDS)
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


class DataIntegrityMechanism:
    """Embedded proofs of type `DataIntegrityProof`."""

    names = frozenset(CRYPTOSUITES)

    def key_algorithms(self, name: str) -> tuple[Algorithm, ...]:
        """The key algorithms of a cryptosuite."""
        return tuple(CRYPTOSUITES[name].hash_names)

    def media_type(self, name: str, purpose: str) -> str:
        """VCDM 2.0 section 6.2: `application/vp` for what a holder signs for authentication."""
        del name  # the same for all cryptosuites
        return "application/vp" if purpose == "authentication" else "application/vc"

    def recognises(self, secured: SecuredDocument) -> bool:
        """Every JSON document: where there is no proof, saying so is this family's job."""
        return secured.form is Form.JSON

    def peek_controllers(self, secured: SecuredDocument) -> tuple[str, ...]:
        """The DIDs of the verification methods that the proofs name. Unverified."""
        found: dict[str, None] = {}
        try:
            for pointer, proof in read_proofs(secured.document):
                found[did_of(parse_proof(pointer, proof, self.names).verification_method)] = None
        except (ProofError, DidError):
            return tuple(found)  # `verify` meets the same fault and reports it
        return tuple(found)

    def verify(self, secured: SecuredDocument, request: ProofRequest) -> ProofFindings:
        """Every proof must hold. The first fault that is certain decides; else the first uncertain one."""
        document = {name: value for name, value in secured.document.items() if name != "proof"}
        proofs: list[VerifiedProof] = []
        faults: list[ProofError] = []
        try:
            candidates = read_proofs(secured.document)
        except ProofError as fault:
            return ProofFindings(_fault_result([fault]), None)
        for pointer, candidate in candidates:
            try:
                proofs.append(_verify_proof(document, parse_proof(pointer, candidate, self.names), request))
            except ProofError as fault:
                faults.append(fault)
        if faults:
            return ProofFindings(_fault_result(faults), None)
        result = StepResult(Step.PROOF, Outcome.PASSED, "proof_verified")
        return ProofFindings(result, VerifiedDocument(SEAL, document, tuple(proofs)))

    def prepare(
        self,
        name: str,
        document: JsonObject,
        *,
        verification_method: str,
        algorithm: Algorithm,
        created: datetime,
        purpose: str,
        contexts: ContextStore,
    ) -> PreparedProof:
        """The proof options and the bytes to sign. Raises `SecuringError`, `LinkedDataError`, `JcsError`."""
        suite = CRYPTOSUITES.get(name)
        if suite is None:
            raise SecuringError("There is no securing mechanism of that name.")
        if algorithm not in suite.hash_names:
            raise SecuringError("The cryptosuite does not sign with such a key.", code="wrong_key_type")
        if "proof" in document:
            raise SecuringError(
                "The document carries a proof already.", code="already_secured", pointer="/proof"
            )
        options: JsonObject = {
            "type": PROOF_TYPE,
            "cryptosuite": suite.name,
            "created": format_instant(created.replace(microsecond=0)),
            "verificationMethod": verification_method,
            "proofPurpose": purpose,
        }
        if suite.context_in_proof:
            options["@context"] = document["@context"]
        check_context_list(document, contexts=contexts)
        to_be_signed = _hash_data(suite, document, options, suite.hash_names[algorithm], contexts)
        return PreparedProof(suite.name, document, options, to_be_signed)

    def attach(self, prepared: PreparedProof, signature: bytes) -> bytes:
        """UTF-8 JSON with the proof as last member."""
        suite = CRYPTOSUITES[prepared.mechanism]
        proof = {**prepared.options, "proofValue": encode_multibase(signature, header=suite.signature_header)}
        return json.dumps({**prepared.document, "proof": proof}, ensure_ascii=False, indent=2).encode("utf-8")


def _verify_proof(document: JsonObject, options: ProofOptions, request: ProofRequest) -> VerifiedProof:
    suite = CRYPTOSUITES[options.cryptosuite]
    _check_times(options, request.at)
    method = _find_method(options, request)
    hash_name = suite.hash_names.get(method.public_key.algorithm)
    if hash_name is None:
        raise ProofError(
            "The key is of a kind that the cryptosuite does not use.",
            code="signature_wrong",
            problem_code="wrong_key_type",
            pointer=f"{options.pointer}/cryptosuite",
        )
    try:
        signature = decode_multibase(options.proof_value, headers=suite.signature_header)
    except InputError as error:
        raise ProofError(
            error.message, problem_code=error.code, pointer=f"{options.pointer}/proofValue"
        ) from error
    message = _data_to_verify(suite, document, options, hash_name, request.contexts)
    if not method.public_key.verify(signature, message):
        raise ProofError(
            "The signature does not fit the content.", code="signature_wrong", pointer=options.pointer
        )
    return VerifiedProof(
        mechanism=suite.name,
        verification_method=method.id,
        controller=did_of(method.id),
        public_key_multibase=method.public_key.to_multikey(),
        created=options.created,
        purpose=options.purpose,
    )


def _check_times(options: ProofOptions, at: datetime) -> None:
    if options.created is not None and options.created > at + _SKEW:
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


def _find_method(options: ProofOptions, request: ProofRequest) -> VerificationMethod:
    """The verification method, if its own controller lists it for the purpose (DI 1.0 section 4.4)."""
    pointer = f"{options.pointer}/verificationMethod"
    if options.purpose != request.purpose:
        raise ProofError(
            "The proof was made for another purpose.",
            code="wrong_proof_purpose",
            pointer=f"{options.pointer}/proofPurpose",
            problem_type=INVALID_PROOF_PURPOSE,
        )
    try:
        did = did_of(options.verification_method)
    except DidError as error:
        raise ProofError(
            error.message,
            code="invalid_verification_method",
            problem_code=error.code,
            pointer=pointer,
            problem_type=INVALID_VERIFICATION_METHOD,
        ) from error
    document = _controller_document(did, pointer, request)
    unusable = document.unusable.get(options.verification_method)
    if unusable is not None:
        unsupported = unusable in _UNSUPPORTED_KEYS
        raise ProofError(
            "The signer's key cannot be used.",
            code="unsupported_proof" if unsupported else "invalid_verification_method",
            problem_code=unusable,
            pointer=pointer,
            checkable=not unsupported,
            problem_type=INVALID_VERIFICATION_METHOD,
        )
    method = document.verification_methods.get(options.verification_method)
    if method is None or document.id != did or did_of(method.id) != did or method.controller != did:
        raise ProofError(
            "The signer's identity document does not hold this key as its own.",
            code="key_not_in_document",
            pointer=pointer,
            problem_type=INVALID_VERIFICATION_METHOD,
        )
    if options.verification_method not in document.relationships.get(request.purpose, frozenset()):
        raise ProofError(
            "The signer's identity document does not allow this key for signing credentials.",
            code="key_not_authorised",
            pointer=pointer,
            problem_type=INVALID_PROOF_PURPOSE,
        )
    _check_method_times(method, request.at, pointer)
    return method


def _controller_document(did: str, pointer: str, request: ProofRequest) -> ControlledIdentifierDocument:
    not_requested = DocumentNotAvailable("not_requested", Availability.NOT_REQUESTED)
    document = request.controllers.get(did, not_requested)
    if isinstance(document, ControlledIdentifierDocument):
        return document
    code, message = _NO_DOCUMENT[document.availability]
    raise ProofError(
        message,
        code=code,
        problem_code=document.reason,
        pointer=pointer,
        checkable=document.availability is Availability.INVALID,
        problem_type=INVALID_VERIFICATION_METHOD,
        needs=did if document.availability is Availability.NOT_REQUESTED else None,
    )


def _check_method_times(method: VerificationMethod, at: datetime, pointer: str) -> None:
    """CID 1.0 section 2.2: a revoked or expired method is not used at or after that time. The time of a
    signature is only claimed, so an old `created` does not help."""
    if method.revoked is not None and method.revoked <= at:
        raise ProofError("The signer has revoked this key.", code="key_revoked", pointer=pointer)
    if method.expires is not None and method.expires <= at:
        raise ProofError(
            "The signer's key has expired, and when the signature was made cannot be proved.",
            code="key_expired",
            pointer=pointer,
            checkable=False,
        )


def _data_to_verify(
    suite: Cryptosuite, document: JsonObject, options: ProofOptions, hash_name: str, contexts: ContextStore
) -> bytes:
    configuration = {name: value for name, value in options.members.items() if name != "proofValue"}
    if "@context" in configuration and configuration["@context"] != document.get("@context"):
        # The specification lets a document add contexts after those in the proof; they would not be signed.
        raise ProofError(
            "The contexts of the document are not those that were signed.",
            code="signature_wrong",
            problem_code="context_not_signed",
            pointer="/@context",
        )
    try:
        check_context_list(document, contexts=contexts)
        return _hash_data(suite, document, configuration, hash_name, contexts)
    except LinkedDataError as error:
        uncertain = error.code == "context_not_allowed"
        raise ProofError(
            error.message,
            code="context_not_allowed" if uncertain else "data_loss",
            problem_code=error.code,
            pointer=error.pointer,
            checkable=not uncertain,
            problem_type=DATA_LOSS_DETECTION_ERROR,
        ) from error
    except LimitError as error:
        raise ProofError(
            error.message,
            code="canonicalization_limit",
            pointer=error.pointer,
            checkable=False,
            problem_type=PROOF_TRANSFORMATION_ERROR,
        ) from error
    except InputError as error:
        raise ProofError(
            error.message,
            code="data_loss",
            problem_code=error.code,
            pointer=error.pointer,
            problem_type=PROOF_TRANSFORMATION_ERROR,
        ) from error


def _hash_data(
    suite: Cryptosuite, document: JsonObject, options: JsonObject, hash_name: str, contexts: ContextStore
) -> bytes:
    """Digest of the canonical options, then digest of the canonical document (both suites, "Hashing")."""
    configuration = options
    if not suite.context_in_proof:
        configuration = {"@context": document["@context"], **options}
    return (
        hashlib.new(hash_name, suite.canonicalise(configuration, contexts)).digest()
        + hashlib.new(hash_name, suite.canonicalise(document, contexts)).digest()
    )


def _fault_result(faults: list[ProofError]) -> StepResult:
    deciding = next((fault for fault in faults if fault.checkable), faults[0])
    problems = tuple(Problem(f.problem_code, f.message, f.pointer, f.problem_type) for f in faults)
    needs = tuple(EvidenceReference(EvidenceKind.DID_DOCUMENT, f.needs) for f in faults if f.needs)
    outcome = Outcome.FAILED if deciding.checkable else Outcome.INDETERMINATE
    result = StepResult(Step.PROOF, outcome, deciding.code, problems)
    return replace(result, needs=needs) if needs else result

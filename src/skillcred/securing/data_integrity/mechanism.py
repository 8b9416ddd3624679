"""Data Integrity proofs: verifying all of a document, and making one.

Verifiable Credential Data Integrity 1.0: section 4.2 (Add Proof), 4.4 (Verify Proof), 4.5 (Verify Proof Sets
and Chains; the results are combined conjunctively, see docs/divergences.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.errors import InputError
from skillcred.identifiers import DidError, split_did_url
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import ContextStore
from skillcred.model.documents import Form, SecuredDocument
from skillcred.model.outcomes import Outcome, Step, StepResult
from skillcred.securing.data_integrity.chains import covered_document, without_proof
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite, ProofToMake, ProofToVerify
from skillcred.securing.data_integrity.expectations import check_expectations
from skillcred.securing.data_integrity.findings import TIME_MISSING, fault_of, fault_result
from skillcred.securing.data_integrity.new_proof import build_options, document_to_sign
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions, parse_proof, read_proofs
from skillcred.securing.data_integrity.suites import CRYPTOSUITES
from skillcred.securing.data_integrity.verification_keys import check_times, find_method, holding_of
from skillcred.securing.mechanism import PreparedProof, ProofFindings, ProofRequest, SecuringError
from skillcred.securing.verified_document import SEAL, VerifiedDocument, VerifiedProof

_SUITE_NAMES = frozenset(CRYPTOSUITES)
_NOTE: Final = "data_integrity"

_PASSED: Final = StepResult(Step.PROOF, Outcome.PASSED, "proof_verified")
_TIMELESS: Final = _PASSED._replace(warnings=(TIME_MISSING,))

_Read = list[tuple[str, JsonValue, ProofOptions | ProofError]]
"""Of each proof the pointer, the proof as it stands there, and what was read of it."""


class DataIntegrityMechanism:
    """Embedded proofs of type `DataIntegrityProof`."""

    names = frozenset(name for name, suite in CRYPTOSUITES.items() if suite.issues)
    form = Form.JSON
    """Every JSON document: where there is no proof, saying so is this family's job."""
    experimental_names = frozenset(name for name, suite in CRYPTOSUITES.items() if suite.experimental)

    def key_algorithms(self, name: str) -> tuple[Algorithm, ...]:
        """The key algorithms of a cryptosuite."""
        return tuple(CRYPTOSUITES[name].hash_names)

    def media_type(self, name: str, purpose: str) -> str:
        """VCDM 2.0 section 6.2: `application/vp` for what a holder signs for authentication."""
        del name  # the same for all cryptosuites
        return "application/vp" if purpose == "authentication" else "application/vc"

    def peek_controllers(self, secured: SecuredDocument) -> tuple[str, ...]:
        """The DIDs of the verification methods that the proofs name. Unverified."""
        try:
            read = _read(secured)
        except ProofError:
            return ()  # `verify` meets the same fault and reports it
        controllers = [_peek_controller(proof) for _, _, proof in read]
        return tuple(dict.fromkeys([did for did in controllers if did is not None]))

    def verify(self, secured: SecuredDocument, request: ProofRequest) -> ProofFindings:
        """Every proof must hold. The first fault that is certain decides; else the first uncertain one. Proofs of
        experimental suites alone leave it open who signed."""
        try:
            read = _read(secured)
        except ProofError as fault:
            return ProofFindings(fault_result([fault]), None)
        document = without_proof(secured.document)
        counting: list[VerifiedProof] = []
        experimental: list[VerifiedProof] = []
        faults: list[ProofError] = []
        result = _PASSED
        for _, _, proof in read:
            if isinstance(proof, ProofError):
                faults.append(proof)
                continue
            try:
                verified = _verify_proof(covered_document(document, proof, read), proof, request)
            except ProofError as fault:
                faults.append(fault)
                continue
            (experimental if verified.mechanism in self.experimental_names else counting).append(verified)
            if verified.created is None:
                result = _TIMELESS
        if not faults and not counting:
            faults = [_experimental_only(read[0][0])]
        if faults:
            return ProofFindings(fault_result(faults), None)
        return ProofFindings(
            result,
            VerifiedDocument(SEAL, document, tuple(counting), experimental_proofs=tuple(experimental)),
        )

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
        options: Mapping[str, JsonValue] | None = None,
    ) -> PreparedProof:
        """The proof options and the bytes to sign. Raises `SecuringError`, `LinkedDataError`, `JcsError`.

        A document that carries proofs already is refused, unless `options` has `previousProof`: `null` for one more
        proof beside the others (a proof set), else the id or ids of the proofs to build on (a proof chain).
        """
        suite = _suite_for(name, algorithm)
        wanted = dict(options or {})
        if "proof" in document and "previousProof" not in wanted:
            raise SecuringError(
                "The document carries a proof already.", code="already_secured", pointer="/proof"
            )
        members, parameters = build_options(suite, verification_method, created, purpose, wanted)
        signed = document_to_sign(document, members)
        made = suite.procedures.prepare(
            ProofToMake(signed, members, algorithm, suite.hash_names[algorithm], contexts, parameters)
        )
        return PreparedProof(suite.name, document, made.options, made.data, made.extra)

    def attach(self, prepared: PreparedProof, signature: bytes) -> bytes:
        """UTF-8 JSON with the proof as last member, or as the last of several."""
        value = CRYPTOSUITES[prepared.mechanism].procedures.attach(prepared, signature)
        proof: JsonValue = {**prepared.options, "proofValue": value}
        if "proof" in prepared.document:
            proof = [*as_list(prepared.document["proof"]), proof]
        secured = {**without_proof(prepared.document), "proof": proof}
        return json.dumps(secured, ensure_ascii=False, indent=2).encode("utf-8")


def _read(secured: SecuredDocument) -> _Read:
    """The proofs of a document. Raises `ProofError` if there is none, or too many."""
    known: _Read | None = secured.notes.get(_NOTE)
    if known is not None:
        return known
    read: _Read = []
    for pointer, candidate in read_proofs(secured.document):
        try:
            read.append((pointer, candidate, parse_proof(pointer, candidate, _SUITE_NAMES)))
        except ProofError as fault:
            read.append((pointer, candidate, fault))
    secured.notes[_NOTE] = read
    return read


def _suite_for(name: str, algorithm: Algorithm) -> Cryptosuite:
    suite = CRYPTOSUITES.get(name)
    if suite is None or not suite.issues:
        raise SecuringError("There is no securing mechanism of that name.")
    if algorithm not in suite.hash_names:
        raise SecuringError("The cryptosuite does not sign with such a key.", code="wrong_key_type")
    return suite


def _experimental_only(pointer: str) -> ProofError:
    return ProofError(
        "The only proofs are experimental ones.",
        code="experimental_proof_only",
        pointer=f"{pointer}/cryptosuite",
        checkable=False,
    )


def _peek_controller(proof: ProofOptions | ProofError) -> str | None:
    """`None` where `verify` is going to say why there is none."""
    if isinstance(proof, ProofError):
        return None
    try:
        return split_did_url(proof.verification_method)[0]
    except DidError:
        return None


def _verify_proof(document: JsonObject, options: ProofOptions, request: ProofRequest) -> VerifiedProof:
    suite = CRYPTOSUITES[options.cryptosuite]
    check_times(options, request.at)
    check_expectations(options, request)
    method = find_method(options, request)
    public_key = method.public_key
    hash_name = suite.hash_names.get(public_key.algorithm)
    if hash_name is None:
        raise ProofError(
            "The key is of a kind that the cryptosuite does not use.",
            code="signature_wrong",
            problem_code="wrong_key_type",
            pointer=f"{options.pointer}/cryptosuite",
        )
    try:
        road = suite.procedures.verify(
            ProofToVerify(document, options, public_key, hash_name, request.contexts)
        )
    except InputError as error:
        raise fault_of(error) from error
    return VerifiedProof(
        mechanism=suite.name,
        verification_method=method.id,
        controller=method.controller,
        public_key_multibase=public_key.to_multikey(),
        created=options.created,
        purpose=options.purpose,
        domain=" ".join(options.domains) if options.domains else None,
        challenge=options.challenge,
        expires=options.expires,
        holds=holding_of(options, method),
        road=road,
    )

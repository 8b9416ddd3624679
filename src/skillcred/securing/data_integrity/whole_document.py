"""The procedures of suites whose signature covers the whole document: hash the canonical proof options, hash the
canonical document, sign both digests together.

EdDSA Cryptosuites 1.0 and ECDSA Cryptosuites 1.0, sections "Hashing", "Proof Serialization" and "Proof
Verification" of their rdfc and jcs suites, which are the same but for the parts declared here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.multibase import encode_multibase
from skillcred.linkeddata import ContextStore, LinkedDataError, check_context_list
from skillcred.securing.data_integrity.canonical_forms import CanonicalForm
from skillcred.securing.data_integrity.cryptosuite import ProofToMake, ProofToVerify, ToBeSigned
from skillcred.securing.data_integrity.proof import ProofError, decode_proof_value
from skillcred.securing.mechanism import PreparedProof

Canonicalise = Callable[[JsonObject, ContextStore, str], CanonicalForm]
"""JSON object, contexts and name of the hash to the canonical form. Raises `LinkedDataError` or `JcsError`."""


_DIGESTS: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """`context_in_proof` tells that proof options carry a copy of the document's `@context`;
    `signature_header` is the multibase header of `proofValue`."""

    canonicalise: Canonicalise
    context_in_proof: bool
    signature_header: str = "z"

    def verify(self, given: ProofToVerify) -> str | None:
        """Raises `ProofError`, `LinkedDataError` or `JcsError`."""
        document, options, public_key, hash_name, contexts = given
        signature = decode_proof_value(options, self.signature_header)
        configuration = options.members.copy()
        del configuration["proofValue"]
        if "@context" in configuration and configuration["@context"] != document.get("@context"):
            # The specification lets a document add contexts after those in the proof; they would not be signed.
            raise ProofError(
                "The contexts of the document are not those that were signed.",
                code="signature_wrong",
                problem_code="context_not_signed",
                pointer="/@context",
            )
        if self.context_in_proof:  # else the contexts are checked by making linked data of the document
            check_context_list(document, contexts=contexts)
        message, road = self._hash_data(document, configuration, hash_name, contexts, place=options.pointer)
        if not public_key.verify(signature, message):
            raise ProofError(
                "The signature does not fit the content.", code="signature_wrong", pointer=options.pointer
            )
        return road

    def prepare(self, given: ProofToMake) -> ToBeSigned:
        """Raises `LinkedDataError` or `JcsError`."""
        options = dict(given.options)
        if self.context_in_proof:
            check_context_list(given.document, contexts=given.contexts)
            options["@context"] = given.document["@context"]
        message, _ = self._hash_data(given.document, options, given.hash_name, given.contexts)
        return ToBeSigned(options, message)

    def attach(self, prepared: PreparedProof, signature: bytes) -> str:
        """The signature in multibase."""
        del prepared  # the signature is all there is
        return encode_multibase(signature, header=self.signature_header)

    def _hash_data(
        self,
        document: JsonObject,
        options: JsonObject,
        hash_name: str,
        contexts: ContextStore,
        *,
        place: str = "",
    ) -> tuple[bytes, str | None]:
        """Digest of the canonical options, which stand at `place` in the document, then of the canonical
        document; and the road of the latter."""
        data, road = self.canonicalise(document, contexts, hash_name)
        configuration = options
        if not self.context_in_proof:
            configuration = {"@context": document["@context"], **options}
        try:
            options_data, _ = self.canonicalise(configuration, contexts, hash_name)
        except LinkedDataError as error:
            raise LinkedDataError(
                error.message, code=error.code, pointer=f"{place}{error.pointer or ''}"
            ) from error
        digest = _DIGESTS[hash_name]
        return digest(options_data).digest() + digest(data).digest(), road

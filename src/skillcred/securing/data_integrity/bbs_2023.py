"""`bbs-2023`: selective disclosure with BBS signatures, whose derived proofs cannot be linked by themselves.

BBS Cryptosuites 1.0 (Candidate Recommendation Draft of 3 April 2025), sections 3.2 to 3.4, feature option
`baseline`, with the ciphersuite BLS12-381-SHA-256 (section 3).

The issuer signs, in one signature, a header (the hashes of the proof options and of the mandatory statements) and
each other statement as a message. What it hands out is a *base proof*, for the holder alone. From it the holder makes
*derived proofs* (`skillcred.securing.derive_credential`): each proves in zero knowledge that there is a signature over
header and messages, shows some of the messages, and has nothing in common with another one. Only derived proofs are
accepted by verifiers (section 3.4.7).

What can still link two derived proofs is what they show: `created` and `verificationMethod` of the proof, the
mandatory statements, the `id` of the credential or of its subject, the number of statements.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.errors import InputError, IntegrityError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.bbs import (
    BLS12_381_SHA_256,
    MAX_MESSAGES,
    PUBLIC_KEY_LENGTH,
    SIGNATURE_LENGTH,
    BbsError,
    RandomScalars,
    draw_random_scalars,
    encode_signing_input,
    prove,
    undisclosed_count,
    verify_proof,
)
from skillcred.linkeddata import ContextStore, LinkedDataLimitError, canonicalise
from skillcred.securing.data_integrity.bbs_2023_proof_value import (
    HMAC_KEY_LENGTH,
    BbsBaseProofValue,
    BbsDerivedProofValue,
    BbsProofValueError,
    decode_base_proof_value,
    decode_derived_proof_value,
    encode_base_proof_value,
    encode_derived_proof_value,
)
from skillcred.securing.data_integrity.cryptosuite import (
    Cryptosuite,
    DerivedProof,
    ProofToDerive,
    ProofToMake,
    ProofToVerify,
    ToBeSigned,
)
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions
from skillcred.securing.data_integrity.selective_disclosure import (
    LabelMapFactory,
    SelectionError,
    canonicalise_and_group,
    default_mandatory_pointers,
    hash_statements,
    label_statements,
    parse_pointers,
)
from skillcred.securing.mechanism import PreparedProof, SecuringError

MANDATORY_POINTERS: Final = "mandatoryPointers"
PRESENTATION_HEADER: Final = "presentationHeader"
MAX_PRESENTATION_HEADER: Final = 1024
"""Most bytes of a presentation header that a holder may bind to a proof made here."""


def shuffled_label_map(hmac_key: bytes) -> LabelMapFactory:
    """Section 3.2.1, createShuffledIdLabelMapFunction: `b0`, `b1`, … in the order of the HMACs.

    Unlike an HMAC itself, such a label says nothing about the credential that it was made for.
    """

    def factory(canonical_labels: Collection[str]) -> Mapping[str, str]:
        digests = {
            label: encode_multibase(hmac.digest(hmac_key, label.encode("ascii"), "sha256"), header="u")
            for label in canonical_labels
        }
        places = {digest: place for place, digest in enumerate(sorted(digests.values()))}
        return {label: f"b{places[digest]}" for label, digest in digests.items()}

    return factory


def _new_hmac_key() -> bytes:
    return secrets.token_bytes(HMAC_KEY_LENGTH)


@dataclass(frozen=True, slots=True)
class Bbs2023:
    """The procedures. Where the HMAC key of a new proof comes from can be replaced, for the specification's vectors."""

    make_hmac_key: Callable[[], bytes] = _new_hmac_key

    def verify(self, given: ProofToVerify) -> None:
        """Section 3.4.7, Verify Derived Proof. Raises `ProofError` (`base_proof_presented`, `proof_malformed`,
        `unsupported_proof`, `signature_wrong`), `LinkedDataError`, `LinkedDataLimitError`."""
        value = _decode_derived(given.options)
        pointer = f"{given.options.pointer}/proofValue"
        members = given.options.members
        if "@context" in members and members["@context"] != given.document.get("@context"):
            raise ProofError(
                "The contexts of the document are not those that were signed.",
                code="signature_wrong",
                problem_code="context_not_signed",
                pointer="/@context",
            )

        def labels(canonical: Collection[str]) -> Mapping[str, str]:
            if set(canonical) != value.labels.keys():
                raise ProofError("The labels of the proof are not those of the document.", pointer=pointer)
            return value.labels

        statements = label_statements(given.document, labels, given.contexts)
        mandatory, disclosed = _split(statements, value.mandatory_indexes)
        if len(mandatory) != len(value.mandatory_indexes) or len(disclosed) != len(value.selective_indexes):
            raise ProofError(
                "The proof is not for as many statements as the document has.",
                code="signature_wrong",
                problem_code="statement_count",
                pointer=pointer,
            )
        _check_count(undisclosed_count(value.bbs_proof) + len(disclosed))
        header = _bbs_header(given.document, members, mandatory, given.contexts)
        if given.public_key.algorithm is not Algorithm.BLS12381G2 or not verify_proof(
            BLS12_381_SHA_256,
            given.public_key.key_bytes,
            value.bbs_proof,
            header,
            value.presentation_header,
            _messages(disclosed),
            value.selective_indexes,
        ):
            raise ProofError(
                "The signature does not fit the content.",
                code="signature_wrong",
                pointer=given.options.pointer,
            )

    def prepare(self, given: ProofToMake) -> ToBeSigned:
        """Sections 3.4.2 to 3.4.5, up to the signature. Without `mandatoryPointers` those of
        `default_mandatory_pointers` are taken. Raises `SecuringError`, `LinkedDataError`, `LinkedDataLimitError`."""
        wanted = given.parameters.get(MANDATORY_POINTERS)
        pointers = default_mandatory_pointers(given.document) if wanted is None else parse_pointers(wanted)
        hmac_key = self.make_hmac_key()
        grouped = canonicalise_and_group(
            given.document, shuffled_label_map(hmac_key), {"mandatory": pointers}, given.contexts
        )
        mandatory, others = _split(grouped.statements, grouped.selections["mandatory"].indexes)
        _check_count(len(others))
        header = _bbs_header(given.document, given.options, mandatory, given.contexts)
        extra: JsonObject = {
            "bbs_header": encode_base64url(header),
            "hmac_key": encode_base64url(hmac_key),
            "mandatory_pointers": list(pointers),
        }
        return ToBeSigned(given.options, encode_signing_input(header, _messages(others)), extra)

    def attach(self, prepared: PreparedProof, signature: bytes) -> str:
        """Section 3.3.1. Raises `IntegrityError` if what was kept with the reservation, or the signature, is not
        whole."""
        extra = prepared.extra
        if len(signature) != SIGNATURE_LENGTH + PUBLIC_KEY_LENGTH:
            raise IntegrityError("The signature is not one of BBS.", code="prepared_unreadable")
        try:
            value = BbsBaseProofValue(
                signature[:SIGNATURE_LENGTH],
                decode_base64url(_text(extra.get("bbs_header"))),
                signature[SIGNATURE_LENGTH:],
                decode_base64url(_text(extra.get("hmac_key"))),
                parse_pointers(extra.get("mandatory_pointers")),
            )
        except (InputError, TypeError) as error:
            raise IntegrityError(
                "What was recorded for a proof cannot be read.", code="prepared_unreadable"
            ) from error
        return encode_base_proof_value(value)


def derive(given: ProofToDerive, *, random_scalars: RandomScalars = draw_random_scalars) -> DerivedProof:
    """Sections 3.3.3 and 3.4.6, Add Derived Proof: what a holder shows of a credential with a base proof.

    The one parameter is `presentationHeader`, base64url multibase: bytes that the proof is bound to, such as a
    verifier's nonce. Raises `SecuringError` (`not_a_base_proof`, `base_proof_broken`, `unsupported_option`),
    `SelectionError`, `LinkedDataError`, `LinkedDataLimitError`. The signature is checked under the key in the base
    proof; whether that is the issuer's is not known here.
    """
    presentation_header = _presentation_header(given.parameters)
    base = _decode_base(given.options)
    groups = {"mandatory": base.mandatory_pointers, "combined": (*base.mandatory_pointers, *given.pointers)}
    grouped = canonicalise_and_group(
        given.document, shuffled_label_map(base.hmac_key), groups, given.contexts
    )
    combined = grouped.selections["combined"]
    if combined.document is None:
        raise SelectionError("Nothing is selected to be shown.", code="nothing_selected")
    mandatory = frozenset(grouped.selections["mandatory"].indexes)
    mandatory_statements, others = _split(grouped.statements, mandatory)
    _check_count(len(others))
    if (
        _bbs_header(given.document, given.options.members, mandatory_statements, given.contexts)
        != base.bbs_header
    ):
        raise SecuringError("The base proof does not fit the document.", code="base_proof_broken")
    other_indexes = [index for index in range(len(grouped.statements)) if index not in mandatory]
    shown = frozenset(combined.indexes)
    selective = tuple(place for place, index in enumerate(other_indexes) if index in shown)
    try:
        bbs_proof = prove(
            BLS12_381_SHA_256,
            base.public_key,
            base.bbs_signature,
            base.bbs_header,
            presentation_header,
            _messages(others),
            selective,
            random_scalars=random_scalars,
        )
    except BbsError as error:
        raise SecuringError(
            "The signature of the base proof does not fit the document.", code="base_proof_broken"
        ) from error
    value = BbsDerivedProofValue(
        bbs_proof,
        combined.verifier_labels,
        tuple(place for place, index in enumerate(combined.indexes) if index in mandatory),
        selective,
        presentation_header,
    )
    return DerivedProof(combined.document, encode_derived_proof_value(value))


def _presentation_header(parameters: Mapping[str, JsonValue]) -> bytes:
    if not parameters.keys() <= {PRESENTATION_HEADER}:
        raise SecuringError("This cryptosuite has no such option.", code="unsupported_option")
    wanted = parameters.get(PRESENTATION_HEADER)
    if wanted is None:
        return b""
    message = (
        f"The presentation header is base64url multibase text of {MAX_PRESENTATION_HEADER} bytes or less."
    )
    fault = SecuringError(message, code="unsupported_option", pointer=f"/{PRESENTATION_HEADER}")
    if not isinstance(wanted, str):
        raise fault
    try:
        header = decode_multibase(wanted, headers="u")
    except InputError as error:
        raise fault from error
    if len(header) > MAX_PRESENTATION_HEADER:
        raise fault
    return header


def _decode_derived(options: ProofOptions) -> BbsDerivedProofValue:
    pointer = f"{options.pointer}/proofValue"
    try:
        return decode_derived_proof_value(options.proof_value)
    except BbsProofValueError as error:
        if error.code == "base_proof":
            message = "The proof is the one for the holder, from which a proof for verifiers has to be made."
            raise ProofError(
                message, code="base_proof_presented", problem_code=error.code, pointer=pointer
            ) from error
        supported = error.code != "unsupported_feature"
        raise ProofError(
            error.message,
            code=None if supported else "unsupported_proof",
            problem_code=error.code,
            pointer=pointer,
            checkable=supported,
        ) from error
    except InputError as error:
        raise ProofError(error.message, problem_code=error.code, pointer=pointer) from error


def _decode_base(options: ProofOptions) -> BbsBaseProofValue:
    try:
        return decode_base_proof_value(options.proof_value)
    except InputError as error:
        raise SecuringError(
            "The proof is not a base proof that one could derive from.",
            code="not_a_base_proof",
            pointer=f"{options.pointer}/proofValue",
        ) from error


def _bbs_header(
    document: JsonObject, options: JsonObject, mandatory: Sequence[str], contexts: ContextStore
) -> bytes:
    """Sections 3.4.3 and 3.4.5: hash of the proof options, hash of the mandatory statements."""
    members = {name: value for name, value in options.items() if name != "proofValue"}
    configuration: JsonObject = {**members, "@context": document["@context"]}
    proof_hash = hashlib.sha256(canonicalise(configuration, contexts=contexts).nquads).digest()
    return proof_hash + hash_statements(mandatory)


def _split(statements: tuple[str, ...], indexes: Collection[int]) -> tuple[list[str], list[str]]:
    """The statements at `indexes`, and the others, in order."""
    chosen = frozenset(indexes)
    mandatory = [line for index, line in enumerate(statements) if index in chosen]
    return mandatory, [line for index, line in enumerate(statements) if index not in chosen]


def _messages(statements: Sequence[str]) -> list[bytes]:
    return [statement.encode("utf-8") for statement in statements]


def _check_count(count: int) -> None:
    if count > MAX_MESSAGES:
        raise LinkedDataLimitError("There are more statements than are signed one by one.")


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


BBS_2023: Final = Cryptosuite(
    name="bbs-2023",
    hash_names={Algorithm.BLS12381G2: "sha256"},
    procedures=Bbs2023(),
    parameters=frozenset({MANDATORY_POINTERS}),
    derive=derive,
)

"""`ecdsa-sd-2023`: selective disclosure with ECDSA over P-256 (ECDSA Cryptosuites 1.0, sections 3.5 and 3.6).

The issuer signs the hash of the mandatory statements and of the proof options with its key, and each other statement
with a key made for this one proof. What it hands out is a *base proof*, for the holder alone: it holds the HMAC
key behind the labels and a signature for every statement. The holder makes *derived proofs* from it
(`skillcred.securing.derive_credential`), and only these are accepted by verifiers (section 3.6.7).

The proof-scoped private key signs in `prepare`, before the reservation is recorded, and is dropped there. By itself
it can do nothing: its public part counts only under the issuer's signature, which is made after the reservation.
The HMAC key is kept with the reservation. It is no secret from whoever has the credential, in which it stands.

Every derived proof shows the same proof-scoped public key and base signature, so verifiers that compare notes can
tell that two of them come from one credential, and can put together what each has seen (SECURITY X-05, X-08).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError, IntegrityError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import PublicKey
from skillcred.linkeddata import ContextStore, LinkedDataLimitError, canonicalise
from skillcred.securing.data_integrity.cryptosuite import (
    Cryptosuite,
    DerivedProof,
    ProofToDerive,
    ProofToMake,
    ProofToVerify,
    ToBeSigned,
)
from skillcred.securing.data_integrity.ecdsa_sd_2023_proof_value import (
    HMAC_KEY_LENGTH,
    BaseProofValue,
    DerivedProofValue,
    ProofValueError,
    decode_base_proof_value,
    decode_derived_proof_value,
    encode_base_proof_value,
    encode_derived_proof_value,
    encode_proof_key,
)
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions
from skillcred.securing.data_integrity.selective_disclosure import (
    GroupedStatements,
    SelectionError,
    canonicalise_and_group,
    default_mandatory_pointers,
    hash_statements,
    hmac_label_map,
    label_statements,
    parse_pointers,
)
from skillcred.securing.mechanism import PreparedProof, SecuringError

MAX_SIGNED_STATEMENTS: Final = 2_500
"""Most statements with a signature of their own; checking one takes about 0.1 ms. A long credential has 300."""
MANDATORY_POINTERS: Final = "mandatoryPointers"


def _new_hmac_key() -> bytes:
    return secrets.token_bytes(HMAC_KEY_LENGTH)


def _new_key_pair() -> PrivateKey:
    return PrivateKey.generate(Algorithm.P256)


@dataclass(frozen=True, slots=True)
class EcdsaSd2023:
    """The procedures. Where the two keys of a new proof come from can be replaced, for the specification's vectors."""

    make_hmac_key: Callable[[], bytes] = _new_hmac_key
    make_key_pair: Callable[[], PrivateKey] = _new_key_pair

    def verify(self, given: ProofToVerify) -> None:
        """Section 3.6.7, Verify Derived Proof. Raises `ProofError` (`base_proof_presented`, `proof_malformed`,
        `signature_wrong`), `LinkedDataError`, `LinkedDataLimitError`."""
        value = _decode_derived(given.options)
        _check_proof_context(given.options.members, given.document)
        pointer = f"{given.options.pointer}/proofValue"

        def labels(canonical: Collection[str]) -> Mapping[str, str]:
            if set(canonical) != value.labels.keys():
                raise ProofError("The labels of the proof are not those of the document.", pointer=pointer)
            return value.labels

        statements = label_statements(given.document, labels, given.contexts)
        mandatory, others = _split(statements, value.mandatory_indexes)
        if len(mandatory) != len(value.mandatory_indexes) or len(others) != len(value.signatures):
            raise ProofError(
                "The proof is not for as many statements as the document has.",
                code="signature_wrong",
                problem_code="statement_count",
                pointer=pointer,
            )
        _check_count(others)
        message = _sign_data(
            given.document, given.options.members, value.public_key, mandatory, given.contexts
        )
        if not given.public_key.verify(value.base_signature, message) or not _all_verify(
            value.public_key, value.signatures, others
        ):
            raise ProofError(
                "The signature does not fit the content.",
                code="signature_wrong",
                pointer=given.options.pointer,
            )

    def prepare(self, given: ProofToMake) -> ToBeSigned:
        """Sections 3.6.2 to 3.6.5, up to the issuer's signature. Without `mandatoryPointers` those of
        `default_mandatory_pointers` are taken. Raises `SecuringError`, `LinkedDataError`."""
        wanted = given.parameters.get(MANDATORY_POINTERS)
        pointers = default_mandatory_pointers(given.document) if wanted is None else parse_pointers(wanted)
        hmac_key = self.make_hmac_key()
        grouped = canonicalise_and_group(
            given.document, hmac_label_map(hmac_key), {"mandatory": pointers}, given.contexts
        )
        mandatory, others = _split(grouped.statements, grouped.selections["mandatory"].indexes)
        _check_count(others)
        key_pair = self.make_key_pair()
        signatures = [key_pair.sign(statement.encode("utf-8")) for statement in others]
        public_key = key_pair.public_key
        del key_pair  # it has done all that it is for
        data = _sign_data(given.document, given.options, public_key, mandatory, given.contexts)
        extra: JsonObject = {
            "public_key": public_key.to_multikey(),
            "hmac_key": encode_base64url(hmac_key),
            "signatures": [encode_base64url(signature) for signature in signatures],
            "mandatory_pointers": list(pointers),
        }
        return ToBeSigned(given.options, data, extra)

    def attach(self, prepared: PreparedProof, signature: bytes) -> str:
        """Section 3.5.2. Raises `IntegrityError` if what was kept with the reservation is not whole."""
        extra = prepared.extra
        try:
            value = BaseProofValue(
                signature,
                PublicKey.from_multikey(_text(extra.get("public_key"))),
                decode_base64url(_text(extra.get("hmac_key"))),
                tuple(decode_base64url(item) for item in _texts(extra.get("signatures"))),
                parse_pointers(extra.get("mandatory_pointers")),
            )
        except (InputError, TypeError) as error:
            raise IntegrityError(
                "What was recorded for a proof cannot be read.", code="prepared_unreadable"
            ) from error
        return encode_base_proof_value(value)


def derive(given: ProofToDerive) -> DerivedProof:
    """Sections 3.5.4 and 3.6.6, Add Derived Proof: what a holder shows of a credential with a base proof.

    Raises `SecuringError` (`not_a_base_proof`, `base_proof_broken`, `unsupported_option`), `SelectionError`,
    `LinkedDataError`. The base signature is not checked, since the issuer's key is not at hand.
    """
    if given.parameters:
        raise SecuringError("This cryptosuite has no options for derived proofs.", code="unsupported_option")
    base = _decode_base(given.options)
    groups = {"mandatory": base.mandatory_pointers, "combined": (*base.mandatory_pointers, *given.pointers)}
    grouped = canonicalise_and_group(given.document, hmac_label_map(base.hmac_key), groups, given.contexts)
    combined = grouped.selections["combined"]
    if combined.document is None:
        raise SelectionError("Nothing is selected to be shown.", code="nothing_selected")
    mandatory = frozenset(grouped.selections["mandatory"].indexes)
    value = DerivedProofValue(
        base.base_signature,
        base.public_key,
        _signatures_for(grouped, mandatory, base),
        combined.verifier_labels,
        tuple(place for place, index in enumerate(combined.indexes) if index in mandatory),
    )
    return DerivedProof(combined.document, encode_derived_proof_value(value))


def _signatures_for(
    grouped: GroupedStatements, mandatory: frozenset[int], base: BaseProofValue
) -> tuple[bytes, ...]:
    """The signatures of the selected statements that are not mandatory, each of which fits."""
    others = [index for index in range(len(grouped.statements)) if index not in mandatory]
    if len(others) != len(base.signatures):
        raise SecuringError(
            "The base proof is not for as many statements as the document has.", code="base_proof_broken"
        )
    signatures = dict(zip(others, base.signatures, strict=True))
    selected = [index for index in grouped.selections["combined"].indexes if index not in mandatory]
    statements = [grouped.statements[index] for index in selected]
    _check_count(statements)
    chosen = tuple(signatures[index] for index in selected)
    if not _all_verify(base.public_key, chosen, statements):
        raise SecuringError(
            "A signature of the base proof does not fit the content.", code="base_proof_broken"
        )
    return chosen


def _decode_derived(options: ProofOptions) -> DerivedProofValue:
    pointer = f"{options.pointer}/proofValue"
    try:
        return decode_derived_proof_value(options.proof_value)
    except ProofValueError as error:
        is_base = error.code == "base_proof"
        message = "The proof is the one for the holder, from which a proof for verifiers has to be made."
        raise ProofError(
            message if is_base else error.message,
            code="base_proof_presented" if is_base else None,
            problem_code=error.code,
            pointer=pointer,
        ) from error
    except InputError as error:
        raise ProofError(error.message, problem_code=error.code, pointer=pointer) from error


def _decode_base(options: ProofOptions) -> BaseProofValue:
    try:
        return decode_base_proof_value(options.proof_value)
    except InputError as error:
        raise SecuringError(
            "The proof is not a base proof that one could derive from.",
            code="not_a_base_proof",
            pointer=f"{options.pointer}/proofValue",
        ) from error


def _check_proof_context(members: JsonObject, document: JsonObject) -> None:
    if "@context" in members and members["@context"] != document.get("@context"):
        raise ProofError(
            "The contexts of the document are not those that were signed.",
            code="signature_wrong",
            problem_code="context_not_signed",
            pointer="/@context",
        )


def _sign_data(
    document: JsonObject,
    options: JsonObject,
    proof_key: PublicKey,
    mandatory: list[str],
    contexts: ContextStore,
) -> bytes:
    """Sections 3.5.1 and 3.6.3: hash of the proof options, proof-scoped key, hash of the mandatory statements."""
    members = {name: value for name, value in options.items() if name != "proofValue"}
    configuration: JsonObject = {**members, "@context": document["@context"]}
    proof_hash = hashlib.sha256(canonicalise(configuration, contexts=contexts).nquads).digest()
    return proof_hash + encode_proof_key(proof_key) + hash_statements(mandatory)


def _split(statements: tuple[str, ...], indexes: Collection[int]) -> tuple[list[str], list[str]]:
    """The statements at `indexes`, and the others, in order."""
    chosen = frozenset(indexes)
    mandatory = [line for index, line in enumerate(statements) if index in chosen]
    return mandatory, [line for index, line in enumerate(statements) if index not in chosen]


def _all_verify(key: PublicKey, signatures: tuple[bytes, ...], statements: list[str]) -> bool:
    return all(
        key.verify(signature, statement.encode("utf-8"))
        for signature, statement in zip(signatures, statements, strict=True)
    )


def _check_count(statements: list[str]) -> None:
    if len(statements) > MAX_SIGNED_STATEMENTS:
        raise LinkedDataLimitError("The document holds more statements than are signed one by one.")


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _texts(value: JsonValue) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("list expected")
    return [_text(item) for item in value]


ECDSA_SD_2023: Final = Cryptosuite(
    name="ecdsa-sd-2023",
    hash_names={Algorithm.P256: "sha256"},
    procedures=EcdsaSd2023(),
    parameters=frozenset({MANDATORY_POINTERS}),
    derive=derive,
)

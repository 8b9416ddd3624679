"""Proof options: reading them strictly, and saying what is wrong (Data Integrity 1.0, section 2.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.multibase import decode_multibase
from skillcred.errors import InputError
from skillcred.linkeddata import is_absolute_iri
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.model.outcomes import PROOF_VERIFICATION_ERROR, EvidenceReference

MAX_PROOFS: Final = 8
"""Most proofs on one document that are looked at (SECURITY D-03)."""
PROOF_TYPE: Final = "DataIntegrityProof"
OLDER_TYPES: Final = frozenset({"Ed25519Signature2020"})
"""Types of proof from before Data Integrity, each a cryptosuite by itself."""
_KNOWN_MEMBERS: Final = frozenset(
    (
        "@context",
        "id",
        "type",
        "cryptosuite",
        "created",
        "expires",
        "verificationMethod",
        "proofPurpose",
        "proofValue",
        "domain",
        "challenge",
        "nonce",
        "previousProof",
    )
)


class ProofError(InputError):
    """One proof cannot hold. Inside this package only: the mechanism turns it into a finding.

    `step_code` is the reason code of the step; `checkable` is false where the fault lies in what we support
    or could get, so that the outcome is indeterminate and not failed.
    """

    default_code = "proof_malformed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        pointer: str | None = None,
        problem_code: str | None = None,
        checkable: bool = True,
        problem_type: str = PROOF_VERIFICATION_ERROR,
        needs: EvidenceReference | None = None,
    ) -> None:
        super().__init__(message, code=code, pointer=pointer)
        self.problem_code = problem_code or self.code
        self.checkable = checkable
        self.problem_type = problem_type
        self.needs = needs


class ProofOptions(NamedTuple):
    """One proof, read strictly. `members` is the proof as it stands in the document."""

    pointer: str
    members: JsonObject
    cryptosuite: str
    verification_method: str
    purpose: str
    proof_value: str
    created: datetime | None
    expires: datetime | None
    id: str | None = None
    previous: tuple[str, ...] = ()
    """The ids in `previousProof`."""
    domains: tuple[str, ...] = ()
    challenge: str | None = None


def read_proofs(document: JsonObject) -> list[tuple[str, JsonValue]]:
    """The proofs of a document with their pointers. Raises `ProofError` if there is none, or too many."""
    proof = document.get("proof")
    if proof is None or proof in ([], {}):
        raise ProofError("The document carries no proof.", code="proof_missing", pointer="/proof")
    if not isinstance(proof, list):
        return [("/proof", proof)]
    if len(proof) > MAX_PROOFS:
        raise ProofError(f"The document carries more than {MAX_PROOFS} proofs.", pointer="/proof")
    return [(f"/proof/{index}", item) for index, item in enumerate(proof)]


def parse_proof(pointer: str, proof: JsonValue, known_suites: frozenset[str]) -> ProofOptions:
    """The proof options in `proof`. Raises `ProofError` for anything missing, misplaced or unknown."""
    if not isinstance(proof, dict):
        raise ProofError("A proof must be a JSON object.", pointer=pointer)
    cryptosuite = _suite_name(proof, pointer, known_suites)
    if not proof.keys() <= _KNOWN_MEMBERS:
        foreign = next(name for name in proof if name not in _KNOWN_MEMBERS)
        raise ProofError(
            "The proof has a member that Data Integrity does not define.", pointer=f"{pointer}/{foreign}"
        )
    if "nonce" in proof:
        _text(proof, "nonce", pointer)
    verification_method = proof.get("verificationMethod")
    purpose = proof.get("proofPurpose")
    proof_value = proof.get("proofValue")
    if not isinstance(verification_method, str) or not verification_method:
        raise _no_text("verificationMethod", pointer)
    if not isinstance(purpose, str) or not purpose:
        raise _no_text("proofPurpose", pointer)
    if not isinstance(proof_value, str) or not proof_value:
        raise _no_text("proofValue", pointer)
    return ProofOptions(
        pointer=pointer,
        members=proof,
        cryptosuite=cryptosuite,
        verification_method=verification_method,
        purpose=purpose,
        proof_value=proof_value,
        created=_instant(proof, "created", pointer) if "created" in proof else None,
        expires=_instant(proof, "expires", pointer) if "expires" in proof else None,
        id=_identifier(proof, pointer) if "id" in proof else None,
        previous=_texts(proof, "previousProof", pointer) if "previousProof" in proof else (),
        domains=_texts(proof, "domain", pointer) if "domain" in proof else (),
        challenge=_text(proof, "challenge", pointer) if "challenge" in proof else None,
    )


def decode_proof_value(options: ProofOptions, header: str) -> bytes:
    """The bytes of `proofValue`, whose multibase header must be `header`. Raises `ProofError`."""
    try:
        return decode_multibase(options.proof_value, headers=header)
    except InputError as error:
        raise ProofError(
            error.message, problem_code=error.code, pointer=f"{options.pointer}/proofValue"
        ) from error


def _suite_name(proof: JsonObject, pointer: str, known_suites: frozenset[str]) -> str:
    """The cryptosuite; a proof of a type from before Data Integrity is of the suite of that name."""
    kind = proof.get("type")
    if not isinstance(kind, str) or not kind:
        raise _no_text("type", pointer)
    name, place = kind, "type"
    if kind == PROOF_TYPE:
        name, place = _text(proof, "cryptosuite", pointer), "cryptosuite"
    if name not in known_suites or (name in OLDER_TYPES) is (kind == PROOF_TYPE):
        raise ProofError(
            "This kind of proof is not supported.",
            code="unsupported_proof",
            pointer=f"{pointer}/{place}",
            checkable=False,
        )
    if kind != PROOF_TYPE and "cryptosuite" in proof:
        raise ProofError("A proof of this type has no cryptosuite.", pointer=f"{pointer}/cryptosuite")
    return name


def _text(proof: JsonObject, name: str, pointer: str) -> str:
    value = proof.get(name)
    if not isinstance(value, str) or not value:
        raise _no_text(name, pointer)
    return value


def _no_text(name: str, pointer: str) -> ProofError:
    return ProofError(f"The proof must have a text `{name}`.", pointer=f"{pointer}/{name}")


def _texts(proof: JsonObject, name: str, pointer: str) -> tuple[str, ...]:
    """One text or an array of different ones."""
    value = proof[name]
    if not isinstance(value, list):
        return (_text(proof, name, pointer),)
    texts = tuple(item for item in value if isinstance(item, str) and item)
    if not texts or len(texts) != len(value) or len(set(texts)) != len(texts):
        raise ProofError(
            f"The `{name}` of a proof is a text or an array of different texts.", pointer=f"{pointer}/{name}"
        )
    return texts


def _identifier(proof: JsonObject, pointer: str) -> str:
    """Data Integrity 1.0 section 2.1: the id of a proof is a URL."""
    identifier = _text(proof, "id", pointer)
    if not is_absolute_iri(identifier):
        raise ProofError("The id of a proof must be a URL.", pointer=f"{pointer}/id")
    return identifier


def _instant(proof: JsonObject, name: str, pointer: str) -> datetime:
    try:
        return parse_instant(_text(proof, name, pointer))
    except DateTimeError as error:
        raise ProofError(error.message, pointer=f"{pointer}/{name}") from error

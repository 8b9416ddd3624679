"""The members of a proof that is about to be made (Data Integrity 1.0, section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.model.datetimes import format_instant
from skillcred.securing.data_integrity.chains import check_references, put_back, without_proof
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.data_integrity.proof import MAX_PROOFS, ProofError, parse_proof
from skillcred.securing.mechanism import SecuringError

MEMBERS: Final = ("id", "expires", "domain", "challenge", "nonce", "previousProof")
"""Members that whoever asks for a proof may choose, in the order in which they are written."""
_LISTS: Final = frozenset({"domain", "previousProof"})
"""Members that may also be arrays of different texts."""


def build_options(
    suite: Cryptosuite,
    verification_method: str,
    created: datetime,
    purpose: str,
    wanted: Mapping[str, JsonValue],
) -> tuple[JsonObject, dict[str, JsonValue]]:
    """The members of the proof without `proofValue`, and the parameters that are for the suite itself.

    Raises `SecuringError` (`unsupported_option`) for anything in `wanted` that is neither.
    """
    for name in wanted:
        if name not in MEMBERS and name not in suite.parameters:
            raise _unsupported(f"This cryptosuite has no option {name}.", name)
    options: JsonObject = {
        "type": suite.proof_type,
        "cryptosuite": suite.name,
        "created": format_instant(created.replace(microsecond=0)),
        "verificationMethod": verification_method,
        "proofPurpose": purpose,
    }
    for name in MEMBERS:
        value = wanted.get(name)
        if value is None:
            continue
        if not _is_text(value) and not (name in _LISTS and _is_texts(value)):
            raise _unsupported(f"The option {name} is not of the form that it has in a proof.", name)
        options[name] = value
    return options, {name: wanted[name] for name in suite.parameters if name in wanted}


def document_to_sign(document: JsonObject, members: JsonObject) -> JsonObject:
    """`document` without its proofs but for those that the new proof builds on.

    Raises `SecuringError` (`unsupported_option`) where a verifier would not accept the proofs together.
    """
    unsecured = without_proof(document)
    proofs = list(enumerate(as_list(document["proof"]))) if "proof" in document else []
    if len(proofs) >= MAX_PROOFS:
        raise SecuringError(
            f"A document carries at most {MAX_PROOFS} proofs.", code="unsupported_option", pointer="/proof"
        )
    candidate: JsonObject = {**members, "proofValue": "z"}
    located = [(f"/proof/{index}", proof) for index, proof in proofs]
    pointer = f"/proof/{len(proofs)}"
    try:
        options = parse_proof(pointer, candidate, frozenset({str(members["cryptosuite"])}))
        check_references(options, [*located, (pointer, candidate)])
    except ProofError as error:
        raise SecuringError(error.message, code="unsupported_option", pointer=error.pointer) from error
    return put_back(unsecured, [proof for _, proof in proofs], options.previous)


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value)


def _is_texts(value: JsonValue) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(item) for item in value)


def _unsupported(message: str, name: str) -> SecuringError:
    return SecuringError(message, code="unsupported_option", pointer=f"/{name}")

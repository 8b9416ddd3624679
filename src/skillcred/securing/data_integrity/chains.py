"""Proof sets and proof chains: which proofs a proof builds on (Data Integrity 1.0, sections 2.1.2, 4.3 and 4.5).

A proof that builds on others signs the document with those proofs in it. They are put back in the order in which
the document has them, as the algorithms say; that matters for jcs suites only. References have to lead somewhere
and nowhere twice, so that it is always clear what was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions


def without_proof(document: JsonObject) -> JsonObject:
    """The document without its proofs."""
    bare = document.copy()
    bare.pop("proof", None)
    return bare


def covered_document(
    document: JsonObject, options: ProofOptions, proofs: Sequence[tuple[str, JsonValue, object]]
) -> JsonObject:
    """What the proof with `options` signs of `document`, which is without its proofs. `proofs`: all of them, with their
    pointers first. Raises `ProofError` as `check_references` does."""
    if not options.previous and options.id is None:
        return document
    check_references(options, [(pointer, proof) for pointer, proof, _ in proofs])
    return put_back(document, [proof for _, proof, _ in proofs], options.previous)


def put_back(document: JsonObject, proofs: Sequence[JsonValue], previous: Iterable[str]) -> JsonObject:
    """`document` as a proof signs it that builds on those of `proofs` whose ids are `previous`."""
    wanted = frozenset(previous)
    if not wanted:
        return document
    matching: list[JsonValue] = [
        proof for proof in proofs if isinstance(proof, dict) and proof.get("id") in wanted
    ]
    return {**document, "proof": matching}


def check_references(options: ProofOptions, proofs: Sequence[tuple[str, JsonValue]]) -> None:
    """Raises `ProofError` (`proof_chain_broken`) unless every reference of this proof, and of those it builds on,
    names exactly one other proof of the document and none leads back."""
    if not options.previous and options.id is None:
        return
    known: dict[str, JsonValue] = {}
    for pointer, proof in proofs:
        identifier = proof.get("id") if isinstance(proof, dict) else None
        if not isinstance(identifier, str):
            continue
        if identifier in known:
            raise _broken("Two proofs have the same id.", "duplicate_proof_id", f"{pointer}/id")
        known[identifier] = proof
    for index, reference in enumerate(options.previous):
        if reference not in known:
            place = f"{options.pointer}/previousProof"
            if isinstance(options.members["previousProof"], list):
                place = f"{place}/{index}"
            raise _broken("The proof builds on a proof that is not there.", "previous_proof_missing", place)
    _check_cycles(options, known)


def _check_cycles(options: ProofOptions, known: dict[str, JsonValue]) -> None:
    """Follows the references; one that is missing further on is reported for the proof that has it."""
    pending = list(options.previous)
    seen: set[str] = set()
    while pending:
        reference = pending.pop()
        if reference == options.id:
            raise _broken(
                "The proof builds on itself.", "previous_proof_cycle", f"{options.pointer}/previousProof"
            )
        if reference in seen:
            continue
        seen.add(reference)
        proof = known.get(reference)
        further = proof.get("previousProof") if isinstance(proof, dict) else None
        pending += [
            item for item in (further if isinstance(further, list) else [further]) if isinstance(item, str)
        ]


def _broken(message: str, problem_code: str, pointer: str) -> ProofError:
    return ProofError(message, code="proof_chain_broken", problem_code=problem_code, pointer=pointer)

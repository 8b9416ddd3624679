"""What a holder shows of a credential whose issuer lets him choose (selective disclosure)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.model.documents import Form, parse_secured_document
from skillcred.securing.data_integrity.cryptosuite import Derive, ProofToDerive
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions, parse_proof, read_proofs
from skillcred.securing.data_integrity.selective_disclosure import parse_pointers
from skillcred.securing.data_integrity.suites import CRYPTOSUITES
from skillcred.securing.mechanism import SecuringError

_EVERYTHING = ("",)
"""The JSON pointer of the whole document (RFC 6901)."""
_SUITE_NAMES = frozenset(CRYPTOSUITES)


def derive_credential(
    secured: bytes,
    selective_pointers: Sequence[str],
    *,
    options: Mapping[str, JsonValue] | None = None,
    contexts: ContextStore = BUNDLED_CONTEXTS,
) -> bytes:
    """The credential `secured`, which carries a base proof, cut down to what its issuer made mandatory and what
    `selective_pointers` select, with a derived proof: UTF-8 JSON, the proof as last member.

    JSON pointers are those of the document as it was handed out. Along the way to what they select, `id` and `type`
    of every object are shown too. `options` are for the cryptosuite (for bbs-2023 e.g. `presentationHeader`).
    Other proofs of the document are left out: they do not hold for a part of it. Whether the issuer's signature
    holds is not checked here; everything else about the base proof is.

    Raises `SecuringError` (`not_a_base_proof`, `ambiguous_proof`, `base_proof_broken`, `unsupported_option`; of
    its subclass `SelectionError`: `invalid_pointer`, `too_many_pointers`, `pointer_not_found`,
    `pointer_splits_statement`, `nothing_selected`, `not_selectable`), `LinkedDataError`, `LimitError`, and for
    what cannot be parsed other `InputError`s.
    """
    parsed = parse_secured_document(secured, "application/vc")
    if parsed.form is not Form.JSON:
        raise _not_a_base_proof("A document in an envelope has no base proof.")
    derive, proof = _base_proof(parsed.document)
    document = {name: value for name, value in parsed.document.items() if name != "proof"}
    pointers = parse_pointers(selective_pointers)
    derived = derive(ProofToDerive(document, proof, pointers, contexts, dict(options or {})))
    shown: JsonObject = {
        **derived.document,
        "proof": {**proof.members, "proofValue": derived.proof_value},
    }
    return json.dumps(shown, ensure_ascii=False, indent=2).encode("utf-8")


def show_everything(secured: bytes, mechanism: str, *, contexts: ContextStore = BUNDLED_CONTEXTS) -> bytes:
    """What a verifier gets to see of a document that was just secured with `mechanism`, if its holder hides nothing:
    the document itself, unless the mechanism is one for selective disclosure. Raises as `derive_credential`."""
    suite = CRYPTOSUITES.get(mechanism)
    if suite is None or suite.derive is None:
        return secured
    return derive_credential(secured, _EVERYTHING, contexts=contexts)


def _base_proof(document: JsonObject) -> tuple[Derive, ProofOptions]:
    found: list[tuple[Derive, ProofOptions]] = []
    try:
        for pointer, candidate in read_proofs(document):
            proof = parse_proof(pointer, candidate, _SUITE_NAMES)
            derive = CRYPTOSUITES[proof.cryptosuite].derive
            if derive is not None:
                found.append((derive, proof))
    except ProofError as error:
        raise SecuringError(error.message, code="not_a_base_proof", pointer=error.pointer) from error
    if not found:
        raise _not_a_base_proof("The document carries no proof for selective disclosure.")
    if len(found) > 1:
        raise SecuringError(
            "The document carries several proofs for selective disclosure.",
            code="ambiguous_proof",
            pointer="/proof",
        )
    return found[0]


def _not_a_base_proof(message: str) -> SecuringError:
    return SecuringError(message, code="not_a_base_proof", pointer="/proof")

"""A provider that issues with selective disclosure, a holder who derives, and hands that tamper with what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from skillcred.encoding.cbor import CborValue, decode_cbor, encode_cbor
from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.identifiers import derive_document
from skillcred.keys.algorithms import Algorithm
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.model.documents import parse_secured_document
from skillcred.securing import (
    ProofFindings,
    ProofRequest,
    attach_proof,
    derive_credential,
    prepare_proof,
    verify_secured_document,
)
from worlds.pure_world import AWARDED, NOW, SoftSigner

HEADER_LENGTH = 3
ISSUER = SoftSigner(2, Algorithm.P256)
MECHANISMS = {Algorithm.P256: "ecdsa-sd-2023", Algorithm.BLS12381G2: "bbs-2023"}


def issue(
    document: Mapping[str, Any],
    pointers: Sequence[str] | None = None,
    *,
    signer: SoftSigner = ISSUER,
    created: datetime = AWARDED,
    contexts: ContextStore = BUNDLED_CONTEXTS,
) -> bytes:
    """`document` with a base proof, by the mechanism that `signer` has a key for; `pointers` are the mandatory ones."""
    algorithm = signer.public_key.algorithm
    prepared = prepare_proof(
        MECHANISMS[algorithm],
        dict(document),
        verification_method=signer.verification_method,
        algorithm=algorithm,
        created=created,
        contexts=contexts,
        options={} if pointers is None else {"mandatoryPointers": list(pointers)},
    )
    return attach_proof(prepared, signer.sign(prepared.to_be_signed))


def derive(base: bytes, *pointers: str) -> dict[str, Any]:
    """What the holder shows."""
    shown: dict[str, Any] = json.loads(derive_credential(base, pointers))
    return shown


def check(document: Mapping[str, Any] | bytes, did: str = ISSUER.did, at: datetime = NOW) -> ProofFindings:
    """What a verifier finds about the proof."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    controller = derive_document(did)
    assert controller is not None
    parsed = parse_secured_document(content, "application/vc")
    return verify_secured_document(parsed, ProofRequest("assertionMethod", at, {did: controller}))


def components_of(document: Mapping[str, Any]) -> Any:
    """The components of the proof value."""
    return decode_cbor(decode_multibase(document["proof"]["proofValue"], headers="u")[HEADER_LENGTH:])


def with_components(
    document: Mapping[str, Any], change: Callable[[Any], CborValue | bytes], header: bytes = b""
) -> dict[str, Any]:
    """The document with its components changed; `change` may also give the CBOR bytes themselves."""
    old = decode_multibase(document["proof"]["proofValue"], headers="u")
    changed = change(components_of(document))
    encoded = changed if isinstance(changed, bytes) else encode_cbor(changed)
    value = encode_multibase((header or old[:HEADER_LENGTH]) + encoded, header="u")
    return {**document, "proof": {**document["proof"], "proofValue": value}}

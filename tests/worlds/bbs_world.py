"""A provider with a BBS key, and what a verifier finds about what it issued."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from skillcred.identifiers import derive_document
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import parse_secured_document
from skillcred.securing import ProofFindings, ProofRequest, verify_secured_document
from worlds.pure_world import NOW, SoftSigner

ISSUER = SoftSigner(2, Algorithm.BLS12381G2)
"""Its DID is the one whose document the verifier has."""


def check(document: Mapping[str, Any] | bytes) -> ProofFindings:
    """What a verifier finds about the proof."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    controller = derive_document(ISSUER.did)
    assert controller is not None
    parsed = parse_secured_document(content, "application/vc")
    return verify_secured_document(parsed, ProofRequest("assertionMethod", NOW, {ISSUER.did: controller}))

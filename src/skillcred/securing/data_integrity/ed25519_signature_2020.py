"""`Ed25519Signature2020`: RDFC-1.0, SHA-256, Ed25519, base58btc (EdDSA Cryptosuites 1.0, section 3.1).

A kind of proof from before Data Integrity, with a type of its own instead of a cryptosuite. Many Open Badges have it.
It is verified and never made: who issues today uses `eddsa-rdfc-2022`, which signs the same bytes.
"""

from __future__ import annotations

from typing import Final

from skillcred.keys.public_key import Algorithm
from skillcred.securing.data_integrity.canonical_forms import canonicalise_rdfc
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.data_integrity.whole_document import WholeDocument

ED25519_SIGNATURE_2020: Final = Cryptosuite(
    name="Ed25519Signature2020",
    hash_names={Algorithm.ED25519: "sha256"},
    procedures=WholeDocument(canonicalise_rdfc, context_in_proof=False),
    proof_type="Ed25519Signature2020",
    issues=False,
)

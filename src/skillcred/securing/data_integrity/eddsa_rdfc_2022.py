"""`eddsa-rdfc-2022`: RDFC-1.0, SHA-256, Ed25519, base58btc (EdDSA Cryptosuites 1.0, section 3.2)."""

from __future__ import annotations

from typing import Final

from skillcred.keys.public_key import Algorithm
from skillcred.securing.data_integrity.canonical_forms import canonicalise_rdfc
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.data_integrity.whole_document import WholeDocument

EDDSA_RDFC_2022: Final = Cryptosuite(
    name="eddsa-rdfc-2022",
    hash_names={Algorithm.ED25519: "sha256"},
    procedures=WholeDocument(canonicalise_rdfc, context_in_proof=False),
)
